"""When a supply may be given, what needs an answer first, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Any

from galen.values.units import counted, plain

PRICE_STEP = Decimal("0.000001")

# Controlled medicines: the Poisons Standard's schedule 8, and schedules II to V of 21 CFR 1308.
CONTROLLED = frozenset({"S8", "CII", "CIII", "CIV", "CV"})


class Tone(StrEnum):
    """How a check turned out: fine, good to know, to be answered with a reason, or in the way."""

    OK = "ok"
    NOTE = "note"
    ASK = "ask"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the pharmacist's screen looks at, and what came of it."""

    key: str
    tone: Tone
    title: str
    detail: str = ""


def is_controlled(schedules: Iterable[str]) -> bool:
    """Whether any of these schedules asks for two persons and an identified collector."""
    return not CONTROLLED.isdisjoint(schedules)


def due(last: date, days: int, threshold: Decimal, interval: int | None = None) -> date:
    """The first day that is not too soon: a share of the last supply used up, and never before the stated interval.

    30 days at 80 % filled on 1 March: 25 March. Source: plan rules (NCPDP reject 79); S8 interval of the prescription.
    """
    return last + timedelta(days=max(ceil(days * threshold), interval or 0))


def refill(
    key: str,
    drug: str,
    last: date | None,
    days: int | None,
    threshold: Decimal,
    today: date,
    interval: int | None = None,
) -> Check | None:
    """Whether the last supply is nearly used up, with the arithmetic. Nothing to say without a last one."""
    if last is None or not (days or interval):
        return None
    first = due(last, days or 0, threshold, interval)
    used = f", {min(100, (today - last).days * 100 // days)} % used" if days else ""
    sums = f"last supplied {_day(last)}"
    if days:
        sums += f", lasts {days} days; {_percent(threshold)} of that is {ceil(days * threshold)} days"
    if interval:
        sums += f"; at least {interval} days between two supplies"
    if today < first:
        return Check(
            f"too-soon:{key}",
            Tone.ASK,
            f"Too early: {drug} is due {_day(first)}{used}",
            f"{sums[:1].upper()}{sums[1:]}.",
        )
    return Check(f"too-soon:{key}", Tone.OK, f"{drug}: due since {_day(first)}", f"{sums[:1].upper()}{sums[1:]}.")


def validity(today: date, status: str, not_before: date | None, until: date | None) -> Check:
    """Signed, not cancelled, not too old and not before its day."""
    if status not in ("signed", "partly_dispensed", "dispensed"):
        return Check("validity", Tone.STOP, f"The prescription is {status}", "Nothing may be supplied on it.")
    if until and today > until:
        return Check("validity", Tone.STOP, f"Expired on {_day(until)}", "Ask the prescriber for a new prescription.")
    if not_before and today < not_before:
        return Check(
            "validity", Tone.STOP, f"Not before {_day(not_before)}", "The prescriber wrote so. Hold it until then."
        )
    return Check("validity", Tone.OK, f"Valid until {_day(until)}" if until else "Valid without an end")


def repeats(supply: int, allowed: int) -> Check:
    """Which supply of how many this is."""
    total = allowed + 1
    if supply > total:
        return Check("repeats", Tone.STOP, "No repeats left", f"{total} of {total} were supplied.")
    left = total - supply
    return Check(
        "repeats",
        Tone.OK,
        f"Supply {supply} of {total}",
        f"{left} {'repeat' if left == 1 else 'repeats'} left after it.",
    )


def stock(drug: str, unit: str, wanted: Decimal, there: Decimal) -> Check:
    """Whether the shelf holds it; what is short can be owed."""
    if there >= wanted:
        return Check("stock", Tone.OK, f"{drug}: {counted(there, unit)} on the shelf")
    short = f"Give {plain(there)} now and owe {counted(wanted - there, unit)}, or hold it."
    return Check("stock", Tone.NOTE, f"{drug}: only {plain(there)} of {counted(wanted, unit)} here", short)


SAME_UNIT = {"puff": "dose", "spray": "dose", "application": "dose"}


def days_of(quantity: Decimal, unit: str, dose: dict[str, Any]) -> int | None:
    """Whole days that a quantity lasts at the most that may be taken; else the length of the course; else not known."""
    said = str(dose.get("unit", ""))
    if "per_day" in dose and SAME_UNIT.get(said, said) in ("", unit):
        return floor(Fraction(quantity) / Fraction(str(dose["per_day"])))
    return int(dose["days"]) if "days" in dose else None


def outlast(today: date, days: int | None) -> date | None:
    """The last day of the course, on which the batch should still be good."""
    return today + timedelta(days=days) if days else None


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"


def _percent(share: Decimal) -> str:
    return f"{plain(share * 100)} %"
