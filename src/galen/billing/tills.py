"""Drawers, the tills that people open on them, cash put in and taken out, and the reports of closed tills."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, check, ddl, link, ref
from galen.core.record import amount as money_column
from galen.core.state import State
from galen.values.money import Money

from .ledger_rules import CASH_OF_A_TILL, CLOSED_TILL_STAYS
from .models import Payment


class Drawer(Record):
    """A cash drawer at a desk or counter of a site."""

    open_to = "staff"
    __table_args__ = (UniqueConstraint("site_id", "name"),)

    site_id: Mapped[UUID] = ref("site", index=False)
    name: Mapped[str]
    retired: Mapped[bool] = mapped_column(default=False)


class TillPolicy(Record):
    """What a site wants of its tills. Without one, cash needs no till and every difference has a reason."""

    open_to = "staff"
    __table_args__ = (check("tolerance >= 0", "tolerance"),)

    site_id: Mapped[UUID] = ref("site", unique=True)
    cash_needs_till: Mapped[bool] = mapped_column(default=False)
    tolerance: Mapped[Decimal] = money_column(default=Decimal(0))  # a difference up to this needs no reason


class TillState(State):
    """A till takes money while it is open; once counted it takes none, and closed it stays as it is."""

    OPEN = "open", "counted"
    COUNTED = "counted", "closed"
    CLOSED = "closed"

    @property
    def tone(self) -> str:
        """The colour it is shown in."""
        return {"open": "ok", "counted": "caution"}.get(self.value, "mute")


class TillSession(Record):
    """One person's time at one drawer, from the float to the count."""

    open_to = "staff"
    __table_args__ = (
        Index("till_session_drawer_open_idx", "drawer_id", unique=True, postgresql_where=text("status <> 'closed'")),
        Index("till_session_person_open_idx", "account_id", unique=True, postgresql_where=text("status <> 'closed'")),
        check("cash >= 0", "cash"),
        check("opening_float >= 0", "float"),
        check("(status = 'open') = (counted IS NULL)", "counted"),
    )

    drawer_id: Mapped[UUID] = ref("drawer")
    account_id: Mapped[UUID] = ref("account", index=False)
    cashier: Mapped[str]
    currency: Mapped[str]
    opening_float: Mapped[Decimal] = money_column()
    opening_reason: Mapped[str] = mapped_column(default="")  # why the float was not what had been left in
    cash: Mapped[Decimal] = money_column()  # what should be there: the database keeps it, never below nothing
    status: Mapped[TillState] = mapped_column(default=TillState.OPEN)
    opened_at: Mapped[datetime]
    counts: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # every count, as it was sent
    counted: Mapped[Decimal | None] = money_column()

    drawer: Mapped[Drawer] = link()
    editable_in = {TillState.OPEN, TillState.COUNTED}

    def money(self, amount: Decimal) -> Money:
        """An amount in the till's currency."""
        return Money(amount, self.currency)

    @property
    def is_open(self) -> bool:
        return self.status is TillState.OPEN

    @property
    def is_counted(self) -> bool:
        return self.status is TillState.COUNTED

    @property
    def float_money(self) -> Money:
        return self.money(self.opening_float)


class CashFor(Enum):
    """Where cash that is put into a till comes from, or where it goes."""

    SAFE = "safe"
    SUNDRY = "sundry"


class CashMovement(Record):
    """Cash put into a till (above nothing) or taken out of it, that pays no invoice. Never changed."""

    append_only, open_to = True, "staff"
    __table_args__ = (check("amount <> 0", "amount"), check("reason <> ''", "reason"))

    till_session_id: Mapped[UUID] = ref("till_session")
    purpose: Mapped[CashFor]
    amount: Mapped[Decimal] = money_column()
    currency: Mapped[str]
    reason: Mapped[str]
    authority: Mapped[str]  # who allowed it
    at: Mapped[datetime]
    made_by: Mapped[str]

    @property
    def amount_money(self) -> Money:
        return Money(self.amount, self.currency)


class ZReport(Record):
    """A till that was counted and closed: numbered without gaps at its drawer, never changed."""

    append_only, open_to = True, "staff"
    __table_args__ = (
        UniqueConstraint("drawer_id", "number"),
        check("difference = counted - expected", "difference"),
        check("abs(difference) <= tolerance OR reason <> ''", "reason"),
        check("left_in BETWEEN 0 AND counted", "left_in"),
        Index("z_report_closed_idx", "closed_at"),
    )

    till_session_id: Mapped[UUID] = ref("till_session", unique=True)
    drawer_id: Mapped[UUID] = ref("drawer", index=False)
    number: Mapped[int]
    account_id: Mapped[UUID] = ref("account")
    cashier: Mapped[str]
    closed_by: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime]
    day: Mapped[date]  # the site's local day
    currency: Mapped[str]
    opening_float: Mapped[Decimal] = money_column()
    paid_in: Mapped[Decimal] = money_column()
    paid_out: Mapped[Decimal] = money_column()
    totals: Mapped[list[dict[str, Any]]]  # by method: how many, taken, refunded, rounding
    pieces: Mapped[list[dict[str, Any]]]  # the notes and coins of the last count
    times_counted: Mapped[int]
    expected: Mapped[Decimal] = money_column()
    counted: Mapped[Decimal] = money_column()
    difference: Mapped[Decimal] = money_column()
    tolerance: Mapped[Decimal] = money_column()
    reason: Mapped[str] = mapped_column(default="")
    left_in: Mapped[Decimal] = money_column()  # the next float

    drawer: Mapped[Drawer] = link()

    def money(self, amount: Decimal) -> Money:
        """An amount in the report's currency."""
        return Money(amount, self.currency)

    @property
    def expected_money(self) -> Money:
        return self.money(self.expected)

    @property
    def counted_money(self) -> Money:
        return self.money(self.counted)

    @property
    def difference_money(self) -> Money:
        return self.money(self.difference)

    @property
    def left_money(self) -> Money:
        return self.money(self.left_in)

    @property
    def removed_money(self) -> Money:
        """What was taken out at the close, to the safe or the bank."""
        return self.money(self.counted - self.left_in)


for kept in (CashMovement, ZReport):
    ddl(kept, APPEND_ONLY.format(table=kept.__tablename__))
ddl(TillSession, *CLOSED_TILL_STAYS)
ddl(CashMovement, *CASH_OF_A_TILL)
ddl(
    Payment,
    """
CREATE TRIGGER into_the_till AFTER INSERT ON payment FOR EACH ROW WHEN (NEW.till_session_id IS NOT NULL)
EXECUTE FUNCTION move_till_cash()
""",
)
