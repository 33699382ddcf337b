"""A dosage as values under stable names, after FHIR's `Dosage.timing.repeat`: for other systems and the seal."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .dosage import Directions, Dose
from .quantity import course

Number = Callable[[Decimal], Any]


def exact(number: Decimal) -> int | float | str:
    """For JSON: whole numbers as such, others as the decimal they are."""
    return int(number) if number == int(number) else float(number)  # house: JSON has no other number


def dose_of(dose: Dose, sequence: int, number: Number = str) -> dict[str, Any]:
    """One step. Steps of one `sequence` are taken beside each other."""
    often = dose.often
    timed = often if often and not often.once else None
    per_day = dose.per_day
    return {
        "sequence": sequence,
        "low": number(dose.low) if dose.low is not None else None,
        "high": number(dose.high) if dose.high is not None else None,
        "unit": dose.unit or None,
        "same_as": {"value": number(dose.same[0]), "unit": dose.same[1]} if dose.same else None,
        "verb": dose.verb or None,
        "route": dose.route or None,
        "site": dose.site or None,
        "times": timed.times if timed else None,
        "times_low": timed.fewest if timed and timed.fewest != timed.times else None,
        "every": timed.every if timed else None,
        "to": timed.to if timed and timed.to != timed.every else None,
        "period": timed.period if timed else None,
        "loosely": dose.loose or (dose.often.loose if dose.often else "") or None,
        "up_to_times": (timed.up_to or None) if timed else None,
        "once": bool(often and often.once) or None,
        "when": list(timed.when) if timed and timed.when else None,
        "weekdays": list(timed.weekdays) if timed and timed.weekdays else None,
        "food": dose.food or None,
        "as_needed": dose.needed or None,
        "reason": dose.reason.replace("|", ", ") or None,
        "event": dose.event or None,
        "as_directed": dose.directed or None,
        "directed_by": dose.by or None,
        "maximum": number(dose.most) if dose.most is not None else None,
        "maximum_unit": (dose.most_unit or dose.unit or None) if dose.most is not None else None,
        "maximum_hours": dose.most_hours if dose.most is not None else None,
        "days": dose.days,
        "days_low": dose.fewest_days,
        f"days_{dose.open_days[0].replace(' ', '_')}" if dose.open_days else "days_open": dose.open_days
        and dose.open_days[1],
        "start": dose.start or None,
        "per_day": str(per_day) if per_day is not None else None,
    }


def steps_of(directions: Directions, number: Number = str) -> list[dict[str, Any]]:
    """Every step in order, without what is not said."""
    numbered = [(at, dose) for at, step in enumerate(directions.steps, 1) for dose in step]
    return [{k: v for k, v in dose_of(dose, at, number).items() if v is not None} for at, dose in numbered]


def structured(directions: Directions) -> dict[str, Any]:
    """For keeping: a single step as it is; several under `steps`, with the whole length and the most in a day."""
    steps = steps_of(directions)
    if len(steps) == 1:
        return {key: value for key, value in steps[0].items() if key != "sequence"}
    whole: dict[str, Any] = {"steps": steps} if steps else {}
    units = {dose.unit for dose in directions.doses}
    if len(units) == 1 and "" not in units:
        whole["unit"] = units.pop()
    if (days := course(directions)) is not None:
        whole["days"] = days
    if len(directions.steps) == 1 and directions.per_day is not None:
        whole["per_day"] = str(directions.per_day)
    return whole
