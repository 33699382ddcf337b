"""What people say at the till, and what they are shown."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.patients import BannerView
from galen.values.money import Money
from galen.values.money import total as sum_of

from .accounts import ChargeAccount
from .models import CreditNote, DayClose, Invoice, InvoiceStatus, Method, Payment
from .rules import in_coins

Amount = Annotated[Decimal, Field(gt=0, lt=10**12, decimal_places=4)]
Price = Annotated[Decimal, Field(ge=0, lt=10**10, decimal_places=6)]
Units = Annotated[Decimal, Field(gt=0, lt=10**9, decimal_places=6)]
Reason = Annotated[str, Field(min_length=3, max_length=300)]
TaxClass = Literal["medicine", "service", "goods"]


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """What a higher room asks the till to charge; the unit price may be finer than the smallest coin."""

    text: str
    quantity: Decimal
    unit_price: Decimal
    tax_class: str = "medicine"
    reference: tuple[str, UUID] | None = None
    discount_rate: Decimal = Decimal(0)


class InvoiceLineDraft(Draft):
    """One thing done or sold, as it is written by hand."""

    text: str = Field(min_length=2, max_length=200)
    quantity: Units = Decimal(1)
    unit_price: Price
    tax_class: TaxClass = "service"


class InCurrency(Draft):
    """Amounts come as "12.30", or as {"amount": "12.30", "currency": "AUD"}; another currency is refused."""

    currency: str = ""

    @model_validator(mode="before")
    @classmethod
    def plain_amounts(cls, said: Any) -> Any:
        if not isinstance(said, dict):
            return said
        plain, currencies = dict(said), [said.get("currency")]
        for name in ("amount", "tendered", "counted"):
            if isinstance(value := said.get(name), dict):
                plain[name] = value.get("amount")
                currencies.append(value.get("currency"))
        named = [currency for currency in currencies if currency]
        if any(currency != named[0] for currency in named):
            raise ValueError(_("Write all amounts in one currency."))
        return {**plain, **({"currency": named[0]} if named else {})}


class InvoiceDraft(InCurrency):
    """An invoice by hand."""

    patient_id: UUID | None = None
    lines: list[InvoiceLineDraft] = Field(min_length=1, max_length=200)
    discount: Annotated[Decimal, Field(ge=0, lt=10**12, decimal_places=4)] = Decimal(0)
    discount_reason: str = Field("", max_length=300)


class PaymentDraft(InCurrency):
    """What is paid now: nothing said means all that is due. Cash: what was handed over; change is worked out."""

    method: Method
    amount: Amount | None = None
    tendered: Amount | None = None
    terminal_reference: str = Field("", max_length=80)
    charge_account_id: UUID | None = None
    over_limit: str = Field("", max_length=300)  # why the account may go beyond its limit


class RefundDraft(InCurrency):
    """Money back, the way it came; no amount means all of it. Whether the charge falls, too, is always said."""

    amount: Amount | None = None
    charge: Literal["falls", "stays"] | None = None
    reason: Reason


class DiscountDraft(InCurrency):
    """A discount on the whole invoice: an amount as shown, or per cent."""

    amount: Amount | None = None
    percent: Annotated[Decimal, Field(gt=0, le=100, decimal_places=6)] | None = None
    reason: Reason

    @model_validator(mode="after")
    def one_of_them(self) -> "DiscountDraft":
        if (self.amount is None) == (self.percent is None):
            raise ValueError(_("Write either an amount or per cent."))
        return self


class VoidDraft(Draft):
    """Why an invoice is taken back."""

    reason: Reason


class CloseDraft(InCurrency):
    """The cash that was counted; a difference needs a reason."""

    counted: Annotated[Decimal, Field(ge=0, lt=10**12, decimal_places=4)]
    reason: str = Field("", max_length=300)


class MoneyView(View):
    """An amount with its currency."""

    amount: Decimal
    currency: str


class InvoiceLineView(View):
    """One line of an invoice."""

    position: int
    text: str
    quantity: Quantity
    unit_price: Quantity
    tax_class: str
    tax_rate: Quantity
    discount: MoneyView = Field(validation_alias="discount_money")
    tax: MoneyView = Field(validation_alias="tax_money")
    total: MoneyView = Field(validation_alias="total_money")


class InvoiceSummary(RecordView):
    """An invoice in a list."""

    number: str
    patient_id: UUID | None
    site_id: UUID
    status: InvoiceStatus
    currency: str
    total: MoneyView = Field(validation_alias="total_money")
    paid: MoneyView = Field(validation_alias="paid_money")
    credited: MoneyView = Field(validation_alias="credited_money")
    due: MoneyView
    made_at: datetime
    made_on: date


class InvoiceView(InvoiceSummary):
    """An invoice with its lines."""

    reference_kind: str | None
    reference_id: UUID | None
    discount: MoneyView = Field(validation_alias="discount_money")
    net: MoneyView = Field(validation_alias="net_money")
    tax: MoneyView = Field(validation_alias="tax_money")
    lines: list[InvoiceLineView]


class PaymentView(RecordView):
    """Money taken, or given back, with its receipt."""

    invoice_id: UUID | None
    charge_account_id: UUID | None
    number: str
    method: Method
    amount: MoneyView = Field(validation_alias="amount_money")
    change: MoneyView = Field(validation_alias="change_money")
    handled: MoneyView
    refund_of: UUID | None
    at: datetime
    taken_by: str


@dataclass(frozen=True, slots=True)
class MethodLine:
    """What came in by one method; the total is what changed hands."""

    method: Method
    count: int
    taken: Money
    refunded: Money
    rounding: Money
    total: Money


@dataclass(frozen=True, slots=True)
class TillView:
    """A till since it was last closed."""

    site: str
    day: date
    first_receipt: int
    last_receipt: int
    lines: list[MethodLine]
    total: Money
    cash: Money  # taken without a till open: what is counted here
    in_tills: Money  # cash that is counted where it lies, in the tills of the drawers
    closes: list[DayClose]


@dataclass(slots=True)
class AgeingLine:
    """What one patient owes, by age of the debt."""

    patient_id: UUID | None
    name: str
    buckets: dict[str, Money]

    @property
    def total(self) -> Money:
        return sum_of(self.buckets.values(), next(iter(self.buckets.values())).currency)


class Debtors(list[AgeingLine]):
    """Those who owe most, and how many owe anything."""

    people = 0


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """An invoice with all that belongs to it."""

    invoice: Invoice
    payments: list[Payment]
    credit_notes: list[CreditNote]
    tills: dict[UUID, Site]  # of the payments
    banner: BannerView | None
    just_paid: Payment | None  # a payment of the last minutes whose change is still to be handed over
    accounts: list[ChargeAccount]  # on which it may be put

    def left_of(self, payment: Payment) -> Money:
        """What of a payment has not been given back."""
        back = sum((refund.amount for refund in self.payments if refund.refund_of == payment.id), Decimal(0))
        return self.invoice.money(payment.amount + back)

    @property
    def refundable(self) -> list[tuple[Payment, Money]]:
        """Payments of which something can be given back, and how much."""
        taken = [(payment, self.left_of(payment)) for payment in self.payments if not payment.refund_of]
        return [(payment, left) for payment, left in taken if left]

    @property
    def why_void(self) -> str:
        """Why it was taken back, in a sentence."""
        if not self.credit_notes:
            return _("This invoice is void.")
        note = self.credit_notes[-1]
        return _("This invoice is void: %(reason)s (credit note %(number)s).", reason=note.reason, number=note.number)

    @property
    def coins(self) -> Money:
        """What is due, when it is paid in coins."""
        return in_coins(self.invoice.due)


@dataclass(frozen=True, slots=True)
class ChangeDue:
    """What to give back, what would be left to pay, or why it cannot be said."""

    back: Money | None
    left: Money | None
    complaint: str

    @property
    def known(self) -> bool:
        """Whether enough was written to work it out."""
        return self.back is not None


@dataclass(frozen=True, slots=True)
class CounterView:
    """Invoices that wait at the counter."""

    unpaid: list[Invoice]
    count: int


@dataclass(frozen=True, slots=True)
class PatientBills:
    """What a patient owes, and what it is made of."""

    patient_id: UUID
    invoices: list[Invoice]
    owed: Decimal
    currency: str

    @property
    def to_pay(self) -> Money | None:
        """What is owed, when something is."""
        return Money(self.owed, self.currency) if self.owed > 0 else None

    @property
    def to_give_back(self) -> Money | None:
        """What the patient has paid too much."""
        return Money(-self.owed, self.currency) if self.owed < 0 else None


class AgeingView(View):
    """What one patient owes, by age of the debt."""

    patient_id: UUID | None
    name: str
    buckets: dict[str, MoneyView]
    total: MoneyView


class CloseView(RecordView):
    """A till that was counted and closed."""

    day: date
    at: datetime
    closed_by: str
    first_receipt: int
    last_receipt: int
    totals: dict[str, Any]
    expected: Decimal
    counted: Decimal
    currency: str
    reason: str
