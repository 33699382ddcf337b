"""What the pages of the cold chain are given to show."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.i18n import label
from galen.organizations import Site

from .models import (
    BatchFate,
    Excursion,
    ExcursionBatch,
    ExcursionKind,
    ExcursionNote,
    ExcursionStatus,
    LatestReading,
    PlaceKind,
    Sensor,
    StoragePlace,
    TemperatureProfile,
)
from .rules import ColdState

TENTH = Decimal("0.1")


def degrees(celsius: Decimal | None) -> str:
    """5.3 °C; a dash where nothing is known."""
    return "–" if celsius is None else f"{celsius.quantize(TENTH)}\u00a0°C"


def span_words(minutes: int) -> str:
    """70 min; 26 h 5 min."""
    hours, rest = divmod(minutes, 60)
    return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if hours else _("%(minutes)s min", minutes=rest)


@dataclass(frozen=True)
class PlaceStanding:
    """A place at this moment: what each of its probes said last, and the extremes of the day."""

    place: StoragePlace
    standing: ColdState
    latest: LatestReading | None
    lowest: Decimal | None
    highest: Decimal | None
    sensors: int
    now: datetime
    clock_off: bool
    excursion: Excursion | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.place, name)

    @property
    def site(self) -> str:
        return self.place.site.name

    @property
    def celsius(self) -> Decimal | None:
        return self.latest.celsius if self.latest else None

    @property
    def taken(self) -> datetime | None:
        return self.latest.taken if self.latest else None

    @property
    def battery(self) -> int | None:
        return self.latest.battery if self.latest else None

    @property
    def reading(self) -> str:
        """The last temperature, where it still says something."""
        return degrees(None if self.standing is ColdState.UNKNOWN else self.celsius)

    @property
    def last_known(self) -> str:
        return degrees(self.celsius) if self.standing is ColdState.UNKNOWN and self.celsius is not None else ""

    @property
    def range(self) -> str:
        return _(
            "%(low)s to %(high)s °C",
            low=self.place.profile.low.normalize().to_eng_string(),
            high=self.place.profile.high.normalize().to_eng_string(),
        )

    @property
    def extremes(self) -> str:
        return f"{degrees(self.lowest)} / {degrees(self.highest)}" if self.lowest is not None else "–"

    @property
    def age(self) -> str:
        """How long ago the last reading was taken."""
        if self.latest is None:
            return _("never heard")
        return _("%(time)s ago", time=span_words(int((self.now - self.latest.taken) / timedelta(minutes=1))))

    @property
    def weak_battery(self) -> bool:
        return self.battery is not None and self.battery < 20


@dataclass(frozen=True)
class ColdBoard:
    """All places, worst first, and the excursions that ask for somebody."""

    places: list[PlaceStanding]
    open: list[Excursion]
    now: datetime

    @property
    def sites(self) -> int:
        return len({standing.place.site_id for standing in self.places})


@dataclass(frozen=True)
class PlacePage:
    """One place with its chart, its sensors and what happened in it."""

    standing: PlaceStanding
    chart: dict[str, Any]
    hours: int
    mean: Decimal | None
    sensors: list[tuple[Sensor, LatestReading | None]]
    excursions: Slice[Excursion]
    profiles: list[TemperatureProfile]
    now: datetime

    @property
    def place(self) -> StoragePlace:
        return self.standing.place

    @property
    def mean_words(self) -> str:
        return degrees(self.mean)

    @property
    def mean_too_high(self) -> bool:
        most = self.place.profile.mean_most
        return most is not None and self.mean is not None and self.mean > most

    @property
    def empty(self) -> bool:
        return not self.chart["x"]

    @property
    def bins(self) -> str:
        return ", ".join(self.place.locations)

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.value, label(kind)) for kind in PlaceKind]

    @property
    def ranges(self) -> list[tuple[str, str]]:
        return [(str(profile.id), profile.name) for profile in self.profiles]

    @property
    def spans(self) -> list[tuple[int, str]]:
        return [(24, _("24 hours")), (168, _("7 days")), (720, _("30 days"))]


@dataclass(frozen=True)
class PlaceForm:
    """What a new place may be."""

    sites: list[Site]
    profiles: list[TemperatureProfile]
    here: UUID | None

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.value, label(kind)) for kind in PlaceKind]

    @property
    def ranges(self) -> list[tuple[str, str]]:
        return [("", _("As guidelines say")), *((str(profile.id), profile.name) for profile in self.profiles)]

    @property
    def where(self) -> list[tuple[str, str]]:
        return [(str(site.id), site.name) for site in self.sites]


@dataclass(frozen=True)
class HeldBatch:
    """A batch of an excursion, with what it has behind it in all and what has left since."""

    part: ExcursionBatch
    used: timedelta
    budget_hours: int | None
    left: Decimal  # units that were handed out since it began
    here: Decimal  # units that lie in the place now

    @property
    def minutes(self) -> str:
        return span_words(self.part.minutes)

    @property
    def used_words(self) -> str:
        return span_words(int(self.used / timedelta(minutes=1)))

    @property
    def remaining(self) -> str:
        """What is left of the maker's budget; none where the range names none."""
        if self.budget_hours is None:
            return ""
        rest = int((timedelta(hours=self.budget_hours) - self.used) / timedelta(minutes=1))
        return span_words(rest) if rest > 0 else _("used up")


@dataclass(frozen=True)
class ExcursionPage:
    """One excursion: what was measured, what lay there, who said what."""

    excursion: Excursion
    held: list[HeldBatch]
    notes: list[ExcursionNote]
    chart: dict[str, Any]
    now: datetime
    fates: list[tuple[str, str]] = field(default_factory=lambda: [(f.value, label(f).capitalize()) for f in BatchFate])

    @property
    def title(self) -> str:
        return self.excursion.number

    @property
    def silent(self) -> bool:
        return self.excursion.kind is ExcursionKind.SILENT

    @property
    def length(self) -> str:
        return span_words(self.excursion.minutes(self.now))

    @property
    def extremes(self) -> str:
        if self.excursion.lowest is None:
            return ""
        return f"{degrees(self.excursion.lowest)} / {degrees(self.excursion.highest)}"

    @property
    def mean(self) -> str:
        return degrees(self.excursion.mean) if self.excursion.mean is not None else ""

    @property
    def ongoing(self) -> bool:
        return self.excursion.status is ExcursionStatus.ONGOING

    @property
    def closed(self) -> bool:
        return self.excursion.status is ExcursionStatus.CLOSED

    @property
    def several(self) -> bool:
        """More than one batch waits for its decision."""
        return len(self.excursion.undecided) > 1

    @property
    def empty_chart(self) -> bool:
        return not self.chart["x"]
