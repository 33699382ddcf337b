"""Suppliers' bills: what a supplier wants to be paid, beside what was ordered and what came."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, amount, check, link, parts, ref
from galen.core.state import State
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.medicines import Product

from .orders import PurchaseOrder
from .rules import NOTHING
from .suppliers import Supplier


class BillStatus(State):
    """A bill agrees with order and deliveries, or differs until somebody with authority accepts or disputes that."""

    AGREES = "agrees", "differs withdrawn"
    DIFFERS = "differs", "agrees accepted disputed withdrawn"
    DISPUTED = "disputed", "agrees accepted withdrawn"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"

    @property
    def word(self) -> str:
        return _(BILL_WORDS[self])

    @property
    def tone(self) -> str:
        return {"agrees": "ok", "accepted": "ok", "withdrawn": "mute"}.get(self.value, "caution")


BILL_WORDS = {
    BillStatus.AGREES: N_("Agrees"),
    BillStatus.DIFFERS: N_("Differs"),
    BillStatus.DISPUTED: N_("Disputed"),
    BillStatus.ACCEPTED: N_("Accepted as it is"),
    BillStatus.WITHDRAWN: N_("Withdrawn"),
}


class SupplierBill(Record):
    """One bill for one order. What it says never changes; a wrong copy is withdrawn and written down anew."""

    open_to, editable_in = "staff", set[BillStatus]()
    open_fields = ("differences", "matched_at", "decided_by", "decided_name", "decided_at", "decided_because")
    __table_args__ = (
        Index(
            "supplier_bill_number_key", "supplier_id", text("lower(number)"), unique=True,
            postgresql_where=text("status <> 'withdrawn'"),
        ),
        check("number <> ''", "number"),
        check("net >= 0 AND tax >= 0", "amounts"),
        check(
            "status NOT IN ('accepted', 'disputed', 'withdrawn') OR (decided_because <> '' AND decided_by IS NOT NULL)",
            "decided",
        ),
    )  # fmt: skip

    supplier_id: Mapped[UUID] = ref("supplier", index=False)
    order_id: Mapped[UUID] = ref("purchase_order")
    number: Mapped[str]  # the supplier's
    day: Mapped[date]
    net: Mapped[Decimal] = amount()  # before tax
    tax: Mapped[Decimal] = amount()
    note: Mapped[str] = mapped_column(default="")
    status: Mapped[BillStatus]
    differences: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # as last compared
    matched_at: Mapped[datetime]
    entered_by: Mapped[UUID]
    entered_name: Mapped[str]
    entered_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_because: Mapped[str] = mapped_column(default="")

    supplier: Mapped[Supplier] = link()
    order: Mapped[PurchaseOrder] = link()
    lines: Mapped[list["SupplierBillLine"]] = parts(back_populates="bill", order_by="SupplierBillLine.position")

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def undecided(self) -> bool:
        """Whether somebody has to look at it."""
        return self.status in (BillStatus.DIFFERS, BillStatus.DISPUTED)

    @property
    def differs(self) -> bool:
        return self.status is BillStatus.DIFFERS

    @property
    def withdrawable(self) -> bool:
        return self.status not in (BillStatus.ACCEPTED, BillStatus.WITHDRAWN)


class SupplierBillLine(Record):
    """So many packs of one medicine at so much a pack, as the bill says."""

    part_of, open_to = "bill", "staff"
    __table_args__ = (
        UniqueConstraint("bill_id", "position"),
        check("packs > 0", "packs"),
        check("price >= 0", "price"),
    )

    bill_id: Mapped[UUID] = ref("supplier_bill", index=False)
    position: Mapped[int]
    product_id: Mapped[UUID] = ref("product", index=False)
    packs: Mapped[Decimal]
    price: Mapped[Decimal] = amount()

    bill: Mapped[SupplierBill] = link(back_populates="lines")
    product: Mapped[Product] = link()

    @property
    def cost(self) -> Decimal:
        return (self.packs * self.price).quantize(Decimal("0.0001")) if self.packs else NOTHING
