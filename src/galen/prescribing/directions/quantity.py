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
    units = {dose.unit for dose in directions.doses}
    unit = units.pop() if len(units) == 1 else ""
    return {"teaspoon": "mL"}.get(unit, "" if unit in WEIGHED - {"g"} else unit)


def quantity_for(directions: Directions, days: int | None = None, supply: Supply | None = None) -> Decimal | None:
    """What covers the course at the most that may be taken, in units supplied; None when that cannot be known.

    `days` is the length of the last step when the directions name none. Counted things are whole, mL and g exact.
    """
    if directions.unknown or not directions.doses or _uncounted(directions):
        return None
    lengths = lengths_of(directions, days)
    sums = [
        _needed(dose, length, supply) for step, length in zip(directions.steps, lengths, strict=True) for dose in step
    ]
    if not sums or None in sums:
        return None
    whole = sum((units for units in sums if units), Fraction(0))
    measured = counted_in(directions, supply) in MEASURED
    return Decimal(ceil(whole * 100)) / 100 if measured else Decimal(ceil(whole))


def _uncounted(directions: Directions) -> bool:
    """A minimum, about so much, a dose that may be repeated without a maximum, every few hours of an unknown day."""
    again = directions.again and any(dose.limit is None and dose.most is None for dose in directions.doses)
    return bool(again) or directions.while_awake or any(dose.vague for dose in directions.doses)


def lengths_of(directions: Directions, days: int | None = None) -> list[int | None]:
    """How many days each step takes; a step without a length takes what is left of `days`, if it is the last."""
    found: list[int | None] = []
    steps = directions.steps
    for at, step in enumerate(steps):
        once = all(dose.often and dose.often.once for dose in step)
        length = next((dose.days for dose in step if dose.days), 1 if once else None)
        if length is None and at == len(steps) - 1 and days is not None and None not in found:
            left = days - sum(known for known in found if known)
            length = left if left > 0 and not any(dose.open_days for dose in step) else None
        found.append(length)
    return found


def course(directions: Directions, days: int | None = None) -> int | None:
    """The length of the whole course in days."""
    lengths = lengths_of(directions, days)
    return sum(length for length in lengths if length) if lengths and None not in lengths else None


def _needed(dose: Dose, days: int | None, supply: Supply | None) -> Fraction | None:
    """Supplied units for one dose over its days: as often as it falls due, within the maximum."""
    held = _held(dose, supply)
    if held is None or dose.high is None or days is None:
        return None
    limit = _limit(dose, supply)
    if dose.most is not None and limit is None:
        return None
    each = (Fraction(dose.high) + (PRIMING if supply and supply.pen and dose.unit == "unit" else 0)) * dose.places
    if dose.often and dose.often.once:
        return each / held
    often = dose.often.per_day if dose.often else None
    if often is None:
        return None if limit is None else max(limit * days, each) / held
    most = each * ceil(often * days)
    return (most if limit is None else min(most, max(limit * days, each))) / held


def _held(dose: Dose, supply: Supply | None) -> Fraction | None:
    if supply and (supply.unit or supply.holds):
        held = supply.held(dose.unit)
        if held is None and dose.same:
            again = supply.held(dose.same[1])
            held = again * Fraction(dose.high or 1) / Fraction(dose.same[0]) if again else None
        return held
    if dose.unit == "teaspoon":
        return Fraction(1, ML_PER_TEASPOON)
    spread = dose.verb == "apply" and dose.unit == "g"
    return None if (dose.unit in WEIGHED and not spread) or dose.unit in ("tablespoon", "application") else Fraction(1)


def _limit(dose: Dose, supply: Supply | None) -> Fraction | None:
    """The most in a day in the dose's unit; a maximum in mg of a dose in tablets needs the strength."""
    if dose.most is None or dose.limit is not None:
        return dose.limit
    here, there = (supply.held(dose.unit), supply.held(dose.most_unit)) if supply else (None, None)
    if dose.same and dose.same[1] == dose.most_unit:
        here, there = Fraction(dose.high or 1), Fraction(dose.same[0])
    return Fraction(dose.most) * Fraction(24, dose.most_hours) * here / there if here and there else None


def days_supply(
    quantity: Decimal, directions: Directions, supply: Supply | None = None, in_use: int | None = None
) -> int | None:
    """Whole days that a quantity lasts at the most that may be taken; never beyond its life once opened (`in_use`)."""
    left, days = Fraction(quantity), 0
    if directions.unknown or not directions.doses or _uncounted(directions):
        return None
    for step, length in zip(directions.steps, lengths_of(directions), strict=True):
        daily = [_daily(dose, supply) for dose in step]
        each = sum((units for units in daily if units), Fraction(0))
        if None in daily or not each:
            return None
        lasts = floor(left / each)
        if length is None or lasts < length:
            days += lasts
            break
        days, left = days + length, left - each * length
    return days if in_use is None else min(days, in_use)


def _daily(dose: Dose, supply: Supply | None) -> Fraction | None:
    """Supplied units in a day."""
    held, limit = _held(dose, supply), _limit(dose, supply)
    if held is None or dose.high is None or (dose.most is not None and limit is None):
        return None
    prime = PRIMING if supply and supply.pen and dose.unit == "unit" else 0
    often = Fraction(1) if dose.often and dose.often.once else dose.often.per_day if dose.often else None
    if often is None:
        return limit / held if limit else None
    most = (Fraction(dose.high) + prime) * often * dose.places
    return (most if limit is None else min(most, limit)) / held
