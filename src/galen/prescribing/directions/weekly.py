"""What must never be daily."""

from __future__ import annotations

from fractions import Fraction

from .dosage import Directions, Dose

# Medicines whose mistaken daily use has killed (ISMP): given by mouth at most weekly, except in cancer care.
WEEKLY_ONLY = frozenset({"methotrexate"})


def weekly_fault(ingredient: str, directions: Directions) -> str | None:
    """Methotrexate is weekly: more than one dose in seven days by mouth is refused (ISMP)."""
    if ingredient.casefold() not in WEEKLY_ONLY:
        return None
    if directions.doses and all(_weekly(dose) for dose in directions.doses) and len(directions.doses) == 1:
        return None
    return f"{ingredient.capitalize()} must be once a week: say so in the directions, and on which day."


def _weekly(dose: Dose) -> bool:
    often = dose.often
    return often is not None and not dose.needed and bool(often.once or (often.per_day or 1) <= Fraction(1, 7))
