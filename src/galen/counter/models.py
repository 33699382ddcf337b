"""Sales over the counter: a basket that is parked, paid once, and of which single things come back."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from galen.billing import Invoice
from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, amount, check, ddl, link, parts, quantity, ref
from galen.core.state import State
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.inventory import pack_words
from galen.medicines import Product
from galen.organizations import Site
from galen.patients import Patient
from galen.values.units import plain


class SaleStatus(State):
    """A basket is filled, may wait, and is paid once; what was paid is put right by returns."""

    OPEN = "open", "parked sold void"
    PARKED = "parked", "open void"
    SOLD = "sold"
    VOID = "void"

    @property
    def tone(self) -> str:
        """The colour it is shown in."""
        return {"sold": "ok", "void": "mute"}.get(self.value, "caution")

    @property
    def word(self) -> str:
        """How a list names it."""
        return _(WORDS[self])


WORDS = {
    SaleStatus.OPEN: N_("Being sold"),
    SaleStatus.PARKED: N_("Parked"),
    SaleStatus.SOLD: N_("Sold"),
    SaleStatus.VOID: N_("Void"),
}


BY_HAND = N_("by hand")
"""Where a price is from that a person wrote; what is stored is never a translation."""


class SaleClass(Enum):
    """Who may sell it without a prescription."""

    GENERAL = "general sale"
    PHARMACY = "pharmacy"
    PHARMACIST = "pharmacist only"


class Sale(Record):
    """What somebody buys at the counter in one go."""

    editable_in, open_fields = {SaleStatus.OPEN, SaleStatus.PARKED}, ("printed",)
    __table_args__ = (
        Index("sale_open_idx", "site_id", "cashier_id", unique=True, postgresql_where=text("status = 'open'")),
        Index("sale_parked_idx", "site_id", postgresql_where=text("status = 'parked'")),
        Index("sale_opened_idx", "opened_at"),
        Index("sale_document_idx", text("upper(buyer_document)"), postgresql_where=text("buyer_document <> ''")),
        check("(status = 'sold') = (invoice_id IS NOT NULL)", "sold"),
        check("(status = 'sold') = (sold_at IS NOT NULL)", "sold_at"),
        check("status <> 'void' OR ended_because <> ''", "void"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    site_id: Mapped[UUID] = ref("site", index=False)
    patient_id: Mapped[UUID | None] = ref("patient", nullable=True)  # none: somebody who is not known
    cashier_id: Mapped[UUID]
    cashier: Mapped[str]
    status: Mapped[SaleStatus] = mapped_column(default=SaleStatus.OPEN)
    opened_at: Mapped[datetime]
    parked_as: Mapped[str] = mapped_column(default="")
    buyer_name: Mapped[str] = mapped_column(default="")
    buyer_document: Mapped[str] = mapped_column(default="")  # kind and number of what was shown
    buyer_address: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[UUID | None]
    approved_name: Mapped[str] = mapped_column(default="")  # the pharmacist who saw this basket, as it is now
    approved_at: Mapped[datetime | None]
    approval_note: Mapped[str] = mapped_column(default="")
    answered: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # the warnings that the pharmacist saw
    discount: Mapped[Decimal] = amount(default=Decimal(0))  # on the whole, beside those of lines
    discount_reason: Mapped[str] = mapped_column(default="")
    ended_because: Mapped[str] = mapped_column(default="")
    invoice_id: Mapped[UUID | None] = ref("invoice", nullable=True, unique=True)
    sold_at: Mapped[datetime | None]
    printed: Mapped[int] = mapped_column(default=0)

    patient: Mapped[Patient | None] = link()
    site: Mapped[Site] = link()
    invoice: Mapped[Invoice | None] = link()
    lines: Mapped[list["SaleLine"]] = parts(back_populates="sale", order_by="SaleLine.position")

    @property
    def is_open(self) -> bool:
        return self.status is SaleStatus.OPEN

    @property
    def is_parked(self) -> bool:
        return self.status is SaleStatus.PARKED

    @property
    def is_sold(self) -> bool:
        return self.status is SaleStatus.SOLD

    @property
    def buyer(self) -> str:
        """Who buys, in a list that loaded its patients."""
        return self.patient.name if self.patient else self.buyer_name or _("At the counter")

    @property
    def what(self) -> str:
        """The first things of it, for a list."""
        first = [line.text for line in self.lines[:2]]
        return ", ".join(first) + (" …" if len(self.lines) > len(first) else "")


class SaleLine(Record):
    """So many units of one product, at the price of the catalogue or one that somebody answers for."""

    part_of, open_fields = "sale", ("returned",)
    __table_args__ = (
        UniqueConstraint("sale_id", "product_id"),
        check("quantity > 0", "quantity"),
        check("unit_price > 0", "unit_price"),
        check("price_reason = '' OR price_by <> ''", "price_by"),
        check("discount_rate BETWEEN 0 AND 1", "discount_rate"),
        check("discount_rate = 0 OR discount_reason <> ''", "discount"),
        check("returned BETWEEN 0 AND quantity", "returned"),
    )

    sale_id: Mapped[UUID] = ref("sale", index=False)
    position: Mapped[int]
    product_id: Mapped[UUID] = ref("product")
    text: Mapped[str]
    unit: Mapped[str]
    pack_size: Mapped[Decimal] = quantity()
    quantity: Mapped[Decimal] = quantity()  # in units, as stock is counted
    unit_price: Mapped[Decimal | None]  # not known: never nothing
    price_source: Mapped[str] = mapped_column(default="")  # where the price is from
    price_on: Mapped[date | None]  # and of which day
    price_reason: Mapped[str] = mapped_column(default="")
    price_by: Mapped[str] = mapped_column(default="")
    discount_rate: Mapped[Decimal] = mapped_column(default=Decimal(0))
    discount_reason: Mapped[str] = mapped_column(default="")
    tax_class: Mapped[str]
    supply: Mapped[SaleClass] = mapped_column(default=SaleClass.GENERAL)
    batch_id: Mapped[UUID | None] = ref("batch", nullable=True, index=False)  # the one in hand, where it was scanned
    limited: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # substances of which only so much is sold, in mg or units
    returned: Mapped[Decimal] = mapped_column(default=Decimal(0))

    sale: Mapped[Sale] = link(back_populates="lines")
    product: Mapped[Product] = link()

    @property
    def price_from(self) -> str:
        """Where the price is from, in the reader's language."""
        return _(self.price_source) if self.price_source else ""

    @property
    def amount(self) -> str:
        """2 packs, 1 pack and 3 tablets."""
        return pack_words(self.quantity, self.pack_size, self.unit)

    @property
    def packs(self) -> Decimal:
        """Whole packs of it."""
        return self.quantity // self.pack_size

    @property
    def pack_price(self) -> Decimal | None:
        """The price of a whole pack, when it is known."""
        return None if self.unit_price is None else (self.unit_price * self.pack_size).quantize(Decimal("0.01"))

    @property
    def percent_off(self) -> str:
        """The discount as people say it."""
        return plain(self.discount_rate * 100)

    @property
    def guarded(self) -> bool:
        """Whether a pharmacist is to be asked."""
        return self.supply is SaleClass.PHARMACIST

    @property
    def loose(self) -> Decimal:
        """What is not a whole pack."""
        return self.quantity % self.pack_size

    @property
    def left(self) -> Decimal:
        """What has not come back."""
        return self.quantity - self.returned


class Goods(Enum):
    """What becomes of a thing that came back."""

    SET_ASIDE = "set aside, to be destroyed"
    DESTROYED = "destroyed"
    SHELF = "back on the shelf"


class SaleReturn(Record):
    """So many units that came back, and what became of them; a medicine is never sold again. Never changed."""

    append_only = True
    __table_args__ = (
        check("quantity > 0", "quantity"),
        check("reason <> ''", "reason"),
        check("goods <> 'destroyed' OR witness <> ''", "witness"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    sale_id: Mapped[UUID] = ref("sale")
    patient_id: Mapped[UUID | None] = ref("patient", nullable=True)
    sale_line_id: Mapped[UUID] = ref("sale_line")
    text: Mapped[str]
    quantity: Mapped[Decimal] = quantity()
    amount: Mapped[Decimal] = amount()  # what was given back for it
    currency: Mapped[str]
    goods: Mapped[Goods]
    witness: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    batches: Mapped[list[dict[str, Any]]]  # of which it may be
    at: Mapped[datetime]
    made_by: Mapped[str]


SOLD_STAYS = (
    """
CREATE FUNCTION refuse_unpriced_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM sale_line WHERE sale_id = NEW.id AND unit_price IS NULL)
     OR NOT EXISTS (SELECT FROM sale_line WHERE sale_id = NEW.id) THEN
    RAISE EXCEPTION 'a sale has lines, and each has a price'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'sale_priced', TABLE = 'sale';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER priced AFTER INSERT OR UPDATE ON sale DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status = 'sold') EXECUTE FUNCTION refuse_unpriced_sale()
""",
)
ddl(SaleReturn, APPEND_ONLY.format(table="sale_return"))
ddl(SaleLine, *SOLD_STAYS)
