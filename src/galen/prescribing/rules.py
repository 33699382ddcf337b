"""How much to supply, how long it lasts, when the next is due, and what must never be daily."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from .directions import Directions

# Medicines whose mistaken daily use has killed (ISMP): given by mouth at most weekly, except in cancer care.
WEEKLY_ONLY = frozenset({"methotrexate"})


def quantity_for(directions: Directions, days: int | None = None, per_unit: Decimal = Decimal(1)) -> Decimal | None:
    """What covers the course at the most that may be taken, in units supplied; None when the directions do not say.

    `per_unit` is how much of the dose one supplied unit holds: 5 (mg in a tablet), 20 (drops in a mL).
    """
    once = directions.frequency is not None and directions.frequency.once
    length = 1 if once else days if days is not None else directions.days
    if directions.per_day is None or directions.high is None or length is None:
        return None
    doses = max(directions.per_day * length, Fraction(directions.high) * directions.places)
    return Decimal(ceil(doses / Fraction(per_unit)))


def whole_packs(quantity: Decimal, pack_size: Decimal) -> Decimal:
    """The quantity made up to packs that cannot be opened."""
    if pack_size <= 0:
        raise ValueError("The pack size must be above zero.")
    return ceil(quantity / pack_size) * pack_size


def days_supply(
    quantity: Decimal, directions: Directions, per_unit: Decimal = Decimal(1), in_use: int | None = None
) -> int | None:
    """Whole days a quantity lasts at the most that may be taken; never beyond its life once opened (`in_use` days)."""
    if not directions.per_day:
        return None
    days = floor(Fraction(quantity) * Fraction(per_unit) / directions.per_day)
    return days if in_use is None else min(days, in_use)


def next_supply(last: date, days: int, threshold: Decimal = Decimal("0.80")) -> date:
    """The first day the next supply is not too soon: when the threshold of the last is used up."""
    if not 0 < threshold <= 1:
        raise ValueError("The threshold must be above 0 and not above 1: 0.80 is 80 %.")
    return last + timedelta(days=ceil(days * threshold))


def covers_course(
    quantity: Decimal, repeats: int, directions: Directions, per_unit: Decimal = Decimal(1)
) -> bool | None:
    """Whether the supply with its repeats lasts the course; None when the directions name no course."""
    needed = quantity_for(directions, per_unit=per_unit)
    return None if needed is None else quantity * (1 + repeats) >= needed


def weekly_fault(ingredient: str, directions: Directions) -> str | None:
    """Methotrexate is weekly: more than one dose in seven days by mouth is refused (ISMP)."""
    if ingredient.casefold() not in WEEKLY_ONLY:
        return None
    often = directions.frequency
    if often is not None and not directions.as_needed and (often.once or often.per_day <= Fraction(1, 7)):
        return None
    return f"{ingredient.capitalize()} must be once a week: say so in the directions, and on which day."
