"""`reduce by 5 mg every 3 days`: each step written out."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from .dosage import Dose
from .numbers import exact, value
from .shapes import UNIT_OF
from .steps import IN_MG

MOST_STEPS = 60


def spelled_out(doses: list[Dose], change: re.Match[str]) -> list[Dose] | None:
    """The last dose and the steps down (or up) from it; None when they cannot be told."""
    *before, first = doses
    by, days = _in_unit(change["by"], change["unit"], first), _days(change)
    if first.high is None or first.low != first.high or not by or not days or first.same:
        return None
    up = change["way"].startswith("incr")
    target = _in_unit(change["target"], change["target_unit"], first) if change["target"] else Decimal(0)
    if target is None or (up and not change["target"]) or (target - first.high) * (1 if up else -1) <= 0:
        return None
    found, now = [replace(first, days=first.days or days)], first.high
    while now != target and len(found) <= MOST_STEPS:
        now = min(now + by, target) if up else max(now - by, target)
        if now > 0:
            found.append(replace(first, low=now, high=now, days=days))
    if target and now == target:
        found[-1] = replace(found[-1], days=None)  # and stays there
    return [*before, *found] if len(found) <= MOST_STEPS else None


def _days(change: re.Match[str]) -> int | None:
    if change["each"]:
        return {"daily": 1, "weekly": 7}[change["each"]]
    of = change["of"].lstrip("/ ")
    each = {"o": 2, "2": 2, "d": 1, "7": 1, "w": 7, "5": 7}[of[0]]
    many = value(change["many"] or "1")
    return int(many) * each if many else None


def _in_unit(number: str, unit: str | None, dose: Dose) -> Decimal | None:
    amount, of = exact(value(number)), UNIT_OF.get(unit or "", dose.unit)
    if amount is None or of == dose.unit:
        return amount
    return amount * IN_MG[of] / IN_MG[dose.unit] if of in IN_MG and dose.unit in IN_MG else None
