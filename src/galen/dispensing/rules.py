"""When a supply may be given, what needs an answer first, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Any

from galen.i18n import formats, label, ngettext
from galen.i18n import gettext as _
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

    @property
    def colour(self) -> str:
        """The tone that a page draws it in."""
        return {"ok": "ok", "note": "caution", "ask": "caution", "stop": "danger"}[self.value]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the pharmacist's screen looks at, and what came of it."""

    key: str
    tone: Tone
    title: str
    detail: str = ""
    kept: str = ""  # the title in English, where an answer to it is kept

    @property
    def fine(self) -> bool:
        return self.tone is Tone.OK


def is_controlled(schedules: Iterable[str]) -> bool:
    """Whether any of these schedules asks for two persons and an identified collector."""
    return not CONTROLLED.isdisjoint(schedules)


def validity(today: date, status: str, not_before: date | None, until: date | None) -> Check:
    """Signed, not cancelled, not too old and not before its day."""
    if status not in ("signed", "partly_dispensed", "dispensed"):
        title = _("The prescription is %(status)s", status=label(status))
        return Check("validity", Tone.STOP, title, _("Nothing may be supplied on it."))
    if until and today > until:
        title = _("Expired on %(day)s", day=formats.day(until))
        return Check("validity", Tone.STOP, title, _("Ask the prescriber for a new prescription."))
    if not_before and today < not_before:
        title = _("Not before %(day)s", day=formats.day(not_before))
        return Check("validity", Tone.STOP, title, _("The prescriber wrote so. Hold it until then."))
    title = _("Valid until %(day)s", day=formats.day(until)) if until else _("Valid without an end")
    return Check("validity", Tone.OK, title)


def repeats(supply: int, allowed: int) -> Check:
    """Which supply of how many this is."""
    total = allowed + 1
    if supply > total:
        all_given = _("%(total)s of %(total)s were supplied.", total=total)
        return Check("repeats", Tone.STOP, _("No repeats left"), all_given)
    left = ngettext("%(num)s repeat left after it.", "%(num)s repeats left after it.", total - supply)
    return Check("repeats", Tone.OK, _("Supply %(number)s of %(total)s", number=supply, total=total), left)


def stock(drug: str, unit: str, wanted: Decimal, there: Decimal) -> Check:
    """Whether the shelf holds it; what is short can be owed."""
    if there >= wanted:
        enough = _("%(drug)s: %(amount)s on the shelf", drug=drug, amount=counted(there, unit))
        return Check("stock", Tone.OK, enough)
    here, rest = plain(there), counted(wanted - there, unit)
    title = _("%(drug)s: only %(here)s of %(wanted)s here", drug=drug, here=here, wanted=counted(wanted, unit))
    short = _("Give %(here)s now and owe %(rest)s, or hold it.", here=here, rest=rest)
    return Check("stock", Tone.NOTE, title, short)


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


KEPT_COLD = frozenset({"fridge", "freezer"})


def not_to_be_sold_again(
    allowed: bool, controlled: bool, storage: str, expires: date | None, good: bool, today: date
) -> str:
    """Why a returned medicine may not go back on the shelf, whatever is said of it; empty when it may.

    Sources: 21 CFR 211.204 and 1317.85 (returned controlled substances), FDA CPG 460.300 (returned drug products); the
    Pharmacy Board of Australia's guidelines on dispensing; the cold chain once broken cannot be vouched for.
    """
    if not allowed:
        return _("Your organisation sells nothing again that patients have brought back.")
    if controlled:
        return _("A controlled medicine is never sold again.")
    if storage in KEPT_COLD:
        return _("It has to be kept cold, and nobody knows whether it was.")
    if not good:
        return _("Its batch is set aside or recalled.")
    if expires and expires < today:
        return _("It has expired.")
    return ""
