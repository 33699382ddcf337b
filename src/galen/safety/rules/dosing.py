"""From directions and strengths to how much of each ingredient is taken, exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

_STRENGTH = re.compile(
    r"(?P<many>\d+(?:\.\d+)?)\s?(?P<of>g|mg|mcg|microgram|µg|ng|nanogram|units?|million units?)"
    r"(?:/(?P<per>\d+(?:\.\d+)?)?\s?(?P<in>mL|dose|actuation|spray))?"
)
IN_MCG = {
    "g": Decimal(1_000_000), "mg": Decimal(1000), "mcg": Decimal(1), "microgram": Decimal(1), "µg": Decimal(1),
    "ng": Decimal("0.001"), "nanogram": Decimal("0.001"),
}  # fmt: skip
IN_UNITS = {
    "unit": Decimal(1),
    "units": Decimal(1),
    "million unit": Decimal(10) ** 6,
    "million units": Decimal(10) ** 6,
}
IN_ML = {"mL": Decimal(1), "ml": Decimal(1), "L": Decimal(1000), "teaspoon": Decimal(5), "tablespoon": Decimal(15)}
PIECES = frozenset(
    """
    tablet capsule caplet lozenge suppository pessary sachet film wafer puff spray inhalation actuation dose ampoule
    vial pen syringe device patch piece application nebule injection ring
    """.split()
)


@dataclass(frozen=True, slots=True)
class DoseStep:
    """One part of directions: the most at once, and in a day, in a unit; None where the directions do not say."""

    single: Fraction | None
    daily: Fraction | None
    unit: str


@dataclass(frozen=True, slots=True)
class Dosing:
    """How a medicine is to be taken, and what one unit of it holds, ingredient by ingredient."""

    steps: tuple[DoseStep, ...] = ()
    strengths: tuple[str, ...] = ()
    counted: str = ""  # what the product is counted in: tablet, mL, dose


class Taken(NamedTuple):
    """The most of one ingredient at once, and in a day, in micrograms or units."""

    single: Fraction | None
    daily: Fraction | None


def dosing(structured: Mapping[str, Any], strengths: Iterable[str], counted: str) -> Dosing:
    """From the dosage that prescriptions keep: one step, or several under `steps`; those of one `sequence` add up."""
    parts = structured.get("steps") or [structured]
    by_step: dict[Any, list[DoseStep]] = {}
    for at, part in enumerate(parts):
        step = DoseStep(_number(part.get("high")), _number(part.get("per_day")), str(part.get("unit") or ""))
        if step.daily is None and part.get("once"):
            step = DoseStep(step.single, step.single, step.unit)
        by_step.setdefault(part.get("sequence", at), []).append(step)
    return Dosing(tuple(_together(steps) for steps in by_step.values()), tuple(strengths), counted)


def _together(steps: list[DoseStep]) -> DoseStep:
    """What is taken beside each other: the greatest single dose, the sum of the day."""
    if len(steps) == 1:
        return steps[0]
    if len({step.unit for step in steps}) > 1:
        return DoseStep(None, None, "")
    singles, days = [step.single for step in steps], [step.daily for step in steps]
    most = max((single for single in singles if single is not None), default=None)
    return DoseStep(most, None if None in days else sum((d for d in days if d), Fraction(0)), steps[0].unit)


@lru_cache(4096)
def exact(number: str | Decimal) -> Fraction:
    """Remembered: the same few numbers stand in most directions and limits."""
    return Fraction(number)


def _number(written: Any) -> Fraction | None:
    try:
        return None if written in (None, "") else exact(str(written))
    except (ValueError, InvalidOperation, ZeroDivisionError):
        return None


def taken(dosing: Dosing, place: int, of: str) -> Taken:
    """The most of the ingredient in that place, in `of` (mg, mcg, g, unit); None where it cannot be reckoned."""
    held = _of_steps(dosing, place, of)
    if held is None:
        return Taken(None, None)
    return Taken(
        _greatest([step.single for step in dosing.steps], held), _greatest([step.daily for step in dosing.steps], held)
    )


def says_dose(dosing: Dosing, place: int, of: str) -> bool:
    """Whether a single or a daily dose can be reckoned, without reckoning it."""
    return _of_steps(dosing, place, of) is not None and (
        all(step.single is not None for step in dosing.steps) or all(step.daily is not None for step in dosing.steps)
    )


def _of_steps(dosing: Dosing, place: int, of: str) -> list[Fraction] | None:
    """How much one unit of the dose holds, step by step; nothing when one of them does not say."""
    held = [_held(dosing.strengths, dosing.counted, place, step.unit, of) for step in dosing.steps]
    known = [amount for amount in held if amount is not None]
    return known if known and len(known) == len(held) else None


def _greatest(amounts: list[Fraction | None], held: list[Fraction]) -> Fraction | None:
    known = [amount * each for amount, each in zip(amounts, held, strict=True) if amount is not None]
    return max(known) if len(known) == len(held) else None


@lru_cache(4096)
def _held(strengths: tuple[str, ...], counted: str, place: int, unit: str, of: str) -> Fraction | None:
    """How much of the ingredient one unit of the dose holds."""
    if place >= len(strengths):
        return None
    alone = len(strengths) == 1
    if alone and (direct := _converted(unit, of)) is not None:
        return direct
    strength = _STRENGTH.fullmatch(strengths[place].strip())
    if strength is None or (factor := _converted(strength["of"], of)) is None:
        return None
    many = Fraction(strength["many"]) * factor
    inside, named = strength["in"], unit or counted
    if named in IN_ML:
        return many / Fraction(strength["per"] or 1) * Fraction(IN_ML[named]) if inside == "mL" else None
    if named in PIECES and inside != "mL":
        return many / Fraction(strength["per"] or 1)
    return None


def _converted(unit: str, of: str) -> Fraction | None:
    """One of a unit in another of the same kind."""
    for table in (IN_MCG, IN_UNITS):
        if unit in table and of in table:
            return Fraction(table[unit]) / Fraction(table[of])
    return None
