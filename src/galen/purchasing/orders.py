"""Purchase orders: what is asked of a supplier, from the draft to the last pack."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, amount, check, link, parts, ref
from galen.core.state import State
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.inventory import pack_words
from galen.medicines import Product
from galen.organizations import Site

from .reorder import reason_words
from .rules import NOTHING, cost_of
from .suppliers import Supplier, source_words


class PurchaseOrderStatus(State):
    """Written, approved by somebody who may, sent once, received in parts, closed."""

    DRAFT = "draft", "approved cancelled"
    APPROVED = "approved", "draft sent partly received cancelled"
    SENT = "sent", "partly received closed cancelled"
    PARTLY = "partly", "received closed"
    RECEIVED = "received", "closed"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def word(self) -> str:
        return _(STATUS_WORDS[self])

    @property
    def tone(self) -> str:
        """What waits for a person asks for caution, what has ended for nothing."""
        tones = {"draft": "caution", "approved": "caution", "received": "ok", "sent": "info", "partly": "info"}
        return tones.get(self.value, "mute")


STATUS_WORDS = {
    PurchaseOrderStatus.DRAFT: N_("Draft"),
    PurchaseOrderStatus.APPROVED: N_("Approved, not sent"),
    PurchaseOrderStatus.SENT: N_("Sent"),
    PurchaseOrderStatus.PARTLY: N_("Partly received"),
    PurchaseOrderStatus.RECEIVED: N_("Received"),
    PurchaseOrderStatus.CLOSED: N_("Closed"),
    PurchaseOrderStatus.CANCELLED: N_("Cancelled"),
}
RECEIVABLE = (PurchaseOrderStatus.APPROVED, PurchaseOrderStatus.SENT, PurchaseOrderStatus.PARTLY)
"""An order that was telephoned may arrive before anybody marked it as sent."""
OPEN = (PurchaseOrderStatus.DRAFT, *RECEIVABLE)


class SentHow(Enum):
    MAIL = "by mail"
    HAND = "by hand"  # printed, telephoned, typed into the supplier's own page


class PurchaseOrder(Record):
    """What is asked of one supplier for one site."""

    open_to, editable_in = "staff", {PurchaseOrderStatus.DRAFT}
    open_fields = (
        "changes", "changed_name", "changed_at", "approved_by", "approved_name", "approved_at", "four_eyes", "sent_how",
        "sent_to", "sent_name", "sent_at", "ended_because", "ended_name", "ended_at",
    )  # fmt: skip
    __table_args__ = (
        Index("purchase_order_open_idx", "site_id", postgresql_where=text("status NOT IN ('closed', 'cancelled')")),
        Index("purchase_order_supplier_idx", "supplier_id"),
        Index("purchase_order_list_key", "site_id", "supplier_id", "list_day", unique=True,
              postgresql_where=text("list_day IS NOT NULL")),
        check("status IN ('draft', 'cancelled') OR approved_by IS NOT NULL", "approved"),
        check("NOT four_eyes OR approved_by IS NULL OR approved_by <> made_by", "four_eyes"),
        check("(sent_at IS NULL) = (sent_how IS NULL) AND (status <> 'sent' OR sent_at IS NOT NULL)", "sent"),
        check("status NOT IN ('closed', 'cancelled') OR ended_because <> ''", "ended"),
    )  # fmt: skip

    number: Mapped[str] = mapped_column(unique=True)
    supplier_id: Mapped[UUID] = ref("supplier", index=False)
    site_id: Mapped[UUID] = ref("site", index=False)
    wanted_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")  # for the supplier
    status: Mapped[PurchaseOrderStatus] = mapped_column(default=PurchaseOrderStatus.DRAFT)
    list_day: Mapped[date | None]  # of the weekly list that wrote it
    made_by: Mapped[UUID]
    made_name: Mapped[str]
    made_at: Mapped[datetime]
    changes: Mapped[int] = mapped_column(default=0)  # of lines: each makes another version of the whole
    changed_name: Mapped[str]
    changed_at: Mapped[datetime]
    four_eyes: Mapped[bool] = mapped_column(default=False)  # that somebody else had to approve it
    approved_by: Mapped[UUID | None]
    approved_name: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    sent_how: Mapped[SentHow | None]
    sent_to: Mapped[str] = mapped_column(default="")
    sent_name: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(default="")
    ended_name: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]

    supplier: Mapped[Supplier] = link()
    site: Mapped[Site] = link()
    lines: Mapped[list["PurchaseOrderLine"]] = parts(back_populates="order", order_by="PurchaseOrderLine.position")

    @property
    def draft(self) -> bool:
        return self.status is PurchaseOrderStatus.DRAFT

    @property
    def approved(self) -> bool:
        """Approved and not yet sent."""
        return self.status is PurchaseOrderStatus.APPROVED

    @property
    def receivable(self) -> bool:
        return self.status in RECEIVABLE

    @property
    def cancellable(self) -> bool:
        return self.status in (PurchaseOrderStatus.DRAFT, PurchaseOrderStatus.APPROVED, PurchaseOrderStatus.SENT)

    @property
    def closable(self) -> bool:
        return self.status in (PurchaseOrderStatus.SENT, PurchaseOrderStatus.PARTLY, PurchaseOrderStatus.RECEIVED)

    @property
    def billable(self) -> bool:
        """Whether a bill for it is to be expected."""
        return self.status not in (PurchaseOrderStatus.DRAFT, PurchaseOrderStatus.CANCELLED)

    @property
    def total(self) -> Decimal:
        """What all priced lines cost together, without tax."""
        return sum((line.cost or NOTHING for line in self.lines), NOTHING)

    @property
    def unpriced(self) -> int:
        """How many lines are ordered at a price that nobody knows: never taken for nothing."""
        return sum(1 for line in self.lines if line.price is None)

    @property
    def priced(self) -> bool:
        return self.unpriced < len(self.lines)

    @property
    def short_of_minimum(self) -> Decimal:
        """How much is missing to the least that this supplier takes an order for."""
        least = self.supplier.minimum_order
        return max(NOTHING, least - self.total) if least and not self.unpriced else NOTHING


class PurchaseOrderLine(Record):
    """So many packs of one medicine, and what of them has come."""

    part_of, open_to, open_fields = "order", "staff", ("received", "free")
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        UniqueConstraint("order_id", "product_id"),
        check("packs > 0 AND packs = trunc(packs)", "packs"),
        check("pack_size > 0", "pack_size"),
        check("price >= 0", "price"),
        check("received >= 0 AND free >= 0", "received"),
    )

    order_id: Mapped[UUID] = ref("purchase_order", index=False)
    position: Mapped[int]
    product_id: Mapped[UUID] = ref("product")
    packs: Mapped[Decimal]
    pack_size: Mapped[Decimal]  # when the line was written
    price: Mapped[Decimal | None] = amount()  # of a pack
    price_source: Mapped[str] = mapped_column(default="")
    price_day: Mapped[date | None]
    code: Mapped[str] = mapped_column(default="")  # the supplier's own
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the figures by which it was proposed
    received: Mapped[Decimal] = mapped_column(default=NOTHING)  # units that came, were good, and are paid for
    free: Mapped[Decimal] = mapped_column(default=NOTHING)  # units that came for nothing

    order: Mapped[PurchaseOrder] = link(back_populates="lines")
    product: Mapped[Product] = link()

    @property
    def units(self) -> Decimal:
        return self.packs * self.pack_size

    @property
    def remaining(self) -> Decimal:
        """Units still to come."""
        return max(NOTHING, self.units - self.received)

    @property
    def over(self) -> Decimal:
        """Units that came and nobody ordered."""
        return max(NOTHING, self.received - self.units)

    @property
    def cost(self) -> Decimal | None:
        return None if self.price is None else cost_of(self.price, self.packs, NOTHING, self.pack_size)

    @property
    def price_said(self) -> str:
        """Where its price comes from."""
        return source_words(self.price_source)

    @property
    def why(self) -> str:
        """The arithmetic of the proposal, in words; nothing where a person wrote the line."""
        return reason_words(self.basis, self.product.unit) if self.basis else ""

    def words(self, quantity: Decimal) -> str:
        """So many units as a person counts them."""
        return pack_words(quantity, self.pack_size, self.product.unit)
