"""Invoices, payments and the books beneath them."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, check, ddl, link, parts, ref
from galen.core.record import amount as money_column
from galen.core.state import State
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.patients import Patient
from galen.values.money import Money

from .ledger_rules import BALANCED, REFUND_WITHIN_PAYMENT


class InvoiceStatus(State):
    """How far an invoice is paid; a void one is never opened again."""

    OPEN = "open", "part_paid paid void"
    PART_PAID = "part_paid", "part_paid open paid void"
    PAID = "paid", "open part_paid void"
    VOID = "void"

    @property
    def tone(self) -> str:
        """The colour it is shown in."""
        return TONES[self]

    @property
    def word(self) -> str:
        """How a list of invoices names it."""
        return _(WORDS[self])


UNPAID = (InvoiceStatus.OPEN, InvoiceStatus.PART_PAID)
TONES = {**dict.fromkeys(UNPAID, "caution"), InvoiceStatus.PAID: "ok", InvoiceStatus.VOID: "mute"}
WORDS = {
    InvoiceStatus.OPEN: N_("To be paid"),
    InvoiceStatus.PART_PAID: N_("Part paid"),
    InvoiceStatus.PAID: N_("Paid"),
    InvoiceStatus.VOID: N_("Void"),
}


class Invoice(Record):
    """What a patient owes for what was done or supplied. Numbered without gaps at its site; a mistake is voided."""

    __table_args__ = (
        UniqueConstraint("site_id", "serial"),
        Index("invoice_reference_idx", "reference_id"),
        Index(
            "invoice_charged_once_idx",
            "reference_id",
            "reference_kind",
            unique=True,
            postgresql_where=text("status <> 'void'"),
        ),
        Index("invoice_status_idx", "status", "made_at"),
        check("total = net + tax", "total"),
        check("net >= 0 AND tax >= 0 AND discount >= 0", "amounts"),
        check("paid BETWEEN 0 AND total", "paid"),
        check("credited BETWEEN 0 AND total", "credited"),
        check("paid + credited <= total OR status = 'void'", "settled"),
    )

    patient_id: Mapped[UUID | None] = ref("patient", nullable=True)  # none: somebody at the counter
    site_id: Mapped[UUID] = ref("site", index=False)
    serial: Mapped[int] = mapped_column(index=True)
    number: Mapped[str] = mapped_column(index=True)
    reference_kind: Mapped[str | None]  # what it is for: "visit", "dispensing"
    reference_id: Mapped[UUID | None]
    currency: Mapped[str]
    discount: Mapped[Decimal] = money_column(default=Decimal(0))  # taken off the lines, as shown
    discount_reason: Mapped[str] = mapped_column(default="")
    net: Mapped[Decimal] = money_column()
    tax: Mapped[Decimal] = money_column()
    total: Mapped[Decimal] = money_column()
    paid: Mapped[Decimal] = money_column(default=Decimal(0))  # less what was refunded
    credited: Mapped[Decimal] = money_column(default=Decimal(0))  # what the charge has fallen by, in credit notes
    status: Mapped[InvoiceStatus] = mapped_column(default=InvoiceStatus.OPEN)
    made_at: Mapped[datetime]
    made_on: Mapped[date]  # the site's local day
    made_by: Mapped[str]

    patient: Mapped[Patient | None] = link()
    site: Mapped[Site] = link()
    lines: Mapped[list["InvoiceLine"]] = parts(back_populates="invoice", order_by="InvoiceLine.position")

    editable_in = {InvoiceStatus.OPEN}
    open_fields = ("paid", "credited")

    @property
    def due(self) -> Money:
        """What is still to be paid; below nothing when money is to be given back."""
        return self.money(self.total - self.credited - self.paid)

    @property
    def payable(self) -> bool:
        """Whether money may be taken for it."""
        return self.status in UNPAID

    @property
    def is_void(self) -> bool:
        return self.status is InvoiceStatus.VOID

    @property
    def discountable(self) -> bool:
        """Whether something may be taken off: nothing has been paid or credited yet."""
        return self.status is InvoiceStatus.OPEN and not self.credited

    @property
    def voidable(self) -> bool:
        """Whether it may be taken back: no money lies in it."""
        return not self.is_void and not self.paid

    @property
    def payer(self) -> str:
        """Whose invoice it is, in a list that loaded its patients."""
        return self.patient.name if self.patient else _("At the counter")

    @property
    def net_money(self) -> Money:
        return self.money(self.net)

    @property
    def tax_money(self) -> Money:
        return self.money(self.tax)

    @property
    def total_money(self) -> Money:
        return self.money(self.total)

    @property
    def paid_money(self) -> Money:
        return self.money(self.paid)

    @property
    def credited_money(self) -> Money:
        return self.money(self.credited)

    @property
    def stands(self) -> InvoiceStatus:
        """Where it stands by what was charged, credited and paid; a charge that has fallen to nothing is void."""
        if self.is_void or (self.credited and self.credited == self.total):
            return InvoiceStatus.VOID
        if not self.due:
            return InvoiceStatus.PAID
        return InvoiceStatus.PART_PAID if self.paid else InvoiceStatus.OPEN

    @property
    def discount_money(self) -> Money:
        return self.money(self.discount)

    def money(self, amount: Decimal) -> Money:
        """An amount in the invoice's currency."""
        return Money(amount, self.currency)


class InvoiceLine(Record):
    """One thing that was done or sold, with the tax rate of its day."""

    __table_args__ = (check("quantity > 0", "quantity"), check("total = net + tax", "total"))

    invoice_id: Mapped[UUID] = ref("invoice")
    position: Mapped[int]
    text: Mapped[str]
    quantity: Mapped[Decimal]
    unit_price: Mapped[Decimal] = mapped_column()
    tax_class: Mapped[str]
    tax_rate: Mapped[Decimal]
    discount: Mapped[Decimal] = money_column(default=Decimal(0))
    net: Mapped[Decimal] = money_column()
    tax: Mapped[Decimal] = money_column()
    total: Mapped[Decimal] = money_column()
    reference_kind: Mapped[str | None]
    reference_id: Mapped[UUID | None]

    invoice: Mapped[Invoice] = link(back_populates="lines")
    part_of = "invoice"

    @property
    def each(self) -> Money | None:
        """The unit price as money, unless it is finer than the smallest coin."""
        price = Money.rounded(self.unit_price, self.invoice.currency)
        return price if price.amount == self.unit_price else None

    @property
    def total_money(self) -> Money:
        return self.invoice.money(self.total)

    @property
    def tax_money(self) -> Money:
        return self.invoice.money(self.tax)

    @property
    def discount_money(self) -> Money:
        return self.invoice.money(self.discount)


class Method(Enum):
    """How money changes hands."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    INSURANCE = "insurance"
    VOUCHER = "voucher"
    ACCOUNT = "account"  # put on a charge account, paid later


class Payment(Record):
    """Money taken for an invoice or a charge account, or given back (below nothing, `refund_of`). Never changed."""

    append_only = True
    __table_args__ = (
        UniqueConstraint("site_id", "serial"),
        check("(refund_of IS NULL AND amount > 0) OR (refund_of IS NOT NULL AND amount < 0)", "amount"),
        check("method = 'cash' OR (rounding = 0 AND change = 0)", "coins"),
        check("change >= 0", "change"),
        check("invoice_id IS NOT NULL OR charge_account_id IS NOT NULL", "settles"),
        check("method <> 'account' OR (invoice_id IS NOT NULL AND charge_account_id IS NOT NULL)", "account"),
        check("method <> 'cash' OR refund_of IS NOT NULL OR tendered = amount + rounding + change", "tendered"),
    )

    invoice_id: Mapped[UUID | None] = ref("invoice", nullable=True)  # none: paid against a charge account
    charge_account_id: Mapped[UUID | None] = ref("charge_account", nullable=True)
    over_limit: Mapped[str] = mapped_column(default="")  # why the account went beyond its limit, by authority
    patient_id: Mapped[UUID | None] = ref("patient", nullable=True)
    site_id: Mapped[UUID] = ref("site", index=False)
    serial: Mapped[int]
    number: Mapped[str]  # of the receipt
    method: Mapped[Method]
    amount: Mapped[Decimal] = money_column()  # what it settles of the invoice
    rounding: Mapped[Decimal] = money_column(default=Decimal(0))  # to the nearest coin, cash only
    tendered: Mapped[Decimal | None] = money_column()
    change: Mapped[Decimal] = money_column(default=Decimal(0))
    currency: Mapped[str]
    terminal_reference: Mapped[str] = mapped_column(default="")
    refund_of: Mapped[UUID | None] = ref("payment", nullable=True)
    till_session_id: Mapped[UUID | None] = ref("till_session", nullable=True)  # none: counted when the day is closed
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    day: Mapped[date]  # the site's local day
    taken_by: Mapped[str]

    @property
    def amount_money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def change_money(self) -> Money:
        return Money(self.change, self.currency)

    @property
    def how(self) -> str:
        """The method as a list names it; money given back is called a refund."""
        method = label(self.method).capitalize()
        return _("Refund, %(method)s", method=method) if self.refund_of else method

    @property
    def handled(self) -> Money:
        """What changed hands: the amount, rounded when in coins."""
        return Money(self.amount + self.rounding, self.currency)


class CreditNote(Record):
    """Takes an invoice back, as a whole or in part, tax in the same way it was charged."""

    append_only = True
    __table_args__ = (UniqueConstraint("site_id", "serial"),)

    invoice_id: Mapped[UUID] = ref("invoice")
    patient_id: Mapped[UUID | None] = ref("patient", nullable=True)
    site_id: Mapped[UUID] = ref("site", index=False)
    serial: Mapped[int]
    number: Mapped[str]
    net: Mapped[Decimal] = money_column()
    tax: Mapped[Decimal] = money_column()
    total: Mapped[Decimal] = money_column()
    currency: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    made_by: Mapped[str]

    @property
    def taken_back(self) -> Money:
        """What the charge has fallen by."""
        return Money(-self.total, self.currency)


class LedgerAccount(Enum):
    """The accounts of the books; a debit is above nothing, a credit below."""

    RECEIVABLE = "receivable"
    CASH = "cash"
    CARD = "card clearing"
    BANK = "bank"
    INSURANCE = "insurance receivable"
    VOUCHERS = "vouchers"
    ACCOUNTS = "charge accounts"
    SERVICES = "revenue services"
    GOODS = "revenue goods"
    TAX = "tax payable"
    ROUNDING = "rounding"
    DISCOUNTS = "discounts"
    SAFE = "cash in safe"  # cash that is in no open till
    SUNDRY = "paid in and out"
    OVER_SHORT = "cash over and short"


class Transaction(Record):
    """One entry in the books: its postings sum to nothing, which the database checks at commit. Never changed."""

    append_only, open_to = True, "staff"
    __table_args__ = (Index("transaction_day_idx", "site_id", "day"),)

    site_id: Mapped[UUID] = ref("site", index=False)
    invoice_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("invoice.id", deferrable=True, initially="DEFERRED"), index=True
    )
    till_session_id: Mapped[UUID | None] = ref("till_session", nullable=True)
    kind: Mapped[str]  # invoice, discount, credit, payment, refund; float, paid in, paid out, close
    reference_id: Mapped[UUID]  # the invoice, payment, credit note, till or close behind it
    day: Mapped[date]
    at: Mapped[datetime]
    actor_id: Mapped[UUID]

    postings: Mapped[list["Posting"]] = parts(order_by="Posting.id")


class Posting(Record):
    """One side of a transaction. The transaction's audit row carries its postings."""

    audited, append_only, open_to = False, True, "staff"
    __table_args__ = (check("amount <> 0", "amount"),)

    transaction_id: Mapped[UUID] = ref("transaction")
    account: Mapped[LedgerAccount] = mapped_column(index=True)
    amount: Mapped[Decimal] = money_column()
    currency: Mapped[str]


class DayClose(Record):
    """A till counted and closed: which receipts it covers, what should be there, what was."""

    append_only, open_to = True, "staff"
    __table_args__ = (
        UniqueConstraint("site_id", "last_receipt"),
        check("last_receipt >= first_receipt", "receipts"),
        check("counted = expected OR reason <> ''", "reason"),
    )

    site_id: Mapped[UUID] = ref("site", index=False)
    day: Mapped[date]
    at: Mapped[datetime]
    closed_by: Mapped[str]
    first_receipt: Mapped[int]
    last_receipt: Mapped[int]
    totals: Mapped[dict[str, Any]]  # by method: how many, how much
    expected: Mapped[Decimal] = money_column()  # cash
    counted: Mapped[Decimal] = money_column()
    currency: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")


for kept in (Payment, CreditNote, Transaction, Posting, DayClose):
    ddl(kept, APPEND_ONLY.format(table=kept.__tablename__))
ddl(Posting, *BALANCED)
ddl(Payment, *REFUND_WITHIN_PAYMENT)
