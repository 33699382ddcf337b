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

from galen.i18n import N_, formats, label, ngettext
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
    sums = reckoned(formats.day(last), days, threshold, interval)
    about = {"drug": drug, "day": formats.day(first)}
    if today >= first:
        return Check(f"too-soon:{key}", Tone.OK, _("%(drug)s: due since %(day)s", **about), sums)
    if days:
        message, about["percent"] = EARLY_USED, str(min(100, (today - last).days * 100 // days))
    else:
        message = EARLY
    return Check(f"too-soon:{key}", Tone.ASK, _(message, **about), sums, kept=message % about)


EARLY = N_("Too early: %(drug)s is due %(day)s")
EARLY_USED = N_("Too early: %(drug)s is due %(day)s, %(percent)s %% used")


def reckoned(last: str, days: int | None, threshold: Decimal, interval: int | None) -> str:
    """The arithmetic of a refill, in words."""
    if not days:
        return ngettext(
            "Last supplied %(last)s; at least %(num)s day between two supplies.",
            "Last supplied %(last)s; at least %(num)s days between two supplies.",
            interval or 0,
            last=last,
        )
    about = {"last": last, "share": _percent(threshold), "due": ceil(days * threshold)}
    if not interval:
        return ngettext(
            "Last supplied %(last)s, lasts %(num)s day; %(share)s of that is %(due)s days.",
            "Last supplied %(last)s, lasts %(num)s days; %(share)s of that is %(due)s days.",
            days,
            **about,
        )
    return ngettext(
        "Last supplied %(last)s, lasts %(num)s day; %(share)s of that is %(due)s days; "
        "at least %(interval)s days between two supplies.",
        "Last supplied %(last)s, lasts %(num)s days; %(share)s of that is %(due)s days; "
        "at least %(interval)s days between two supplies.",
        days,
        interval=interval,
        **about,
    )


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


def _percent(share: Decimal) -> str:
    return f"{plain(share * 100)} %"
