"""Free time and its price: slots of a local day, true to the clock on the wall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from galen.i18n import gettext as _
from galen.values.money import Money


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From an instant up to, not including, another (UTC)."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("A span of time needs its time zone.")
        if self.end <= self.start:
            raise ValueError(_("The end must be after the start."))
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    @property
    def length(self) -> timedelta:
        """Time that really passes."""
        return self.end - self.start

    def meets(self, other: Span) -> bool:
        """Whether the two share any time; touching ends share none."""
        return self.start < other.end and other.start < self.end

    def holds(self, instant: datetime) -> bool:
        """Whether an instant lies inside."""
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class Pattern:
    """Hours on one weekday (Monday 0), cut into slots with a pause after each; an end by the start is next day's."""

    weekday: int
    start: time
    end: time
    minutes: int
    pause: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError("The weekday must be from 0 (Monday) to 6 (Sunday).")
        if not 1 <= self.minutes <= 24 * 60:
            raise ValueError("A slot must last from 1 minute to 24 hours.")
        if not 0 <= self.pause <= 24 * 60:
            raise ValueError("The pause after a slot must be from 0 minutes to 24 hours.")


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The first instant at which the wall clock of a place shows this time or, where clocks skip it, a later one."""
    local = datetime.combine(day, wall.replace(fold=0), zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # The clocks skip this time: both readings of it straddle the moment of the change, which is what we want.
    early, late = local.replace(fold=1).astimezone(UTC), moment
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == early.astimezone(zone).utcoffset():
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def local_day(day: date, zone: ZoneInfo) -> Span:
    """A calendar day of a place: 23, 24 or 25 hours."""
    return Span(instant(day, time.min, zone), instant(day + timedelta(days=1), time.min, zone))


def hours(pattern: Pattern, day: date, zone: ZoneInfo) -> Span | None:
    """When a pattern is open on a day; None on another weekday, or when clocks skip all of it."""
    if day.weekday() != pattern.weekday:
        return None
    last = day if pattern.end > pattern.start else day + timedelta(days=1)
    start, end = instant(day, pattern.start, zone), instant(last, pattern.end, zone)
    return Span(start, end) if start < end else None


def reach(openings: Iterable[Span], at: datetime) -> datetime:
    """Until when it stays open from then on, through hours that follow each other without a gap."""
    for opening in sorted(openings):
        if opening.start <= at:
            at = max(at, opening.end)
    return at


def cut(opening: Span, minutes: int, pause: int = 0) -> list[Span]:
    """Slots of equal real length, side by side; a last piece that is too short is no slot."""
    length, step = timedelta(minutes=minutes), timedelta(minutes=minutes + pause)
    count = max(0, (opening.length - length) // step + 1)
    return [Span(opening.start + at * step, opening.start + at * step + length) for at in range(count)]


def begun(opening: Span, pattern: Pattern, at: datetime) -> Span | None:
    """The slot of these hours that begins exactly then."""
    length, since = timedelta(minutes=pattern.minutes), at - opening.start
    fits = since >= timedelta() and not since % timedelta(minutes=pattern.minutes + pattern.pause)
    return Span(at, at + length) if fits and at + length <= opening.end else None


def slots(
    day: date,
    zone: ZoneInfo,
    patterns: Iterable[Pattern],
    away: Sequence[Span] = (),
    closed: frozenset[date] = frozenset(),
) -> list[Span]:
    """Every slot of a local day: none on a closed day, none that meets leave, none that overlaps another."""
    if day in closed:
        return []
    openings = ((opening, pattern) for pattern in patterns if (opening := hours(pattern, day, zone)))
    offered = sorted(slot for opening, pattern in openings for slot in cut(opening, pattern.minutes, pattern.pause))
    kept: list[Span] = []
    for slot in offered:
        if not (kept and slot.meets(kept[-1])) and not any(slot.meets(span) for span in away):
            kept.append(slot)
    return kept


def fives(length: timedelta) -> int:
    """How tall a row is, in steps of five minutes: an hour at most, and never nothing."""
    return max(1, min(12, round(length / timedelta(minutes=5))))


def free(offered: Iterable[Span], taken: Sequence[Span], now: datetime) -> list[Span]:
    """Slots that have not begun and meet no booking."""
    return [slot for slot in offered if slot.start >= now and not any(slot.meets(span) for span in taken)]


@dataclass(frozen=True, slots=True)
class Fees:
    """What a visit costs a person who is new here, and one who comes again."""

    new: Money
    returning: Money


def price(earlier_visits: int, currency: str, doctor: Fees | None = None, organisation: Fees | None = None) -> Money:
    """The doctor's own fee, else the organisation's, else 80 for a new and 50 for a returning patient."""
    usual = Fees(Money(Decimal(80), currency), Money(Decimal(50), currency))
    fees = doctor or organisation or usual
    return fees.returning if earlier_visits else fees.new
