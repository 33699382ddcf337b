"""What is said at the counter, and what is shown there."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from galen.billing import ChargeAccount, Invoice, Method, MoneyView, Payment
from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _
from galen.patients import BannerView
from galen.safety import Alert
from galen.values.money import Money
from galen.values.units import plain

from .models import Goods, Sale, SaleClass, SaleReturn, SaleStatus

Count = Annotated[Decimal, Field(ge=0, lt=100_000, decimal_places=6)]
Cash = Annotated[Decimal, Field(gt=0, lt=10**9, decimal_places=4)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)]
Reason = Annotated[str, Field(min_length=3, max_length=300)]


class SaleScanDraft(Draft):
    """What the scanner read."""

    code: str = Field(min_length=1, max_length=300)


class ItemDraft(Draft):
    """So much of a product, in packs, loose units, or both."""

    product_id: UUID
    packs: Count = Decimal(0)
    units: Count = Decimal(0)


class QuantityDraft(Draft):
    """How much of a line there is now."""

    packs: Count = Decimal(0)
    units: Count = Decimal(0)

    @model_validator(mode="after")
    def something(self) -> "QuantityDraft":
        if not self.packs and not self.units:
            raise ValueError(_("Write how many packs or loose units, or take the line away."))
        return self


class SalePriceDraft(Draft):
    """The price of a whole pack, and why it is this."""

    price: Annotated[Decimal, Field(gt=0, lt=1_000_000, decimal_places=4)]
    reason: Reason


class LineDiscountDraft(Draft):
    """Per cent off a line; 0 takes the discount away."""

    percent: Percent
    reason: str = Field("", max_length=300)


class SaleDiscountDraft(Draft):
    """An amount off the whole sale; 0 takes it away."""

    amount: Annotated[Decimal, Field(ge=0, lt=10**9, decimal_places=4)]
    reason: str = Field("", max_length=300)


class BuyerDraft(Draft):
    """Who buys: a patient, or what was told and shown."""

    patient_id: UUID | None = None
    buyer_name: str = Field("", max_length=120)
    buyer_document: str = Field("", max_length=120)
    buyer_address: str = Field("", max_length=300)


class SaleApprovalDraft(Draft):
    """A pharmacist has seen this basket; with warnings, why it may be sold all the same."""

    note: str = Field("", max_length=500)


class ParkDraft(Draft):
    """Under which word it waits."""

    parked_as: str = Field("", max_length=80)


class VoidSaleDraft(Draft):
    """Why nothing is sold."""

    reason: Reason


class TenderDraft(Draft):
    """One way of paying: no amount means all that is left."""

    method: Method
    amount: Cash | None = None
    tendered: Cash | None = None  # the notes and coins handed over
    terminal_reference: str = Field("", max_length=80)
    charge_account_id: UUID | None = None
    over_limit: str = Field("", max_length=300)


class TendersDraft(Draft):
    """How a sale is paid, all of it: cards and accounts first, coins last."""

    tenders: list[TenderDraft] = Field(min_length=1, max_length=8)


class SaleReturnDraft(Draft):
    """What came back, in units, why, and what becomes of it."""

    line_id: UUID
    quantity: Annotated[Decimal, Field(gt=0, lt=100_000, decimal_places=6)]
    goods: Goods = Goods.SET_ASIDE
    witness: str = Field("", max_length=120)
    reason: Reason


class ReceiptMailDraft(Draft):
    """Where the receipt is sent; nothing said means the patient's address."""

    to: Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None


class SaleLineView(View):
    """One line of a sale."""

    id: UUID
    position: int
    product_id: UUID
    text: str
    quantity: Quantity
    unit: str
    unit_price: Quantity | None
    price_source: str
    price_on: date | None
    price_reason: str
    price_by: str
    discount_rate: Quantity
    discount_reason: str
    supply: SaleClass
    returned: Quantity


class SaleSummary(RecordView):
    """A sale in a list."""

    number: str
    status: SaleStatus
    patient_id: UUID | None
    buyer_name: str
    cashier: str
    opened_at: datetime
    sold_at: datetime | None
    invoice_id: UUID | None
    parked_as: str


class SaleView(SaleSummary):
    """A sale with its lines."""

    buyer_document: str
    buyer_address: str
    approved_name: str
    approval_note: str
    discount: Decimal
    discount_reason: str
    lines: list[SaleLineView]


class BasketView(View):
    """A sale as it stands: its sums, and what is still missing before it can be paid."""

    sale: SaleView | None
    total: MoneyView
    tax: MoneyView
    coins: MoneyView
    missing: list[str]


class ReturnView(RecordView):
    """What came back."""

    number: str
    sale_id: UUID
    quantity: Quantity
    amount: Decimal
    currency: str
    goods: Goods
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a scan told, in words, with a sound."""

    words: str
    right: bool
    of: str  # which scan
    at: str = ""  # the element that it is about

    @property
    def sound(self) -> Literal["right", "wrong"]:
        return "right" if self.right else "wrong"


@dataclass(frozen=True, slots=True)
class SaleDone:
    """A sale that has just been paid."""

    sale: Sale
    payments: list[Payment]
    change: Money

    @property
    def paid(self) -> Money:
        return sum((payment.handled for payment in self.payments), Money.zero(self.change.currency))


@dataclass(slots=True)
class Basket:
    """The counter: the sale in hand, what it comes to, what is missing, and what else waits."""

    sale: Sale | None
    totals: dict[UUID, Money]  # of each line
    total: Money
    tax: Money
    discount: Money
    coins: Money
    missing: list[str] = field(default_factory=list)
    pharmacist: bool = False  # a pharmacist is to look at it
    unseen: bool = False  # and has not yet
    asks: set[str] = field(default_factory=set)  # of the buyer: name, document, address
    alerts: list[Alert] = field(default_factory=list)
    banner: BannerView | None = None
    accounts: list[ChargeAccount] = field(default_factory=list)
    parked: list[Sale] = field(default_factory=list)
    heard: Heard | None = None
    done: SaleDone | None = None

    @property
    def payable(self) -> bool:
        """Whether money may be taken for it."""
        return self.sale is not None and bool(self.sale.lines) and self.sale.is_open and not self.missing


@dataclass(frozen=True, slots=True)
class SalePage:
    """A sale that was ended, with its money and what came back."""

    sale: Sale
    invoice: Invoice | None
    payments: list[Payment]
    returns: list[SaleReturn]
    banner: BannerView | None
    email: str

    @property
    def left_of(self) -> list[tuple[str, str]]:
        """What can still come back, to choose from."""
        return [(str(line.id), f"{line.text}: {plain(line.left)}") for line in self.sale.lines if line.left]

    @property
    def returnable(self) -> bool:
        """Whether something of it can still come back."""
        return self.sale.is_sold and any(line.left for line in self.sale.lines)
