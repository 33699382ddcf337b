"""What a row of temperatures means: in range, out of it, an excursion, or nothing known.

Ranges and tolerances: USP <659> and <1079>; National Vaccine Storage Guidelines "Strive for 5" (Australia); CDC Vaccine
Storage and Handling Toolkit. Mean kinetic temperature: Haynes 1971, USP <1079.2>.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

KELVIN = Decimal("273.15")
ACTIVATION = Decimal(10_000)
"""Activation energy over the gas constant: 83.144 kJ/mol by 0.0083144 kJ/(mol K), in kelvin (USP <1079.2>)."""
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
SENSIBLE = Decimal(-100), Decimal(100)
"""What lies outside is no temperature of a room or a freezer but a broken probe (-127 and 999 are such words)."""
CLOCK_OFF = timedelta(minutes=5)
"""A device's clock that differs by more from ours is told."""
FLAT = timedelta(hours=6)
"""A line that does not move at all for so long is a probe that hangs, and not a steady fridge."""


class ColdState(Enum):
    """What is known of a place at a moment. No data is never good."""

    OK = "in range"
    WARNING = "out of range"
    EXCURSION = "excursion"
    UNKNOWN = "no data"

    @property
    def tone(self) -> str:
        return {ColdState.OK: "ok", ColdState.WARNING: "caution", ColdState.EXCURSION: "danger"}.get(self, "caution")


@dataclass(frozen=True, slots=True)
class TemperatureAt:
    """One temperature and when it was taken; none where the probe is broken."""

    at: datetime
    celsius: Decimal | None


@dataclass(frozen=True, slots=True)
class RangeRule:
    """The range, and how far and how long one may leave it (a door that is opened) before it is an excursion."""

    low: Decimal
    high: Decimal
    tolerated_low: Decimal
    tolerated_high: Decimal
    tolerated: timedelta
    interval: timedelta
    flat: timedelta | None = FLAT

    def holds(self, celsius: Decimal) -> bool:
        """Whether it is in range; both ends are."""
        return self.low <= celsius <= self.high

    @property
    def silence(self) -> timedelta:
        """After so long without a reading nothing is known any more (CDC: two intervals)."""
        return 2 * self.interval


@dataclass(frozen=True, slots=True)
class Departure:
    """From the first reading out of range to the first one back in it; what is not known in between counts as out."""

    began: datetime
    ended: datetime | None
    lowest: Decimal
    highest: Decimal

    def length(self, until: datetime) -> timedelta:
        return max((self.ended or until) - self.began, timedelta())

    def breaks(self, rule: RangeRule, until: datetime) -> bool:
        """Too far out at any moment, or out for longer than is tolerated."""
        far = self.lowest < rule.tolerated_low or self.highest > rule.tolerated_high
        return far or self.length(until) > rule.tolerated

    def touches(self, began: datetime, ended: datetime | None) -> bool:
        """Whether both have a moment in common."""
        return (ended is None or self.began <= ended) and (self.ended is None or began <= self.ended)

    def joined(self, other: "Departure") -> "Departure":
        """Both as one: what two probes of a place say of the same hour."""
        ended = None if self.ended is None or other.ended is None else max(self.ended, other.ended)
        lowest, highest = min(self.lowest, other.lowest), max(self.highest, other.highest)
        return Departure(min(self.began, other.began), ended, lowest, highest)


@dataclass(frozen=True, slots=True)
class Silence:
    """A time of which nothing is known: no readings, or a line that does not move."""

    began: datetime
    ended: datetime | None
    flat: bool = False


def departures(readings: Sequence[TemperatureAt], rule: RangeRule) -> list[Departure]:
    """Each time that the range was left, in the order of time; the last one may go on still."""
    found: list[Departure] = []
    going: Departure | None = None
    for reading in readings:
        if reading.celsius is None:
            continue
        if rule.holds(reading.celsius):
            if going:
                found.append(replace(going, ended=reading.at))
            going = None
        elif going is None:
            going = Departure(reading.at, None, reading.celsius, reading.celsius)
        else:
            lowest, highest = min(going.lowest, reading.celsius), max(going.highest, reading.celsius)
            going = replace(going, lowest=lowest, highest=highest)
    return [*found, going] if going else found


def excursions(lines: Iterable[Sequence[TemperatureAt]], rule: RangeRule, until: datetime) -> list[Departure]:
    """What of it is an excursion, by whichever probe of the place; those that touch each other are one."""
    broken = [d for line in lines for d in departures(line, rule) if d.breaks(rule, until)]
    joined: list[Departure] = []
    for departure in sorted(broken, key=lambda d: d.began):
        if joined and joined[-1].touches(departure.began, departure.ended):
            joined[-1] = joined[-1].joined(departure)
        else:
            joined.append(departure)
    return joined


def silences(readings: Sequence[TemperatureAt], rule: RangeRule, until: datetime) -> list[Silence]:
    """Each time of which nothing is known: gaps of more than two intervals, and lines that do not move."""
    known = [reading for reading in readings if reading.celsius is not None]
    gaps = [Silence(a.at, b.at) for a, b in itertools.pairwise(known) if b.at - a.at > rule.silence]
    if known and until - known[-1].at > rule.silence:
        gaps.append(Silence(known[-1].at, None))
    return sorted([*gaps, *flat_lines(known, rule)], key=lambda silence: silence.began)


def flat_lines(known: Sequence[TemperatureAt], rule: RangeRule) -> Iterator[Silence]:
    """Where the same value stands for longer than a probe that works would show it."""
    start = 0
    for place in range(1, len(known) + 1):
        if place < len(known) and known[place].celsius == known[start].celsius:
            continue
        if rule.flat and known[place - 1].at - known[start].at > rule.flat:
            yield Silence(known[start].at, known[place].at if place < len(known) else None, flat=True)
        start = place


def standing(
    latest: TemperatureAt | None, flat_since: datetime | None, rule: RangeRule, now: datetime, *, broken: bool
) -> ColdState:
    """How a probe stands at this moment; `broken` when an excursion goes on."""
    if latest is None or latest.celsius is None or now - latest.at > rule.silence:
        return ColdState.UNKNOWN
    if rule.flat and flat_since and latest.at - flat_since > rule.flat:
        return ColdState.UNKNOWN
    if rule.holds(latest.celsius):
        return ColdState.OK
    return ColdState.EXCURSION if broken else ColdState.WARNING


def worst(standings: Iterable[ColdState]) -> ColdState:
    """Of several probes the one that asks for most; a place without any is unknown."""
    order = [ColdState.EXCURSION, ColdState.UNKNOWN, ColdState.WARNING, ColdState.OK]
    return min(standings, key=order.index, default=ColdState.UNKNOWN)


def kinetic_mean(weighted: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The one temperature that would do the same harm, of temperatures with weights (USP <1079.2>)."""
    weights: dict[Decimal, Decimal] = defaultdict(Decimal)
    for celsius, weight in weighted:
        weights[celsius] += weight
    total = sum(weights.values())
    if not total:
        return None
    exponents = {celsius: -ACTIVATION / (celsius + KELVIN) for celsius in weights}
    most = max(exponents.values())  # taken out first, so that no term vanishes
    mean = sum(((exponents[c] - most).exp() * weight for c, weight in weights.items()), Decimal()) / total
    return ACTIVATION / -(mean.ln() + most) - KELVIN


def kinetic_mean_of(readings: Sequence[TemperatureAt], rule: RangeRule, until: datetime) -> Decimal | None:
    """The same of readings, each for the time that it stands: to the next one, and no longer than two intervals."""
    known = [(reading.at, reading.celsius) for reading in readings if reading.celsius is not None]
    ends = [*(at for at, _ in known[1:]), until][: len(known)]
    spans = [max(min(end - at, rule.silence), timedelta()) for (at, _), end in zip(known, ends, strict=True)]
    weights = [Decimal(span // SECOND) for span in spans] if any(spans) else [Decimal(1)] * len(known)
    return kinetic_mean((celsius, weight) for (_, celsius), weight in zip(known, weights, strict=True))


def in_celsius(value: Decimal, unit: str) -> Decimal:
    """From the unit in which a probe speaks."""
    celsius = (value - 32) * 5 / 9 if unit == "F" else value
    return celsius.quantize(Decimal("0.001"))


def believed(celsius: Decimal) -> Decimal | None:
    """The temperature, or none where it is what a broken probe says."""
    low, high = SENSIBLE
    return celsius if low < celsius < high else None


def taken_at(at: datetime, sent: datetime | None, received: datetime) -> tuple[datetime, bool]:
    """When it was taken by our clock, and whether the device's own is wrong by more than five minutes.

    A device that says when it sends tells how wrong it is. One that does not is corrected where it cannot be right: in
    the future, or before there were such devices. What is merely old may have waited for a line.
    """
    off = (sent or at) - received
    if sent is not None:
        return (at - off, True) if abs(off) > CLOCK_OFF else (at, False)
    if off > CLOCK_OFF or at.year < 2020:
        return received, True
    return at, False


def presence(
    before: Decimal, moves: Sequence[tuple[datetime, Decimal]], began: datetime, ended: datetime
) -> timedelta | None:
    """How long units lay in a place between two moments, by its balances before and after each movement."""
    there, since, total, ever = before, began, timedelta(), before > 0
    for at, balance in moves:
        if there > 0:
            total += at - since
        there, since, ever = balance, at, ever or balance > 0
    if there > 0:
        total += ended - since
    return max(total, timedelta()) if ever else None


ESCALATION = (timedelta(), timedelta(minutes=15), timedelta(minutes=60))
"""When nobody has taken it up: the site's pharmacists at once, everybody who decides, then the managers."""


def due_step(opened: datetime, now: datetime) -> int:
    """How many of the steps are due."""
    return sum(now - opened >= wait for wait in ESCALATION)
