"""When a job of the clock is due: what `@every` is told, read once, and the moments that follow from it.

| period | due |
|---|---|
| `10s`, `15m`, `2h` | every so many seconds, minutes, hours, counted from 1970 |
| `08:00` | each day |
| `Monday 10:00`, `Mon-Fri 18:00` | on this day of the week, or on these |
| `monthly 06:00`, `quarterly 06:00`, `yearly 06:00` | on the first day of a month, a quarter, a year |
| `monthly on 15 06:00` | on the 15th of it, or of its first month; `31` is the last day of any month |

All but the first kind go by the wall clock of one zone. Where that clock skips the time, the job is due at the
first moment after; where it shows the time twice, at the first of both.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
UNITS = {"s": 1, "m": 60, "h": 3600}
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
CLOCK = r"(?P<at>([01]\d|2[0-3]):[0-5]\d)"


class NoSuchPeriod(ValueError):
    """Met when a module is loaded, so that a misspelt period ends the start."""

    def __init__(self, job: str, period: str) -> None:
        super().__init__(
            f"The job {job} is to run every “{period}”, which is no period: write it as 10s, 15m, 2h, 08:00, "
            "Monday 10:00, Mon-Fri 18:00, monthly 06:00, monthly on 15 06:00, quarterly 06:00 or yearly 06:00."
        )


class NoSuchZone(ValueError):
    """Met when a module is loaded, too."""

    def __init__(self, job: str, zone: str) -> None:
        super().__init__(
            f"The job {job} is to run by the clock of “{zone}”, which is no time zone: write one as Europe/Berlin."
        )


@dataclass(frozen=True)
class Interval:
    """Every so many seconds, wherever that is."""

    said: str
    seconds: int
    zone: str = ""

    def due(self, now: datetime, zone: ZoneInfo) -> datetime:
        return datetime.fromtimestamp(now.timestamp() // self.seconds * self.seconds, UTC)

    def following(self, now: datetime, zone: ZoneInfo) -> datetime:
        return self.due(now, zone) + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class AtLocalTime:
    """At one time of day, on days that a subclass names: those around a day, in order."""

    said: str
    at: time
    zone: str = ""

    def days(self, around: date) -> Iterator[date]:
        raise NotImplementedError

    def due(self, now: datetime, zone: ZoneInfo) -> datetime:
        return max(at for at in moments(self, now.astimezone(zone).date(), zone) if at <= now)

    def following(self, now: datetime, zone: ZoneInfo) -> datetime:
        return min(at for at in moments(self, now.astimezone(zone).date(), zone) if at > now)


@dataclass(frozen=True)
class OnWeekdays(AtLocalTime):
    weekdays: frozenset[int] = frozenset(range(7))

    def days(self, around: date) -> Iterator[date]:
        near = (around + timedelta(days=n) for n in range(-8, 10))
        return (day for day in near if day.weekday() in self.weekdays)


@dataclass(frozen=True)
class OnDayOfMonth(AtLocalTime):
    """Every `months` months, counted from January; a day that the month does not have is its last."""

    months: int = 1
    day: int = 1

    def days(self, around: date) -> Iterator[date]:
        month = around.year * 12 + around.month - 1
        start = month - month % self.months
        return (self.day_in(start + n * self.months) for n in range(-2, 3))

    def day_in(self, month: int) -> date:
        first, after = (date(m // 12, m % 12 + 1, 1) for m in (month, month + 1))
        return min(first + timedelta(days=self.day - 1), after - timedelta(days=1))


Schedule = Interval | AtLocalTime


def read(job: str, period: str, zone: str = "") -> Schedule:
    """A schedule from its words; a misspelt one is refused, and the refusal names the job."""
    if zone:
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, LookupError):
            raise NoSuchZone(job=job, zone=zone) from None
    made = schedule_of(period, zone)
    if made is None:
        raise NoSuchPeriod(job=job, period=period)
    return made


def schedule_of(period: str, zone: str) -> Schedule | None:
    if (match := re.fullmatch(r"([1-9]\d{0,4})([smh])", period)) and not zone:
        return Interval(period, int(match[1]) * UNITS[match[2]])
    if match := re.fullmatch(rf"((?P<first>[A-Za-z]+)(-(?P<last>[A-Za-z]+))? )?{CLOCK}", period):
        if match["first"] is None:
            return OnWeekdays(period, time.fromisoformat(match["at"]), zone)
        first, last = weekday(match["first"]), weekday(match["last"] or match["first"])
        if first is not None and last is not None:
            span = range(first, first + (last - first) % 7 + 1)
            return OnWeekdays(period, time.fromisoformat(match["at"]), zone, frozenset(day % 7 for day in span))
    if match := re.fullmatch(rf"(?P<every>{'|'.join(MONTHS)})( on (?P<day>[1-9]|[12]\d|3[01]))? {CLOCK}", period):
        day = int(match["day"] or 1)
        return OnDayOfMonth(period, time.fromisoformat(match["at"]), zone, MONTHS[match["every"]], day)
    return None


def weekday(word: str) -> int | None:
    """Monday is 0: by its name, or by the first three letters of it."""
    known = {name: n for n, day in enumerate(DAYS) for name in (day, day[:3])}
    return known.get(word.lower())


@lru_cache(4096)
def moments(schedule: AtLocalTime, around: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Every worker asks each second, for each job of each organisation: they are reckoned once a day."""
    return tuple(moment(day, schedule.at, zone) for day in schedule.days(around))


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first moment at which the wall clock shows this time, or has gone past it."""
    local = datetime.combine(day, at, zone)
    late, early = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if early >= late:  # shown once, or twice and this is the first
        return late
    seconds = range(int(early.timestamp()), int(late.timestamp()) + 1)  # skipped: the clock is put on between these
    before = early.astimezone(zone).utcoffset()
    put_on = bisect_left(seconds, True, key=lambda s: datetime.fromtimestamp(s, zone).utcoffset() != before)
    return datetime.fromtimestamp(seconds[put_on], UTC)


def slot(schedule: Schedule, now: datetime, zone: str) -> datetime:
    """The latest moment at or before `now` at which a job is due; `zone` is that of the organisation."""
    return schedule.due(now, ZoneInfo(schedule.zone or zone))


def following(schedule: Schedule, now: datetime, zone: str) -> datetime:
    """The first moment after `now` at which it is due."""
    return schedule.following(now, ZoneInfo(schedule.zone or zone))
