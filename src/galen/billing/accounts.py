"""Charge accounts: who may buy now and pay later, up to which limit. What stands on one is its payments."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, check, ddl, link, parts, ref
from galen.core.record import amount as money_column
from galen.core.state import State
from galen.patients import Patient
from galen.values.money import Money

from .ledger_rules import CHARGE_ACCOUNT_WITHIN_LIMIT
from .models import Payment


class HolderKind(Enum):
    """Who pays the account."""

    PERSON = "person"
    FAMILY = "family"
    HOME = "nursing home"
    FIRM = "business"


class AccountStatus(State):
    """Whether anything may still be put on it; what is owed is paid either way."""

    OPEN = "open", "closed"
    CLOSED = "closed", "open"

    @property
    def tone(self) -> str:
        """The colour it is shown in."""
        return "ok" if self is AccountStatus.OPEN else "mute"


class ChargeAccount(Record):
    """An account on which purchases are put and that is paid later. Its balance is kept by the database."""

    open_to = "staff"
    __table_args__ = (
        check("credit_limit >= 0", "credit_limit"),
        check("holder <> ''", "holder"),
        check("status <> 'closed' OR ended_because <> ''", "closed"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    holder: Mapped[str] = mapped_column(index=True)
    kind: Mapped[HolderKind] = mapped_column(default=HolderKind.PERSON)
    email: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    currency: Mapped[str]
    credit_limit: Mapped[Decimal] = money_column()
    limit_set_by: Mapped[str]
    balance: Mapped[Decimal] = money_column(default=Decimal(0))  # what is owed; below nothing: paid too much
    mails_statement: Mapped[bool] = mapped_column(default=False)  # every month, to the address
    status: Mapped[AccountStatus] = mapped_column(default=AccountStatus.OPEN)
    ended_because: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]

    members: Mapped[list["AccountMember"]] = parts(back_populates="account", order_by="AccountMember.id")

    def money(self, amount: Decimal) -> Money:
        """An amount in the account's currency."""
        return Money(amount, self.currency)

    @property
    def is_open(self) -> bool:
        return self.status is AccountStatus.OPEN

    @property
    def balance_money(self) -> Money:
        return self.money(self.balance)

    @property
    def limit_money(self) -> Money:
        return self.money(self.credit_limit)

    @property
    def left(self) -> Money:
        """What may still be put on it."""
        return self.money(max(self.credit_limit - self.balance, Decimal(0)))


class AccountMember(Record):
    """A patient whose purchases may be put on the account."""

    part_of, open_to = "account", "staff"
    __table_args__ = (UniqueConstraint("account_id", "patient_id"),)

    account_id: Mapped[UUID] = ref("charge_account", index=False)
    patient_id: Mapped[UUID] = ref("patient")

    account: Mapped[ChargeAccount] = link(back_populates="members")
    patient: Mapped[Patient] = link()


ddl(Payment, *CHARGE_ACCOUNT_WITHIN_LIMIT)
