"""Whole packs, and whether a supply covers the course."""

from __future__ import annotations

from decimal import Decimal
from math import ceil

from .directions import Directions, Supply, quantity_for


def whole_packs(quantity: Decimal, pack_size: Decimal) -> Decimal:
    """The quantity made up to packs that cannot be opened."""
    if pack_size <= 0:
        raise ValueError("The pack size must be above zero.")
    return ceil(quantity / pack_size) * pack_size


def covers_course(quantity: Decimal, repeats: int, directions: Directions, supply: Supply | None = None) -> bool | None:
    """Whether the supply with its repeats lasts the course; None when the directions name no course."""
    needed = quantity_for(directions, supply=supply)
    return None if needed is None else quantity * (1 + repeats) >= needed
