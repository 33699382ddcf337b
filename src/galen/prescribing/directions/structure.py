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


def dose_of(one: Dose, sequence: int, number: Number = str) -> dict[str, Any]:
    """One step. Steps of one `sequence` are taken beside each other."""
    often = one.often
    timed = often if often and not often.once else None
    per_day = one.per_day
    return {
        "sequence": sequence,
        "low": number(one.low) if one.low is not None else None,
        "high": number(one.high) if one.high is not None else None,
        "unit": one.unit or None,
        "same_as": {"value": number(one.same[0]), "unit": one.same[1]} if one.same else None,
        "verb": one.verb or None,
        "route": one.route or None,
        "site": one.site or None,
        "times": timed.times if timed else None,
        "times_low": timed.fewest if timed and timed.fewest != timed.times else None,
        "every": timed.every if timed else None,
        "to": timed.to if timed and timed.to != timed.every else None,
        "period": timed.period if timed else None,
        "up_to_times": (timed.up_to or None) if timed else None,
        "once": bool(often and often.once) or None,
        "when": list(timed.when) if timed and timed.when else None,
        "weekdays": list(timed.weekdays) if timed and timed.weekdays else None,
        "food": one.food or None,
        "as_needed": one.needed or None,
        "reason": one.reason.replace("|", ", ") or None,
        "event": one.event or None,
        "as_directed": one.directed or None,
        "maximum": number(one.most) if one.most is not None else None,
        "maximum_unit": (one.most_unit or one.unit or None) if one.most is not None else None,
        "maximum_hours": one.most_hours if one.most is not None else None,
        "days": one.days,
        "days_low": one.fewest_days,
        "start": one.start or None,
        "per_day": str(per_day) if per_day is not None else None,
    }


def steps_of(directions: Directions, number: Number = str) -> list[dict[str, Any]]:
    """Every step in order, without what is not said."""
    numbered = [(at, one) for at, step in enumerate(directions.steps, 1) for one in step]
    return [{k: v for k, v in dose_of(one, at, number).items() if v is not None} for at, one in numbered]


def structured(directions: Directions) -> dict[str, Any]:
    """For keeping: a single step as it is; several under `steps`, with the whole length and the most in a day."""
    steps = steps_of(directions)
    if len(steps) == 1:
        return {key: value for key, value in steps[0].items() if key != "sequence"}
    whole: dict[str, Any] = {"steps": steps} if steps else {}
    units = {one.unit for one in directions.doses}
    if len(units) == 1 and "" not in units:
        whole["unit"] = units.pop()
    if (days := course(directions)) is not None:
        whole["days"] = days
    if len(directions.steps) == 1 and directions.per_day is not None:
        whole["per_day"] = str(directions.per_day)
    return whole
