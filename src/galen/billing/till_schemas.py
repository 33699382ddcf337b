"""What is said when a till is opened, moved, counted and closed, and what is shown of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, field_validator

from galen.core.schemas import Draft, RecordView, View
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.values.money import Money

from .models import Method
from .notes_and_coins import pieces
from .schemas import Amount, InCurrency, MethodLine, MoneyView, Reason
from .tills import CashFor, CashMovement, Drawer, TillPolicy, TillSession, TillState, ZReport

Nothing = Annotated[Decimal, Field(ge=0, lt=10**12, decimal_places=4)]


class DrawerDraft(Draft):
    """A drawer at the site one works at."""

    name: str = Field(min_length=2, max_length=60)


class TillPolicyDraft(InCurrency):
    """Whether cash is only taken with a till open, and up to which difference no reason is asked for."""

    cash_needs_till: bool = False
    tolerance: Nothing = Decimal(0)


class TillOpeningDraft(InCurrency):
    """The float that was counted into a drawer; a reason when it is not what had been left in."""

    drawer_id: UUID
    amount: Nothing
    reason: str = Field("", max_length=300)


class CashMovementDraft(InCurrency):
    """Cash put in or taken out that pays no invoice: how much, from or to where, why, and who allowed it."""

    direction: Literal["in", "out"]
    purpose: CashFor
    amount: Amount
    reason: Reason
    authority: str = Field(min_length=2, max_length=120)


class PieceDraft(Draft):
    """How many of one note or coin there are."""

    piece: Annotated[Decimal, Field(gt=0, lt=10**9, decimal_places=4)]
    number: Annotated[int, Field(ge=0, le=100_000)] = 0


class TillCountDraft(Draft):
    """The notes and coins in the drawer, and what is not counted piece by piece. Nothing left out means none of it."""

    pieces: list[PieceDraft] = Field(default=[], max_length=40)
    other: Nothing | None = None

    @field_validator("pieces")
    @classmethod
    def each_once(cls, said: list[PieceDraft]) -> list[PieceDraft]:
        if len({piece.piece for piece in said}) < len(said):
            raise ValueError(_("Each note and coin is counted once."))
        return said


class TillClosingDraft(InCurrency):
    """What is left in for the next person, and why the count differs when it does."""

    amount: Nothing = Decimal(0)
    reason: str = Field("", max_length=300)


class DrawerView(RecordView):
    """A drawer."""

    site_id: UUID
    name: str
    retired: bool


class TillPolicyView(RecordView):
    """What a site wants of its tills."""

    site_id: UUID
    cash_needs_till: bool
    tolerance: Decimal


class TillSessionView(RecordView):
    """A till as anyone may see it who works at it: without what should be in it."""

    drawer_id: UUID
    cashier: str
    currency: str
    status: TillState
    opening_float: Decimal
    opened_at: datetime
    counted: Decimal | None


class CashMovementView(RecordView):
    """Cash put in or taken out."""

    till_session_id: UUID
    purpose: CashFor
    amount: MoneyView = Field(validation_alias="amount_money")
    reason: str
    authority: str
    at: datetime
    made_by: str


class ZReportView(RecordView):
    """A closed till."""

    till_session_id: UUID
    drawer_id: UUID
    number: int
    cashier: str
    closed_by: str
    opened_at: datetime
    closed_at: datetime
    day: date
    currency: str
    opening_float: Decimal
    paid_in: Decimal
    paid_out: Decimal
    totals: list[dict[str, Any]]
    pieces: list[dict[str, Any]]
    times_counted: int
    expected: Decimal
    counted: Decimal
    difference: Decimal
    reason: str
    left_in: Decimal


class MethodLineView(View):
    """What came in by one method."""

    method: Method
    count: int
    taken: MoneyView
    refunded: MoneyView
    rounding: MoneyView
    total: MoneyView


class TillReportView(View):
    """A till so far; `expected` and the sum of cash stay unsaid to whoever has to count it."""

    session: TillSessionView
    lines: list[MethodLineView]
    cash_receipts: int
    paid_in: MoneyView
    paid_out: MoneyView
    expected: MoneyView | None
    movements: list[CashMovementView]


@dataclass(frozen=True, slots=True)
class TillReport:
    """A till so far (X), or as it was closed (Z). Of cash only the number of receipts is told before the count."""

    session: TillSession
    drawer: Drawer
    site: Site
    lines: list[MethodLine]
    cash_receipts: int
    movements: list[CashMovement]
    paid_in: Money
    paid_out: Money
    expected: Money | None
    z: ZReport | None

    @property
    def pieces(self) -> tuple[Decimal, ...]:
        """The notes and coins to count."""
        return pieces(self.session.currency)

    @property
    def difference(self) -> Money | None:
        """What is over (above nothing) or short, once it was counted."""
        if self.session.counted is None or self.expected is None:
            return None
        return self.session.money(self.session.counted) - self.expected

    @property
    def counted(self) -> Money:
        return self.session.money(self.session.counted or Decimal(0))

    @property
    def over(self) -> bool:
        return bool(self.difference and self.difference.amount > 0)

    @property
    def off_by(self) -> Money | None:
        """The difference without its sign; none when it agrees."""
        return abs(self.difference) if self.difference else None


@dataclass(frozen=True, slots=True)
class DrawerNow:
    """A drawer, who works at it, and what its last till left in it."""

    drawer: Drawer
    session: TillSession | None
    left_in: Money
    last: ZReport | None

    @property
    def can_retire(self) -> bool:
        """Whether nobody works at it."""
        return not self.session and not self.drawer.retired


@dataclass(frozen=True, slots=True)
class MyTill:
    """One's own till, or the drawers at which one may be opened."""

    report: TillReport | None
    free: list[DrawerNow]
    taken: list[DrawerNow]
    pieces: tuple[Decimal, ...]

    def choices(self, money: Callable[[Money], str]) -> list[tuple[UUID, str]]:
        """The drawers one may take, each with what was left in it."""
        return [
            (
                now.drawer.id,
                _("%(drawer)s (%(amount)s left in)", drawer=now.drawer.name, amount=money(now.left_in))
                if now.left_in
                else now.drawer.name,
            )
            for now in self.free
        ]


@dataclass(frozen=True, slots=True)
class OverShort:
    """What one person's closed tills were over and short, altogether."""

    cashier: str
    closed: int
    over: Money
    short: Money

    @property
    def net(self) -> Money:
        return self.over + self.short


@dataclass(frozen=True, slots=True)
class DrawersView:
    """The drawers of a site with who works at them, their closed tills, and who was over or short."""

    site: str
    drawers: list[DrawerNow]
    reports: list[ZReport]
    people: list[OverShort]
    policy: TillPolicy | None
