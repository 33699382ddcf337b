"""What suppliers deliver: a document of many lines that is received as a whole."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, amount, check, link, parts, ref
from galen.core.state import State
from galen.inventory import Batch, pack_words
from galen.medicines import Product
from galen.organizations import Site

from .orders import PurchaseOrder, PurchaseOrderLine
from .rules import NOTHING, LineUnits, cost_of
from .suppliers import Supplier


class DeliveryStatus(State):
    """A draft may change; what was received is corrected in the ledger of stock, never here."""

    DRAFT = "draft", "received cancelled"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Refused(Enum):
    """Why something came and is not shelved."""

    DAMAGED = "damaged"
    EXPIRED = "expired or ends too soon"
    NOT_ORDERED = "not ordered"


class PriceFor(Enum):
    """What a price is for."""

    PACK = "each pack"
    LINE = "the whole line"


class Delivery(Record):
    """What a supplier brought at one time, with the number that the supplier gave it."""

    open_to, editable_in = "staff", {DeliveryStatus.DRAFT}
    __table_args__ = (
        Index(
            "delivery_supplier_number_key", "supplier_id", text("lower(supplier_number)"), unique=True,
            postgresql_where=text("supplier_number <> '' AND status <> 'cancelled'"),
        ),
        Index("delivery_draft_idx", "site_id", postgresql_where=text("status = 'draft'")),
        Index("delivery_order_draft_key", "order_id", unique=True, postgresql_where=text("status = 'draft'")),
        Index("delivery_order_idx", "order_id", postgresql_where=text("order_id IS NOT NULL")),
        Index("delivery_day_idx", "day"),
        check("(status = 'received') = (received_by IS NOT NULL)", "received"),
        check("status <> 'cancelled' OR ended_because <> ''", "cancelled"),
    )  # fmt: skip

    number: Mapped[str] = mapped_column(unique=True)
    supplier_id: Mapped[UUID] = ref("supplier", index=False)
    supplier_number: Mapped[str] = mapped_column(default="")
    day: Mapped[date]
    site_id: Mapped[UUID] = ref("site")
    order_id: Mapped[UUID | None] = ref("purchase_order", nullable=True, index=False)  # what it was ordered with
    note: Mapped[str] = mapped_column(default="")
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.DRAFT)
    made_by: Mapped[UUID]
    made_name: Mapped[str]
    changes: Mapped[int] = mapped_column(default=0)  # of lines: each makes another version of the whole
    changed_name: Mapped[str]
    changed_at: Mapped[datetime]
    received_by: Mapped[UUID | None]
    received_name: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(default="")

    supplier: Mapped[Supplier] = link()
    site: Mapped[Site] = link()
    order: Mapped[PurchaseOrder | None] = link()
    lines: Mapped[list["DeliveryLine"]] = parts(back_populates="delivery", order_by="DeliveryLine.position")

    @property
    def draft(self) -> bool:
        return self.status is DeliveryStatus.DRAFT

    @property
    def received(self) -> bool:
        return self.status is DeliveryStatus.RECEIVED

    @property
    def cost(self) -> Decimal:
        """What all priced lines cost together."""
        return sum((line.cost or NOTHING for line in self.lines), NOTHING)

    @property
    def unpriced(self) -> int:
        """How many lines came at a cost that nobody wrote down: never taken for nothing."""
        return sum(1 for line in self.lines if line.cost is None)

    @property
    def priced(self) -> bool:
        """Whether the cost of any line is known."""
        return self.unpriced < len(self.lines)

    @property
    def differs(self) -> int:
        """How many lines are not as the note says, or came and are not shelved."""
        return sum(1 for line in self.lines if line.came.short or line.came.over or line.refused)


class DeliveryLine(Record):
    """One batch of a delivery: what the note says, what came, and what of it is shelved."""

    part_of, open_to = "delivery", "staff"
    __table_args__ = (
        UniqueConstraint("delivery_id", "position"),
        check("packs >= 0 AND units >= 0 AND free_packs >= 0", "quantities"),
        check("noted_packs >= 0 AND noted_units >= 0", "noted"),
        check("pack_size > 0", "pack_size"),
        check("refused >= 0 AND refused <= (packs + free_packs) * pack_size + units", "refused_units"),
        check("(refused > 0) = (refused_because IS NOT NULL)", "refused_because"),
        check("price >= 0", "price"),
        check("(batch_id IS NULL) = (movement_id IS NULL)", "booked"),
    )

    delivery_id: Mapped[UUID] = ref("delivery", index=False)
    position: Mapped[int]
    product_id: Mapped[UUID] = ref("product")
    order_line_id: Mapped[UUID | None] = ref("purchase_order_line", nullable=True)
    number: Mapped[str] = mapped_column(default="")  # of the batch
    expires: Mapped[date | None]
    maker: Mapped[str] = mapped_column(default="")
    gtin: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    pack_size: Mapped[Decimal]  # when the line was written
    noted_packs: Mapped[Decimal | None]
    noted_units: Mapped[Decimal | None]
    packs: Mapped[Decimal] = mapped_column(default=NOTHING)  # that are paid for
    units: Mapped[Decimal] = mapped_column(default=NOTHING)
    free_packs: Mapped[Decimal] = mapped_column(default=NOTHING)
    refused: Mapped[Decimal] = mapped_column(default=NOTHING)  # in units
    refused_because: Mapped[Refused | None]
    price: Mapped[Decimal | None] = amount()
    priced: Mapped[PriceFor] = mapped_column(default=PriceFor.PACK)
    last_cost: Mapped[Decimal | None] = amount()  # of a pack before this delivery, kept when it was received
    batch_id: Mapped[UUID | None] = ref("batch", nullable=True)
    level_id: Mapped[UUID | None] = ref("stock_level", nullable=True, index=False)
    movement_id: Mapped[UUID | None] = ref("movement", nullable=True, index=False)

    delivery: Mapped[Delivery] = link(back_populates="lines")
    product: Mapped[Product] = link()
    batch: Mapped[Batch | None] = link()
    order_line: Mapped[PurchaseOrderLine | None] = link()

    @property
    def came(self) -> LineUnits:
        """The same in units."""
        noted = None
        if self.noted_packs is not None or self.noted_units is not None:
            noted = (self.noted_packs or NOTHING) * self.pack_size + (self.noted_units or NOTHING)
        paid = self.packs * self.pack_size + self.units
        return LineUnits(paid, self.free_packs * self.pack_size, self.refused, noted)

    @property
    def cost(self) -> Decimal | None:
        """Of what came and is paid for; free goods alone cost nothing, a price that nobody wrote is not known."""
        if self.price is None:
            return None if self.came.paid else NOTHING
        if self.priced is PriceFor.LINE:
            return self.price
        return cost_of(self.price, self.packs, self.units, self.pack_size)

    @property
    def pack_cost(self) -> Decimal | None:
        """Of a shelved pack, free goods included."""
        if self.cost is None or self.came.shelved <= 0:
            return None
        return (self.came.shelf_cost(self.cost) * self.pack_size / self.came.shelved).quantize(Decimal("0.0001"))

    @property
    def shelved_words(self) -> str:
        return self.words(self.came.shelved)

    def words(self, quantity: Decimal) -> str:
        """So many units as a person counts them."""
        return pack_words(quantity, self.pack_size, self.product.unit)
