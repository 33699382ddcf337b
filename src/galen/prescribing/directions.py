"""A small compiler of directions: `1-2 tabs po q4-6h prn, max 8/24h` to a dosage and plain English.

What it does not know it hands back, never drops; what people misread it rewrites with a notice, or refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .abbreviations import (
    AS_DIRECTED,
    AS_NEEDED,
    DAYS_IN,
    ERROR_PRONE,
    FOOD,
    FREQUENCIES,
    IN_MG,
    NOISE,
    NUMBERS,
    ROUTES,
    SITES,
    THEN,
    UNITS,
    VERBS,
    Frequency,
    Route,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something written that is easily misread; `refused` when only the prescriber can say what was meant."""

    written: str
    sentence: str
    refused: bool = False


@dataclass(slots=True)
class Directions:
    """How to take one medicine, as far as it was understood."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: Unit | None = None
    route: Route | None = None
    site: str = ""
    places: int = 1
    frequency: Frequency | None = None
    food: str = ""
    verb: str = ""
    as_needed: bool = False
    reason: str = ""
    as_directed: bool = False
    maximum: Decimal | None = None
    days: int | None = None
    quantity: Decimal | None = None
    repeats: int | None = None
    unknown: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Fit to sign: a dose and how often (or as directed), nothing unknown, nothing refused."""
        spread = self.verb == "apply" or (self.route is not None and self.route.verb == "apply")
        dosed = self.high is not None or spread
        told = (dosed and (self.frequency is not None or self.as_needed)) or self.as_directed
        return told and not self.unknown and not any(one.refused for one in self.notices)

    @property
    def per_day(self) -> Fraction | None:
        """The most in a day, in dose units: highest dose, shortest interval, every site, within the maximum."""
        limit = None if self.maximum is None else Fraction(self.maximum)
        if self.high is None or self.frequency is None:
            return limit
        most = Fraction(self.high) * self.frequency.per_day * self.places
        return most if limit is None else min(most, limit)

    def __str__(self) -> str:
        """What the patient reads: plain English and numerals; what was not understood stands in brackets."""
        said = [self._dose_sentence()]
        if self.maximum is not None:
            said.append(f"No more than {amount(self.maximum, self.maximum, self.unit)} in 24 hours.")
        if self.unknown:
            said.append(f"[{' '.join(self.unknown)}]")
        return " ".join(one for one in said if one)

    def _dose_sentence(self) -> str:
        verb = self.verb or (self.route or self.unit or Unit("", "")).verb
        if self.unit and not self.verb and self.unit.verb not in {"take", "inject"}:
            verb = self.unit.verb
        dose = amount(self.low, self.high, self.unit) if self.low is not None and self.high is not None else ""
        into = self.route.words if self.route and not (self.site and self.route.verb == "apply") else ""
        often = self.frequency.words if self.frequency else ""
        needed = (
            " for ".join(["when needed", self.reason] if self.reason else ["when needed"]) if self.as_needed else ""
        )
        why = f"for {self.reason}" if self.reason and not self.as_needed else ""
        directed = "as directed" if self.as_directed else ""
        length = f"for {self.days} {'day' if self.days == 1 else 'days'}" if self.days is not None else ""
        parts = [one for one in (dose, into, self.site, often, self.food, needed, why, directed, length) if one]
        return f"{verb.capitalize()} {' '.join(parts)}." if parts else ""


def amount(low: Decimal, high: Decimal, unit: Unit | None) -> str:
    """`1 to 2 tablets`: no trailing zero, a zero before the point, a space before the unit."""
    number = plain(high) if low == high else f"{plain(low)} to {plain(high)}"
    return f"{number} {unit.one if high <= 1 else unit.many}" if unit else number


def plain(number: Decimal) -> str:
    """A number as it is safe to print: 1 and not 1.0, 0.5 and not .5, 1,000 and not 1000 (ISMP)."""
    return f"{round(number, 4).normalize():,f}"


def read(text: str, country: str = "AU") -> Directions:
    """Understand directions as far as possible."""
    rest, made = _normal(text), Directions()
    reader = _Reader(made, country)
    while rest:
        rest = rest[reader.step(rest) :]
    reader.finish()
    return made


_KINDS: dict[str, dict[str, Any]] = {
    "frequency": FREQUENCIES,
    "unit": UNITS,
    "food": FOOD,
    "route": ROUTES,
    "site": SITES,
    "number": NUMBERS,
    "verb": {verb: verb for verb in VERBS},
    "as_needed": dict.fromkeys(AS_NEEDED),
    "as_directed": dict.fromkeys(AS_DIRECTED),
    "noise": dict.fromkeys(NOISE),
}
_SPELLINGS = sorted(
    {spelling for table in _KINDS.values() for spelling in table} | set(ERROR_PRONE), key=len, reverse=True
)
_PLAIN = r"(?:(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,7})(?:\.\d{1,6})?|\.\d{1,6})(?![\d.]*\d)"
_NUMBER = rf"(?:(?:\d{{1,3}} )?\d{{1,3}}/[1-9]\d{{0,2}}(?!\d)|{_PLAIN}(?!/\d))"
_HOURS = r"(?:hours|hourly|hour|hrly|hrs|hr|h)\b"
_PER_DAY = rf"(?:(?:/|per|in|a)\s*(?:24\s*{_HOURS}|day\b|d\b)|daily\b)"
_MOST = rf"(?:max(?:imum)?\.?\s*(?:of\s+)?|no more than\s+)(?P<most>{_PLAIN})"
# What a piece of the text may look like, in the order in which it is tried.
_SHAPES = [
    (name, re.compile(pattern))
    for name, pattern in (
        ("gap", r"[\s,;:()]+|\.(?!\d)"),
        ("maximum", rf"{_MOST}\s*(?P<unit>(?!per\b|in\b|a\b|daily\b)[a-zµμ]+)?\s*{_PER_DAY}?"),
        ("days", r"(?:(?:for|x)\s*)?(?P<many>\d{1,4})/(?P<of>7|52|12)(?![\d/])"),
        ("days", r"(?:for|x)\s*(?P<many>\d{1,4})\s*(?P<of>d|w|m)(?:ays?|eeks?|onths?|/\w+|ks?)?\b"),
        (
            "interval",
            rf"(?:q\s?|every\s+)(?P<least>\d{{1,3}})(?:\s*(?:-|to)\s*(?P<most>\d{{1,3}}))?\s*(?P<of>{_HOURS}|days?\b|d\b)",
        ),
        ("interval", r"(?P<least>\d{1,3})(?:-(?P<most>\d{1,3}))?\s*(?P<of>hourly|hrly)\b"),
        ("quantity", r"(?:mitte|disp|qty|#)\.?\s*(?P<many>\d{1,4})\b"),
        ("repeats", r"(?:rpt|repeats?|refills?)\.?\s*(?P<many>\d{1,4})\b|(?:nr|no repeats)\b"),
        ("phrase", rf"(?:{'|'.join(map(re.escape, _SPELLINGS))})(?![\w/])"),
        ("dose", rf"(?P<low>{_NUMBER})(?:\s*(?:-|to)\s*(?P<high>{_NUMBER}))?"),
        ("reason", r"(?:for|if)\s+(?=[a-z])"),
        ("word", r"[^\W_][^\s,;:()]*|."),
    )
]
_ENDS_REASON = [
    shape for name, shape in _SHAPES if name in {"maximum", "days", "interval", "quantity", "repeats", "phrase"}
]
_FOR, _LETTERS = re.compile(r"\s*(?:(?:for|if)\s+)?"), re.compile(r"([a-z][a-z'-]{2,})\b ?")


_SIGNS = str.maketrans(dict.fromkeys("\u2010\u2011\u2013\u2014\u2212", "-") | {"\xd7": "x", "½": " 1/2", "¼": " 1/4"})


def _normal(text: str) -> str:
    lowered = text.lower().translate(_SIGNS)
    return re.sub(r"\b(?:[a-z]\.){2,}", lambda dotted: dotted[0].replace(".", "") + " ", lowered).strip()


def _value(written: str) -> Decimal:
    parts = [Fraction(part.replace(",", "") if part[0] != "." else f"0{part}") for part in written.split(" ")]
    total = sum(parts, Fraction(0))
    return Decimal(total.numerator) / Decimal(total.denominator)


class _Reader:
    """Puts each piece of the text in its place; every piece says how many signs it was, 0 when it is not its kind."""

    def __init__(self, made: Directions, country: str) -> None:
        self.made, self.country, self.wrote_od, self.second_step = made, country, False, False

    def step(self, rest: str) -> int:
        """Understand what the text begins with."""
        if self.second_step:
            return self._unknown(rest)
        for name, shape in _SHAPES:
            found = shape.match(rest)
            signs: int = getattr(self, f"_{name}")(found) if found else 0
            if signs:
                return signs
        raise AssertionError("every sign is a word at least")

    def finish(self) -> None:
        """What can be judged only when all is read."""
        drops = self.made.unit is not None and self.made.unit.one == "drop"
        if self.wrote_od and (drops or "eye" in self.made.site or self.country == "US"):
            self._notice("od", "`od` is read as right eye or as once a day: write which one is meant.", refused=True)

    def _gap(self, found: re.Match[str]) -> int:
        return found.end()

    def _maximum(self, found: re.Match[str]) -> int:
        unit, most, dose_unit = UNITS.get(found["unit"] or ""), _value(found["most"]), self.made.unit
        if found["unit"] and unit != dose_unit:
            if not (unit and dose_unit and unit.one in IN_MG and dose_unit.one in IN_MG):
                return self._unknown(found[0])
            most = most * IN_MG[unit.one] / IN_MG[dose_unit.one]
        if not 0 < most == round(most, 4):
            return self._unknown(found[0])
        self._number_notices(found["most"])
        return self._put("maximum", most, found[0])

    def _days(self, found: re.Match[str]) -> int:
        return self._put("days", int(found["many"]) * DAYS_IN[found["of"]], found[0])

    def _interval(self, found: re.Match[str]) -> int:
        least, most = int(found["least"]), int(found["most"] or found["least"])
        if not 0 < least <= most:
            return self._unknown(found[0])
        period = "hour" if found["of"].startswith("h") else "day"
        span = f"{least}" if least == most else f"{least} to {most}"
        words = f"every {period}" if span == "1" else f"every {span} {period}s"
        return self._often(Frequency(words, 1, period, least, most), found[0])

    def _quantity(self, found: re.Match[str]) -> int:
        return self._put("quantity", Decimal(found["many"]), found[0])

    def _repeats(self, found: re.Match[str]) -> int:
        return self._put("repeats", int(found["many"] or 0), found[0])

    def _phrase(self, found: re.Match[str]) -> int:
        written = found[0]
        if written in ERROR_PRONE and ERROR_PRONE[written].refused:
            return self._word(found)
        kinds = [kind for kind, table in _KINDS.items() if written in table]
        if "unit" in kinds and (self.made.high is None or self.made.unit is not None):
            kinds.remove("unit")  # `cc` is mL after a number and with food elsewhere
        if not kinds:
            return 0
        self._misread(written)
        return self._meaning(kinds[0], _KINDS[kinds[0]][written], found)

    def _meaning(self, kind: str, value: Any, found: re.Match[str]) -> int:
        match kind:
            case "frequency":
                self.wrote_od = self.wrote_od or found[0] == "od"
                return self._often(value, found[0])
            case "site" if not self.made.site:
                self.made.site, self.made.places = value
            case "site":
                return self._unknown(found[0])
            case "number":
                return self._dose_of(value, value, found[0])
            case "as_needed":
                self.made.as_needed = True
                return self._because(found.string, found.end()) or found.end()
            case "as_directed":
                self.made.as_directed = True
            case "noise":
                pass
            case _:
                return self._put(kind, value, found[0])
        return found.end()

    def _dose(self, found: re.Match[str]) -> int:
        low, high = _value(found["low"]), _value(found["high"] or found["low"])
        self._number_notices(found["low"], found["high"] or "")
        printable = all(0 < one == round(one, 4) for one in (low, high))  # a third of a tablet is not
        return self._dose_of(low, high, found[0]) if printable and low <= high else self._unknown(found[0])

    def _reason(self, found: re.Match[str]) -> int:
        return self._because(found.string, 0)

    def _word(self, found: re.Match[str]) -> int:
        self._misread(found[0])
        self.second_step = self.second_step or found[0] in THEN
        return self._unknown(found[0])

    def _because(self, rest: str, at: int) -> int:
        """`for pain`: the words up to the next that means something else."""
        opening = _FOR.match(rest, at)
        at = opening.end() if opening else at
        said: list[str] = []
        while not any(shape.match(rest, at) for shape in _ENDS_REASON) and (word := _LETTERS.match(rest, at)):
            said.append(word[1])
            at = word.end()
        if not said or self.made.reason:
            return 0
        self.made.reason = " ".join(said)
        return at

    def _dose_of(self, low: Decimal, high: Decimal, written: str) -> int:
        if self.made.high is not None:
            self.second_step = True
            return self._unknown(written)
        self.made.low, self.made.high = low, high
        return len(written)

    def _often(self, new: Frequency, written: str) -> int:
        old = self.made.frequency
        joined = (_joined(old, new) or _joined(new, old)) if old else new
        if joined is None:
            return self._unknown(written)
        self.made.frequency = joined
        return len(written)

    def _put(self, name: str, value: object, written: str) -> int:
        if getattr(self.made, name) not in (None, ""):
            return self._unknown(written)
        setattr(self.made, name, value)
        return len(written)

    def _unknown(self, written: str) -> int:
        self.made.unknown.append(written.strip())
        return len(written)

    def _misread(self, written: str) -> None:
        if written in ERROR_PRONE:
            found = ERROR_PRONE[written]
            self._notice(written, f"Do not write `{written}`: {found.why}. Write {found.write}.", found.refused)

    def _number_notices(self, *numbers: str) -> None:
        for number in numbers:
            if re.fullmatch(r"[\d,]+\.\d*0", number):
                self._notice(
                    number, f"Do not write `{number}`: without its point it is tenfold. Write {plain(_value(number))}."
                )
            if number.startswith("."):
                self._notice(
                    number, f"Do not write `{number}`: its point is overlooked. Write {plain(_value(number))}."
                )

    def _notice(self, written: str, sentence: str, refused: bool = False) -> None:
        self.made.notices.append(Notice(written, sentence, refused))


def _joined(old: Frequency, new: Frequency) -> Frequency | None:
    """`mane` and `nocte` are two doses; `daily` or `weekly` with `nocte` is still one; others do not go together."""
    if old.once or new.once or not new.when:
        return None
    if old.when and not set(old.when) & set(new.when) and old.least == new.least == 1:
        words = f"{old.words.replace(' and ', ', ')} and {new.words}"
        return replace(old, words=words, count=old.count + new.count, when=old.when + new.when)
    if not old.when and old.count == 1 and old.period == "day":
        return replace(old, words=new.words if old.least == 1 else f"{old.words} {new.words}", when=new.when)
    return None
