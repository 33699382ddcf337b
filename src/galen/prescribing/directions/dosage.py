"""What directions mean, as values: doses one after another or together, and what was not understood."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any

DAYS = {"day": 1, "week": 7, "month": 30}
VAGUE = frozenset({"at least", "about"})


@dataclass(frozen=True, slots=True)
class DirectionsNotice:
    """Something written that is easily misread; `refused` when only the prescriber can say what was meant."""

    written: str
    sentence: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Often:
    """`fewest` to `times` doses every `every` to `to` periods, at these moments, on these weekdays; or `once`."""

    times: int = 1
    fewest: int = 1
    every: int = 1
    to: int = 1
    period: str = "day"
    when: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()
    up_to: bool = False
    once: str = ""
    loose: str = ""  # `at least` or `about` so often: no exact number follows from it

    @property
    def per_day(self) -> Fraction | None:
        """Doses a day at the shortest interval: once a week is a seventh; every few minutes is no daily number."""
        if self.weekdays:
            return Fraction(self.times * len(self.weekdays), 7)
        if self.period in DAYS:
            return Fraction(self.times, self.every * DAYS[self.period])
        return Fraction(self.times * 24, self.every) if self.period == "hour" else None


@dataclass(frozen=True, slots=True)
class Dose:
    """One step: how much, of what, how, where, how often, how long. `together`: beside the step before."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    same: tuple[Decimal, str] | None = None  # the same dose in another unit: 2 tablets (1,000 mg)
    verb: str = ""
    route: str = ""
    site: str = ""
    often: Often | None = None
    food: str = ""
    needed: bool = False
    reason: str = ""
    event: str = ""  # after each loose motion
    directed: bool = False
    by: str = ""  # whose directions, as written
    loose: str = ""  # of the amount: `up to`, `at least` or `about`
    most: Decimal | None = None  # in `most_unit`, or else in the dose's own, within `most_hours`
    most_unit: str = ""
    most_hours: int = 24
    days: int | None = None
    fewest_days: int | None = None
    up_to: bool = False
    open_days: tuple[str, int] | None = None  # `at least` or `about` so many days: no length follows from it
    start: str = ""
    together: bool = False

    @property
    def places(self) -> int:
        """Both eyes take two."""
        return 2 if self.site.startswith(("both", "each", "affected eyes")) else 1

    @property
    def limit(self) -> Fraction | None:
        """The most in a day, when it is said in the dose's own unit or in doses."""
        if self.most is None or self.most_unit not in ("", self.unit, "dose"):
            return None
        unit = Fraction(self.high or 1) if self.most_unit == "dose" != self.unit else 1
        return Fraction(self.most) * unit * Fraction(24, self.most_hours)

    @property
    def per_day(self) -> Fraction | None:
        """The most in a day: highest dose, shortest interval, every place, within the maximum; None when not said."""
        often = None if self.often is None or self.often.once else self.often.per_day
        if self.high is None or often is None:
            return self.limit
        most = Fraction(self.high) * often * self.places
        return most if self.limit is None else min(most, self.limit)

    @property
    def vague(self) -> bool:
        """A minimum, or about so much: what is needed cannot be counted."""
        return self.loose in VAGUE or bool(self.often and self.often.loose)

    @property
    def told(self) -> bool:
        """Says a dose (or to spread something) and when."""
        spread = self.verb == "apply" or self.route == "topical"
        dosed = self.high is not None or spread
        return (dosed and (self.often is not None or self.needed or bool(self.event))) or self.directed


_NAMES = tuple(field.name for field in fields(Dose))
_VALUES = attrgetter(*_NAMES)


def changed(dose: Dose, values: dict[str, Any]) -> Dose:
    """`dataclasses.replace`, twice as fast: a dose grows by many small steps."""
    return Dose(**{**dict(zip(_NAMES, _VALUES(dose), strict=True)), **values})


@dataclass(slots=True)
class Directions:
    """How to take one medicine, as far as it was understood."""

    doses: tuple[Dose, ...] = ()
    advice: tuple[str, ...] = ()
    quantity: Decimal | None = None  # as written: mitte, disp, #
    quantity_unit: str = ""
    repeats: int | None = None
    unknown: list[str] = field(default_factory=list)  # as written
    remarks: list[str] = field(default_factory=list)  # said after the directions, not understood, but harmless
    again: tuple[int, str] | None = None  # may be repeated after so many minutes or hours
    notices: list[DirectionsNotice] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Fit to sign: a dose and how often (or as directed), nothing unknown, nothing refused."""
        told = bool(self.doses) and all(dose.told for dose in self.doses)
        return told and not self.unknown and not any(notice.refused for notice in self.notices)

    @property
    def steps(self) -> list[list[Dose]]:
        """The doses in the order of time, those taken together in one list."""
        found: list[list[Dose]] = []
        for dose in self.doses:
            if dose.together and found:
                found[-1].append(dose)
            else:
                found.append([dose])
        return found

    @property
    def days(self) -> int | None:
        """The length of the whole course; None when a step has none."""
        lengths = [1 if s[0].often and s[0].often.once and s[0].days is None else s[0].days for s in self.steps]
        return sum(days for days in lengths if days) if lengths and None not in lengths else None

    @property
    def while_awake(self) -> bool:
        """Every few hours, while awake: nobody has written how often that is."""
        hourly = (dose.often is not None and dose.often.period in ("hour", "minute") for dose in self.doses)
        return "awake" in self.advice and any(hourly)

    @property
    def per_day(self) -> Fraction | None:
        """The most in a day, of the fullest step; None when any step does not say."""
        return max((sums for step in self.steps if (sums := total(step)) is not None), default=None)


def total(step: list[Dose]) -> Fraction | None:
    """What a step takes in a day, at the most."""
    sums = [dose.per_day for dose in step]
    return None if None in sums or len({dose.unit for dose in step}) > 1 else sum((s for s in sums if s), Fraction(0))


def daily(directions: Directions) -> tuple[Decimal, Decimal, str] | None:
    """Least and most in a day, in the unit of the dose (`mg`, `tablet`, `mL`); None when it cannot be known.

    For dose checks. The least is the lowest dose at the longest interval, and nothing for what is taken when needed;
    a weekly dose is a seventh of itself. One administration is `directions.doses[n].low`, `.high`, `.unit`.
    """
    most = directions.per_day
    units = {dose.unit for dose in directions.doses}
    vague = directions.again is not None or directions.while_awake or any(dose.vague for dose in directions.doses)
    if most is None or len(units) != 1 or directions.unknown or vague:
        return None
    least = min(sum((_least(dose) for dose in step), Fraction(0)) for step in directions.steps)
    return _decimal(min(least, most)), _decimal(most), units.pop()


def _least(dose: Dose) -> Fraction:
    if (
        dose.needed
        or dose.event
        or dose.low is None
        or dose.often is None
        or dose.often.up_to
        or dose.loose == "up to"
        or not dose.often.per_day
    ):
        return Fraction(0)
    return (
        Fraction(dose.low)
        * dose.often.per_day
        * dose.places
        * Fraction(dose.often.fewest * dose.often.every, dose.often.times * dose.often.to)
    )


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)
