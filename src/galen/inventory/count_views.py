"""What the pages of a stocktake are given to show."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from galen.core.context import SiteInfo
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.medicines import Product, Scan

from .rules import Thresholds
from .stocktakes import Stocktake, StocktakeLine


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stocktake is: all places, those done, those to be counted again, those not begun."""

    total: int
    done: int
    again: int
    left: int

    @property
    def words(self) -> str:
        return _("%(done)s of %(total)s", done=self.done, total=self.total)


@dataclass(frozen=True, slots=True)
class StocktakeList:
    """All stocktakes, and the limits of the site worked at."""

    slice: Slice[Stocktake]
    limits: Thresholds | None


@dataclass(frozen=True, slots=True)
class StocktakeForm:
    """What can be counted where one works."""

    here: SiteInfo
    scopes: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StocktakePage:
    """One stocktake and how far it is; `uncounted` names what nobody counted once the counting is over."""

    stocktake: Stocktake
    progress: Progress
    uncounted: list[StocktakeLine]
    may_see: bool

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can become of what nobody counted."""
        return [("leave", _("Leave them as they are")), ("zero", _("Set them to nothing"))]


@dataclass(frozen=True, slots=True)
class CountPage:
    """The place to be counted, and where the walk leads from there; no line when nothing waits for this person."""

    stocktake: Stocktake
    line: StocktakeLine | None
    progress: Progress
    earlier: UUID | None
    later: UUID | None
    actor: UUID

    @property
    def own(self) -> bool:
        """Whether this person counted it last."""
        return self.line is not None and self.line.counted_by == self.actor

    @property
    def may_count(self) -> bool:
        """Whether this person's count is wanted, or their own can be written anew."""
        if self.line is None or not self.stocktake.open:
            return False
        return not self.own if self.line.asked else self.own or not self.line.settled


@dataclass(frozen=True, slots=True)
class FoundForm:
    """The form for a batch that is not on the list."""

    stocktake: Stocktake
    product: Product | None = None
    scan: Scan | None = None

    @property
    def number(self) -> str:
        return self.scan.lot if self.scan else ""

    @property
    def expires(self) -> str:
        return str(self.scan.expires or "") if self.scan else ""


@dataclass(frozen=True, slots=True)
class DifferencesPage:
    """What differs, the dearest first, and what it comes to."""

    stocktake: Stocktake
    lines: list[StocktakeLine]
    over: Decimal
    short: Decimal
    counters: list[tuple[str, int]]
