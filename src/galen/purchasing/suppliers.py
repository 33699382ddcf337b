"""Whom stock is bought from, for how much, and how this organisation orders."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, amount, check, link, ref
from galen.i18n import gettext as _
from galen.medicines import Product


class Supplier(Record):
    """Whom stock is bought from."""

    open_to = "staff"
    __table_args__ = (
        Index("supplier_name_key", text("lower(name)"), unique=True),
        check("name <> ''", "name"),
        check("lead_days >= 0", "lead_days"),
        check("minimum_order >= 0", "minimum_order"),
    )

    name: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(default="")  # the number under which the supplier knows us
    lead_days: Mapped[int | None]  # from the order to the delivery
    minimum_order: Mapped[Decimal | None] = amount()
    note: Mapped[str] = mapped_column(default="")
    archived_at: Mapped[datetime | None]


TYPED = "typed by "


def source_words(source: str) -> str:
    """Where a price comes from, in the reader's language."""
    if source.startswith(TYPED):
        return _("typed by %(name)s", name=source.removeprefix(TYPED))
    return {"price list": _("price list"), "last delivery": _("last delivery")}.get(source, source)


class SupplierPrice(Record):
    """What a supplier asks for a pack from a day on: as its list said, or as somebody wrote it down."""

    open_to = "staff"
    __table_args__ = (
        UniqueConstraint("supplier_id", "product_id", "valid_from"),
        Index("supplier_price_product_idx", "product_id", "valid_from"),
        check("price >= 0", "price"),
        check("pack_size > 0", "pack_size"),
        check("minimum_packs >= 1", "minimum_packs"),
    )

    supplier_id: Mapped[UUID] = ref("supplier", index=False)
    product_id: Mapped[UUID] = ref("product", index=False)
    valid_from: Mapped[date]
    price: Mapped[Decimal] = amount()  # of a pack of this size, in the organisation's currency, without tax
    pack_size: Mapped[Decimal]  # units in the pack that is priced
    minimum_packs: Mapped[Decimal] = mapped_column(default=Decimal(1))
    code: Mapped[str] = mapped_column(default="")  # the supplier's own
    source: Mapped[str]  # "price list", "typed by Ben Okafor"

    supplier: Mapped[Supplier] = link()
    product: Mapped[Product] = link()

    @property
    def source_said(self) -> str:
        return source_words(self.source)


class ReorderRule(Record):
    """What a person decided for one medicine at one site: from whom, and levels that hold instead of the reckoned."""

    open_to = "staff"
    __table_args__ = (
        UniqueConstraint("site_id", "product_id"),
        check("(minimum IS NULL) = (maximum IS NULL) AND minimum >= 0 AND maximum > minimum", "levels"),
    )

    site_id: Mapped[UUID] = ref("site", index=False)
    product_id: Mapped[UUID] = ref("product")
    supplier_id: Mapped[UUID | None] = ref("supplier", nullable=True)  # the usual one
    minimum: Mapped[Decimal | None]  # in units: at this or less it is ordered
    maximum: Mapped[Decimal | None]  # up to this
    never: Mapped[bool] = mapped_column(default=False)  # not ordered any more
    set_name: Mapped[str]

    supplier: Mapped[Supplier | None] = link()

    @property
    def levels(self) -> tuple[Decimal, Decimal] | None:
        """The least and the most, where somebody decided them."""
        return None if self.minimum is None or self.maximum is None else (self.minimum, self.maximum)


class PurchasingPolicy(Record):
    """How this organisation orders: one row, made when it is first changed."""

    open_to = "staff"
    __table_args__ = (
        check("one", "one"),
        check("approve_limit >= 0", "approve_limit"),
        check("review_days BETWEEN 1 AND 60 AND cover_days BETWEEN 0 AND 180", "days"),
        check("window_days BETWEEN 14 AND 365", "window_days"),
        check("service IN (90, 95, 97.5, 99, 99.5)", "service"),
    )

    one: Mapped[bool] = mapped_column(default=True, unique=True)
    four_eyes: Mapped[bool] = mapped_column(default=False)  # nobody approves what they wrote themselves
    approve_limit: Mapped[Decimal] = amount(default=Decimal(2000))  # above, or at unknown prices: `order.supervise`
    review_days: Mapped[int] = mapped_column(default=7)  # between two lists
    cover_days: Mapped[int] = mapped_column(default=14)  # that an order lasts beyond them
    window_days: Mapped[int] = mapped_column(default=90)  # of use that are looked at
    service: Mapped[Decimal] = mapped_column(default=Decimal(95))  # per cent of cycles without running out
