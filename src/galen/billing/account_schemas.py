"""Charge accounts and statements: what people say, and what they are shown."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from galen.core.schemas import Draft, RecordView, View
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.patients import Patient
from galen.values.money import Money, total

from .accounts import AccountStatus, ChargeAccount, HolderKind
from .models import Method, Payment
from .schemas import Amount, InCurrency, MoneyView, Reason

Email = Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Limit = Annotated[Decimal, Field(ge=0, lt=10**9, decimal_places=2)]
AGES = (N_("0 to 30 days"), N_("31 to 60 days"), N_("61 to 90 days"), N_("over 90 days"))


class ChargeAccountDraft(Draft):
    """Who pays, up to which limit, and where the statement goes."""

    holder: str = Field(min_length=2, max_length=120)
    kind: HolderKind = HolderKind.PERSON
    credit_limit: Limit
    email: Email | None = None
    address: str = Field("", max_length=300)
    mails_statement: bool = False
    patient_id: UUID | None = None  # the first whose purchases may be put on it


class ChargeAccountChange(Draft):
    """Another limit or address; a limit below what is owed stops new purchases."""

    holder: str = Field(min_length=2, max_length=120)
    credit_limit: Limit
    email: Email | None = None
    address: str = Field("", max_length=300)
    mails_statement: bool = False


class MemberDraft(Draft):
    """Whose purchases may be put on the account."""

    patient_id: UUID


class AccountClosingDraft(Draft):
    """Why nothing may be put on it any more."""

    reason: Reason


class AccountPaymentDraft(InCurrency):
    """What is paid against an account: nothing said means all that is owed."""

    method: Method
    amount: Amount | None = None
    tendered: Amount | None = None
    terminal_reference: str = Field("", max_length=80)


class StatementMailDraft(Draft):
    """Where a statement is sent; nothing said means the address that is known."""

    to: Email | None = None
    since: date | None = None
    until: date | None = None


class ChargeAccountView(RecordView):
    """A charge account as a client sees it."""

    number: str
    holder: str
    kind: HolderKind
    email: str
    address: str
    credit_limit: MoneyView = Field(validation_alias="limit_money")
    balance: MoneyView = Field(validation_alias="balance_money")
    left: MoneyView
    mails_statement: bool
    status: AccountStatus
    opened_at: datetime


class AccountAgeView(View):
    """What stands on an account, by age."""

    account: ChargeAccountView
    buckets: dict[str, MoneyView]


@dataclass(frozen=True, slots=True)
class AccountAge:
    """An account with what is owed on it, by age; what was paid went to the oldest first."""

    account: ChargeAccount
    buckets: dict[str, Money]


class Accounts(list[AccountAge]):
    """The accounts of a list, and whether there are more."""

    more = False


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a statement: an invoice raises what is owed, a payment or credit lowers it."""

    day: date
    number: str
    what: str
    amount: Money
    balance: Money
    href: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What was owed at first, what came and went, what is owed at last."""

    title: str
    holder: list[str]
    email: str
    address: str  # of its own page
    since: date
    until: date
    opening: Money
    lines: list[StatementLine]
    buckets: dict[str, Money]
    patient_id: UUID | None = None
    more: bool = False  # the period has more lines than are shown

    @property
    def closing(self) -> Money:
        return self.lines[-1].balance if self.lines else self.opening

    @property
    def ages(self) -> list[tuple[str, Money]]:
        """What is owed today, age by age."""
        return [(_(word), owed) for word, owed in self.buckets.items()]

    @property
    def period(self) -> dict[str, str]:
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}


class StatementLineView(View):
    day: date
    number: str
    what: str
    amount: MoneyView
    balance: MoneyView


class StatementView(View):
    """A statement as a client reads it."""

    title: str
    holder: list[str]
    since: date
    until: date
    opening: MoneyView
    lines: list[StatementLineView]
    closing: MoneyView
    buckets: dict[str, MoneyView]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One account with its people, and what is left of each purchase."""

    account: ChargeAccount
    members: list[Patient]
    buckets: dict[str, Money]
    payments: list[Payment]
    statement: Statement

    @property
    def overdue(self) -> Money:
        """What is older than thirty days."""
        return total(list(self.buckets.values())[1:], self.account.currency)
