"""When the next supply may be given: one engine for the desk, the patient and the interface. Values in, answer out.

Sources: CMS drug utilisation rules and NCPDP reject 79 (share used, look-back); 21 CFR 1306.12, 1306.22 (schedules II
to V); the Poisons Standard with the states' regulations (least interval of a repeat of schedule 8); PBS 20-day rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from math import ceil

from galen.i18n import formats, ngettext
from galen.i18n import gettext as _
from galen.values.units import plain

from .legal import law_of

LOOK_BACK = 180


@dataclass(frozen=True, slots=True)
class Fill:
    """One earlier supply of the same medicine, and for how many days it lasts; none when nobody knows."""

    day: date
    days: int | None


@dataclass(frozen=True, slots=True)
class RefillRule:
    """What this organisation asks: the share used, days before the end, days apart, the look-back; strict or not."""

    share: Decimal = Decimal("0.80")  # of the last supply that is to be used up
    ahead: int | None = None  # at most so many days before everything supplied runs out
    apart: int | None = None  # at least so many days between two supplies
    look_back: int = LOOK_BACK  # days in which what is left of earlier supplies counts; 0: only the last one does
    strict: bool = False  # a repeat before its day is refused, whatever the reason

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError("The share must be above 0 and not above 1: 0.80 is 80 %.")


@dataclass(frozen=True, slots=True)
class RefillTerms:
    """What the prescription says of the medicine, and the law of its country by the schedule."""

    country: str
    schedule: str = ""
    written: date | None = None
    not_before: date | None = None
    until: date | None = None  # the last day, where the prescription names one
    repeats: int = 0
    interval: int | None = None  # the prescriber's own least days between two supplies

    @property
    def last_day(self) -> date | None:
        """The last day of supply: the one that stands on it, and never beyond what the schedule allows."""
        by_law = law_of(self.country, self.schedule).last_day(self.written) if self.written else None
        return min((day for day in (self.until, by_law) if day), default=None)

    @property
    def supplies(self) -> int:
        """How many times it may be supplied in all."""
        most = law_of(self.country, self.schedule).repeats
        return 1 + (self.repeats if most is None else min(self.repeats, most))

    def strict(self, supply: int) -> bool:
        """Whether the law lets no reason count: for repeats alone, since a new prescription is a new judgement."""
        return supply > 1 and law_of(self.country, self.schedule).strict


class RefillVerdict(StrEnum):
    """Whether it may be supplied today."""

    DUE = "due"
    EARLY = "early"
    NOT_YET = "not yet"  # the prescriber's own first day: no reason helps
    USED_UP = "used up"
    OVER = "over"  # the prescription has ended


@dataclass(frozen=True, slots=True)
class RefillAnswer:
    """The first day that is not too soon, none when there is none on this prescription, with its arithmetic."""

    verdict: RefillVerdict
    earliest: date | None
    sums: str
    used: int | None = None  # per cent of what was supplied
    reason_helps: bool = False  # a pharmacist may give it early, with a reason
    known: bool = False  # there was an earlier supply to reckon with

    @property
    def due(self) -> bool:
        return self.verdict is RefillVerdict.DUE


@dataclass(frozen=True, slots=True)
class InHand:
    """What the patient still has: the last supply, what was left when it was given, and when all is used up."""

    last: date
    days: int
    carried: int

    @property
    def out(self) -> date:
        return self.last + timedelta(days=self.carried + self.days)

    def used(self, today: date) -> int:
        """How much of it is used up, per cent."""
        return max(0, min(100, (today - self.last).days * 100 // (self.carried + self.days)))

    def share_used(self, share: Decimal) -> date:
        return self.last + timedelta(days=self.carried + ceil(self.days * share))


def stock_of(fills: Iterable[Fill], today: date, look_back: int) -> InHand | None:
    """Earlier supplies laid end to end: what was given too early is added, a gap is not made up for."""
    known = sorted(((fill.day, fill.days) for fill in fills if fill.days), key=lambda fill: fill[0])
    if not known:
        return None
    last, days = known[-1]
    start, end = today - timedelta(days=look_back), date.min
    for day, lasts in known[:-1]:
        if day == last or (look_back and day >= start):  # two of one day are one supply
            end = max(end, day) + timedelta(days=lasts)
    return InHand(last, days, max(0, (end - last).days))


def refill(fills: Sequence[Fill], rule: RefillRule, terms: RefillTerms, supply: int, today: date) -> RefillAnswer:
    """The earliest day of this supply (1 is the original), and why; never earlier than law, prescriber and house say.

    30 days at 80 % supplied on 1 March: 25 March. With 6 days left over from the supply before: 31 March.
    """
    interval = terms.interval if supply > 1 else None
    apart = max((days for days in (interval, rule.apart) if days), default=None)
    stock, last = stock_of(fills, today, rule.look_back), max((fill.day for fill in fills), default=None)
    days, sums = [today] if last is None else [date.min], list[str]()
    if stock:
        days.append(stock.share_used(rule.share))
        sums += used_words(stock, rule.share)
        if rule.ahead is not None:
            days.append(stock.out - timedelta(days=rule.ahead))
            sums.append(ahead_words(stock, rule.ahead))
    if last and apart:
        days.append(last + timedelta(days=apart))
        sums.append(apart_words(last, apart, alone=stock is None))
    first, end = max(days), terms.last_day
    first = today if first == date.min else first  # nothing that could be reckoned with
    used = None if stock is None else stock.used(today)
    known = bool(sums)
    if supply > terms.supplies:
        total = terms.supplies
        return RefillAnswer(
            RefillVerdict.USED_UP, None, _("%(total)s of %(total)s were supplied.", total=total), used, known=known
        )
    if end and today > end:
        sums.append(_("The prescription could be supplied until %(day)s.", day=formats.day(end)))
        return RefillAnswer(RefillVerdict.OVER, None, " ".join(sums), used, known=known)
    if terms.not_before and terms.not_before > max(first, today):
        sums.append(_("The prescriber asks not to supply it before %(day)s.", day=formats.day(terms.not_before)))
        first = terms.not_before
    earliest: date | None = first
    if end and first > end:
        sums.append(_("The prescription ends before that, on %(day)s.", day=formats.day(end)))
        earliest = None
    said = " ".join(sums)
    if terms.not_before and today < terms.not_before:
        return RefillAnswer(RefillVerdict.NOT_YET, earliest, said, used, known=known)
    if today >= first:
        return RefillAnswer(RefillVerdict.DUE, earliest, said, used, known=known)
    strict = terms.strict(supply) or (rule.strict and supply > 1)
    return RefillAnswer(RefillVerdict.EARLY, earliest, said, used, not strict, known)


def usual_due(last: date, days: int) -> date:
    """The first day the next supply is usually not too soon, for whoever writes the prescription."""
    return InHand(last, days, 0).share_used(RefillRule().share)


def used_words(stock: InHand, share: Decimal) -> list[str]:
    """The share used up, in words; with what was left over, where something was."""
    about = {
        "last": formats.day(stock.last),
        "share": f"{plain(share * 100)} %",
        "due": ceil(stock.days * share),
    }
    words = ngettext(
        "Last supplied %(last)s, lasts %(num)s day; %(share)s of that is %(due)s days.",
        "Last supplied %(last)s, lasts %(num)s days; %(share)s of that is %(due)s days.",
        stock.days,
        **about,
    )
    if not stock.carried:
        return [words]
    left = ngettext(
        "%(num)s day was left of what was supplied before.",
        "%(num)s days were left of what was supplied before.",
        stock.carried,
    )
    return [words, left]


def ahead_words(stock: InHand, ahead: int) -> str:
    out = formats.day(stock.out)
    return ngettext(
        "It runs out on %(out)s; at most %(num)s day before that.",
        "It runs out on %(out)s; at most %(num)s days before that.",
        ahead,
        out=out,
    )


def apart_words(last: date, apart: int, *, alone: bool) -> str:
    """The least interval; where nothing else is known, with the day from which it counts."""
    if alone:
        return ngettext(
            "Last supplied %(last)s; at least %(num)s day between two supplies.",
            "Last supplied %(last)s; at least %(num)s days between two supplies.",
            apart,
            last=formats.day(last),
        )
    return ngettext("At least %(num)s day between two supplies.", "At least %(num)s days between two supplies.", apart)
