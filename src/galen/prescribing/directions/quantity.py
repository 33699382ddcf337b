"""How much a course needs and how long a supply lasts: at the highest dose and the shortest interval, or not known."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from .dosage import Directions, Dose
from .supplies import MEASURED, ML_PER_TEASPOON, PRIMING, WEIGHED, Supply


def counted_in(directions: Directions, supply: Supply | None = None) -> str:
    """The unit of the quantity: what is supplied, or what is taken when nothing is known of the supply."""
    if supply and supply.unit:
        return supply.unit
    units = {one.unit for one in directions.doses}
    unit = units.pop() if len(units) == 1 else ""
    return {"teaspoon": "mL"}.get(unit, "" if unit in WEIGHED - {"g"} else unit)


def quantity_for(directions: Directions, days: int | None = None, supply: Supply | None = None) -> Decimal | None:
    """What covers the course at the most that may be taken, in units supplied; None when that cannot be known.

    `days` is the length of the last step when the directions name none. Counted things are whole, mL and g exact.
    """
    if directions.unknown or not directions.doses:
        return None
    lengths = lengths_of(directions, days)
    sums = [
        _needed(one, length, supply) for step, length in zip(directions.steps, lengths, strict=True) for one in step
    ]
    if not sums or None in sums:
        return None
    whole = sum((one for one in sums if one), Fraction(0))
    measured = counted_in(directions, supply) in MEASURED
    return Decimal(ceil(whole * 100)) / 100 if measured else Decimal(ceil(whole))


def lengths_of(directions: Directions, days: int | None = None) -> list[int | None]:
    """How many days each step takes; a step without a length takes what is left of `days`, if it is the last."""
    found: list[int | None] = []
    steps = directions.steps
    for at, step in enumerate(steps):
        once = all(one.often and one.often.once for one in step)
        length = next((one.days for one in step if one.days), 1 if once else None)
        if length is None and at == len(steps) - 1 and days is not None:
            left = days - sum(one for one in found if one)
            length = left if left > 0 else None
        found.append(length)
    return found


def course(directions: Directions, days: int | None = None) -> int | None:
    """The length of the whole course in days."""
    lengths = lengths_of(directions, days)
    return sum(one for one in lengths if one) if lengths and None not in lengths else None


def _needed(one: Dose, days: int | None, supply: Supply | None) -> Fraction | None:
    """Supplied units for one dose over its days: as often as it falls due, within the maximum."""
    held = _held(one, supply)
    if held is None or one.high is None or days is None:
        return None
    limit = _limit(one, supply)
    if one.most is not None and limit is None:
        return None
    each = (Fraction(one.high) + (PRIMING if supply and supply.pen and one.unit == "unit" else 0)) * one.places
    if one.often and one.often.once:
        return each / held
    often = one.often.per_day if one.often else None
    if often is None:
        return None if limit is None else max(limit * days, each) / held
    most = each * ceil(often * days)
    return (most if limit is None else min(most, max(limit * days, each))) / held


def _held(one: Dose, supply: Supply | None) -> Fraction | None:
    if supply and (supply.unit or supply.holds):
        held = supply.held(one.unit)
        if held is None and one.same:
            again = supply.held(one.same[1])
            held = again * Fraction(one.high or 1) / Fraction(one.same[0]) if again else None
        return held
    if one.unit == "teaspoon":
        return Fraction(1, ML_PER_TEASPOON)
    spread = one.verb == "apply" and one.unit == "g"
    return None if (one.unit in WEIGHED and not spread) or one.unit in ("tablespoon", "application") else Fraction(1)


def _limit(one: Dose, supply: Supply | None) -> Fraction | None:
    """The most in a day in the dose's unit; a maximum in mg of a dose in tablets needs the strength."""
    if one.most is None or one.limit is not None:
        return one.limit
    here, there = (supply.held(one.unit), supply.held(one.most_unit)) if supply else (None, None)
    if one.same and one.same[1] == one.most_unit:
        here, there = Fraction(one.high or 1), Fraction(one.same[0])
    return Fraction(one.most) * Fraction(24, one.most_hours) * here / there if here and there else None


def days_supply(
    quantity: Decimal, directions: Directions, supply: Supply | None = None, in_use: int | None = None
) -> int | None:
    """Whole days that a quantity lasts at the most that may be taken; never beyond its life once opened (`in_use`)."""
    left, days = Fraction(quantity), 0
    if directions.unknown or not directions.doses:
        return None
    for step, length in zip(directions.steps, lengths_of(directions), strict=True):
        daily = [_daily(one, supply) for one in step]
        each = sum((one for one in daily if one), Fraction(0))
        if None in daily or not each:
            return None
        lasts = floor(left / each)
        if length is None or lasts < length:
            days += lasts
            break
        days, left = days + length, left - each * length
    return days if in_use is None else min(days, in_use)


def _daily(one: Dose, supply: Supply | None) -> Fraction | None:
    """Supplied units in a day."""
    held, limit = _held(one, supply), _limit(one, supply)
    if held is None or one.high is None or (one.most is not None and limit is None):
        return None
    prime = PRIMING if supply and supply.pen and one.unit == "unit" else 0
    often = Fraction(1) if one.often and one.often.once else one.often.per_day if one.often else None
    if often is None:
        return limit / held if limit else None
    most = (Fraction(one.high) + prime) * often * one.places
    return (most if limit is None else min(most, limit)) / held
