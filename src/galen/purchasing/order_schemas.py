"""What people say about orders, prices and bills, and what programs are told of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _

from .bills import BillStatus
from .orders import PurchaseOrderStatus, SentHow
from .schemas import Money, Version, mail_address

Packs = Annotated[Decimal, Field(ge=1, le=100_000, decimal_places=0, description="Whole packs")]


class OrderLineDraft(Draft):
    """So many packs of a medicine; without a price the supplier's list is asked."""

    product_id: UUID
    packs: Packs
    price: Money | None = Field(None, description="Of a pack, without tax")
    version: Version = None


class OrderLineChange(Draft):
    """Another number of packs, or another price."""

    packs: Packs
    price: Money | None = None
    version: Version = None


class PurchaseOrderDraft(Draft):
    """An order as it begins: from whom, for which site, and its first lines."""

    supplier_id: UUID
    site_id: UUID | None = None  # the site worked at
    wanted_on: date | None = None
    note: str = Field("", max_length=500, description="For the supplier; it stands on the order")
    lines: list[OrderLineDraft] = []
    version: Version = None


class ChosenNeed(Draft):
    """What of a proposal is ordered; no packs: not this time."""

    product_id: UUID
    packs: Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=0)] | None = None


class ChosenNeeds(Draft):
    """A supplier's part of the proposal, as somebody corrected it."""

    supplier_id: UUID
    site_id: UUID | None = None
    lines: list[ChosenNeed]


class ApprovalDraft(Draft):
    """That an order is right as one has seen it."""

    version: Version = None


class SendingDraft(Draft):
    """How an order goes out."""

    how: SentHow
    to: str = Field("", max_length=200, description="Another mail address than the supplier's")
    version: Version = None

    @field_validator("to")
    @classmethod
    def looks_like_mail(cls, to: str) -> str:
        return mail_address(to)


class EndingDraft(Draft):
    """Why nothing more comes of it."""

    reason: str = Field(min_length=3, max_length=300)


class OrderingPolicyDraft(Draft):
    """How this organisation orders."""

    four_eyes: bool = False
    approve_limit: Money = Decimal(2000)
    review_days: int = Field(7, ge=1, le=60)
    cover_days: int = Field(14, ge=0, le=180)
    window_days: int = Field(90, ge=14, le=365)
    service: Decimal = Field(Decimal(95), description="90, 95, 97.5, 99 or 99.5")
    version: Version = None

    @model_validator(mode="after")
    def known_service(self) -> "OrderingPolicyDraft":
        if self.service not in {Decimal(each) for each in ("90", "95", "97.5", "99", "99.5")}:
            raise ValueError(_("Choose 90, 95, 97.5, 99 or 99.5 per cent."))
        return self


class ReorderDraft(Draft):
    """What a person decides for a medicine at the site worked at; nothing said: it is reckoned."""

    supplier_id: UUID | None = None
    minimum: Annotated[Decimal, Field(ge=0, le=10**9)] | None = None
    maximum: Annotated[Decimal, Field(gt=0, le=10**9)] | None = None
    never: bool = False

    @model_validator(mode="after")
    def makes_sense(self) -> "ReorderDraft":
        if (self.minimum is None) != (self.maximum is None):
            raise ValueError(_("Write both levels, the least and the most, or neither."))
        if self.minimum is not None and self.maximum is not None and self.maximum <= self.minimum:
            raise ValueError(_("The most must be above the least."))
        return self


class PriceDraft(Draft):
    """A supplier's price as somebody was told it."""

    product_id: UUID
    price: Money
    pack_size: Annotated[Decimal, Field(gt=0, le=10**6)] | None = None  # as it is stocked
    minimum_packs: Packs = Decimal(1)
    valid_from: date | None = None  # today
    code: str = Field("", max_length=60)


class BillLineDraft(Draft):
    """One line of a bill; without packs it is left out."""

    product_id: UUID | None = None
    packs: Annotated[Decimal, Field(ge=0, le=100_000)] | None = None
    price: Money | None = None


class BillDraft(Draft):
    """A supplier's bill, with its lines or only its sums."""

    number: str = Field(min_length=1, max_length=60)
    day: date | None = None
    net: Money = Field(description="Before tax")
    tax: Money = Decimal(0)
    note: str = Field("", max_length=500)
    lines: list[BillLineDraft] = []

    @model_validator(mode="after")
    def whole_lines(self) -> "BillDraft":
        self.lines = [line for line in self.lines if line.packs]
        for line in self.lines:
            if line.product_id is None or line.price is None:
                raise ValueError(_("Each line needs its medicine, its packs and its price. Empty lines are left out."))
        return self


class DecisionDraft(Draft):
    """Why a bill is accepted, disputed or withdrawn."""

    reason: str = Field(min_length=3, max_length=300)
    version: Version = None


class OrderLineView(RecordView):
    position: int
    product_id: UUID
    packs: Quantity
    pack_size: Quantity
    price: Decimal | None
    price_source: str
    price_day: date | None
    code: str
    why: str
    cost: Decimal | None
    received: Quantity
    free: Quantity
    remaining: Quantity
    over: Quantity


class PurchaseOrderView(RecordView):
    number: str
    supplier_id: UUID
    site_id: UUID
    wanted_on: date | None
    note: str
    status: PurchaseOrderStatus
    made_name: str
    made_at: datetime
    approved_name: str
    approved_at: datetime | None
    sent_how: SentHow | None
    sent_to: str
    sent_at: datetime | None
    ended_because: str
    total: Decimal
    unpriced: int
    lines: list[OrderLineView]


class OrderingPolicyView(View):
    four_eyes: bool
    approve_limit: Decimal
    review_days: int
    cover_days: int
    window_days: int
    service: Quantity


class ReorderView(RecordView):
    site_id: UUID
    product_id: UUID
    supplier_id: UUID | None
    minimum: Quantity | None
    maximum: Quantity | None
    never: bool
    set_name: str


class SupplierPriceView(RecordView):
    supplier_id: UUID
    product_id: UUID
    valid_from: date
    price: Decimal
    pack_size: Quantity
    minimum_packs: Quantity
    code: str
    source: str


class BillLineView(RecordView):
    position: int
    product_id: UUID
    packs: Quantity
    price: Decimal


class SupplierBillView(RecordView):
    supplier_id: UUID
    order_id: UUID
    number: str
    day: date
    net: Decimal
    tax: Decimal
    total: Decimal
    status: BillStatus
    differences: list[dict[str, Any]]
    decided_name: str
    decided_because: str
    lines: list[BillLineView]


class NeedView(View):
    """One medicine that is to be ordered, and the arithmetic."""

    product_id: UUID
    name: str
    supplier_id: UUID | None
    supplier_name: str
    packs: Quantity
    pack_size: Quantity
    pack_price: Decimal | None
    cheaper_name: str
    cheaper_price: Decimal | None
    why: str
    basis: dict[str, Any]
