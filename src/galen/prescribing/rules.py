"""Whole packs, when the next supply is due, and whether a supply covers the course."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from math import ceil

from .directions import Directions, Supply, quantity_for


def whole_packs(quantity: Decimal, pack_size: Decimal) -> Decimal:
    """The quantity made up to packs that cannot be opened."""
    if pack_size <= 0:
        raise ValueError("The pack size must be above zero.")
    return ceil(quantity / pack_size) * pack_size


def next_supply(last: date, days: int, threshold: Decimal = Decimal("0.80")) -> date:
    """The first day the next supply is not too soon: when the threshold of the last is used up."""
    if not 0 < threshold <= 1:
        raise ValueError("The threshold must be above 0 and not above 1: 0.80 is 80 %.")
    return last + timedelta(days=ceil(days * threshold))


def covers_course(quantity: Decimal, repeats: int, directions: Directions, supply: Supply | None = None) -> bool | None:
    """Whether the supply with its repeats lasts the course; None when the directions name no course."""
    needed = quantity_for(directions, supply=supply)
    return None if needed is None else quantity * (1 + repeats) >= needed
