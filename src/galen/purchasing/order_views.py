"""What the pages of orders, prices and bills are given to show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from galen.core.context import SiteInfo
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.i18n import label

from .bills import BillStatus, SupplierBill
from .matching import DifferenceKind
from .models import Delivery
from .orders import PurchaseOrder, PurchaseOrderStatus
from .suppliers import PurchasingPolicy, Supplier, SupplierPrice


@dataclass(frozen=True, slots=True)
class OrderList:
    """Orders, and whose."""

    slice: Slice[PurchaseOrder]
    supplier: Supplier | None

    @property
    def states(self) -> list[tuple[str, str]]:
        return [("open", _("All that is not ended")), *((state.value, state.word) for state in PurchaseOrderStatus)]


@dataclass(frozen=True, slots=True)
class OrderForm:
    """The head of an order, to be filled in."""

    places: list[SiteInfo]
    here: UUID | None
    order: PurchaseOrder | None
    supplier: Supplier | None

    @property
    def options(self) -> list[tuple[str, str]]:
        return [(str(place.id), place.name) for place in self.places]

    @property
    def site_id(self) -> str:
        """For which site, as far as it is known."""
        known = {place.id for place in self.places}
        only = next(iter(known)) if len(known) == 1 else None
        return str(self.here if self.here in known else only or "")


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One order with what belongs to it, seen by somebody."""

    order: PurchaseOrder
    deliveries: list[Delivery]
    bills: list[SupplierBill]
    policy: PurchasingPolicy
    own: bool
    supervisor: bool

    @property
    def needs_another(self) -> bool:
        """Whether the reader may not approve it, as they wrote it themselves."""
        return self.order.draft and self.policy.four_eyes and self.own

    @property
    def beyond_limit(self) -> bool:
        """Whether it is for somebody with more authority than the reader."""
        large = bool(self.order.unpriced) or self.order.total > self.policy.approve_limit
        return self.order.draft and large and not self.supervisor

    @property
    def approvable(self) -> bool:
        return self.order.draft and bool(self.order.lines) and not self.needs_another and not self.beyond_limit

    @property
    def begun(self) -> Delivery | None:
        """The delivery that is being unpacked."""
        return next((delivery for delivery in self.deliveries if delivery.draft), None)

    @property
    def arrived(self) -> bool:
        """Whether anything came of it."""
        return any(line.received or line.free for line in self.order.lines)


@dataclass(frozen=True, slots=True)
class PriceList:
    """What one supplier asks."""

    supplier: Supplier
    slice: Slice[SupplierPrice]
    today: date


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One difference of a bill, in words."""

    kind: DifferenceKind
    medicine: str
    expected: Decimal | None
    billed: Decimal | None
    worth: Decimal | None

    @property
    def words(self) -> str:
        return label(self.kind)

    @property
    def in_money(self) -> bool:
        """Whether what is compared is money, and no packs."""
        packs = (DifferenceKind.TOO_MANY, DifferenceKind.MISSING, DifferenceKind.NOT_ORDERED)
        return self.kind not in packs

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "DifferenceRow":
        def number(name: str) -> Decimal | None:
            return None if kept[name] is None else Decimal(kept[name])

        return cls(
            DifferenceKind(kept["kind"]), kept["medicine"], number("expected"), number("billed"), number("worth")
        )


@dataclass(frozen=True, slots=True)
class BillPage:
    """A bill beside its order."""

    bill: SupplierBill

    @property
    def rows(self) -> list[DifferenceRow]:
        return [DifferenceRow.of(kept) for kept in self.bill.differences]

    @property
    def worth(self) -> Decimal:
        """What all differences that can be counted in money make, to our cost."""
        sums = (DifferenceKind.SUM, DifferenceKind.TOTAL)
        parts = [row.worth for row in self.rows if row.worth is not None and row.kind not in sums]
        only = [row.worth for row in self.rows if row.worth is not None]
        return sum(parts or only, Decimal(0))


@dataclass(frozen=True, slots=True)
class BillList:
    """Bills, and those that wait for somebody."""

    slice: Slice[SupplierBill]

    @property
    def states(self) -> list[tuple[str, str]]:
        return [("undecided", _("To be decided")), *((state.value, state.word) for state in BillStatus)]


@dataclass(frozen=True, slots=True)
class BillForm:
    """A bill to be written down beside its order."""

    order: PurchaseOrder
    today: date
