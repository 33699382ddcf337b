"""Elements of FHIR R4, read by hand: each refusal names the path and says what is wrong."""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
ABSENT_EXTENSION = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
NULLED = {  # HL7 v3 NullFlavor, as C-CDA has it
    "UNK": "unknown", "NI": "unknown", "QS": "unknown", "ASKU": "asked-unknown", "NASK": "not-asked",
    "NAV": "temp-unknown", "NAVU": "temp-unknown", "MSK": "masked", "NA": "not-applicable",
}  # fmt: skip
DIGITS = 15  # before and behind the decimal point: beyond, no number of a person or a medicine lies
DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII)


class Unreadable(Exception):
    """Something that cannot be read, at a path inside a resource."""

    def __init__(self, path: str, says: str) -> None:
        super().__init__(says)
        self.path, self.says = path, says


@dataclass(frozen=True)
class When:
    """A date or a moment as exactly as it is known: `1980`, `1980-05`, `1980-05-17`, `1980-05-17T10:00:00+10:00`."""

    text: str
    first: date
    last: date
    at: datetime | None = None

    def moment(self, zone: ZoneInfo) -> datetime:
        """The instant; of a day alone, its beginning on the local clock."""
        at = self.at or datetime.combine(self.first, time())
        return at if at.tzinfo else at.replace(tzinfo=zone)


@dataclass(frozen=True)
class Concept:
    """What is meant, in words, and by its first code. `absent` is why nothing is said: unknown, masked …

    `texts` are its own words and those of each code; `stated` those of codes that only say that there is none.
    """

    text: str = ""
    code: str = ""
    system: str = ""
    absent: str = ""
    codes: frozenset[tuple[str, str]] = frozenset()
    texts: tuple[str, ...] = ()
    stated: frozenset[str] = frozenset()

    def words(self, thing: str) -> str:
        """The words, or that there are none, and why."""
        return self.text or f"{thing} not stated ({self.absent or 'no reason given'})"


@dataclass(frozen=True)
class Element:
    """A JSON object and where it stands. What is missing reads as empty; from XML (`loose`) one is a list, too."""

    body: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    loose: bool = False

    def __bool__(self) -> bool:
        return bool(self.body)

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str) -> str:
        value = self.body.get(name, "")
        if not isinstance(value, str):
            raise Unreadable(self.at(name), "should be text")
        return value.strip()

    def code(self, name: str, allowed: str) -> str:
        """One of FHIR's own words; required where the empty word is not among them."""
        value, words = self.text(name), allowed.split(" ")
        if value not in words:
            wrong = f"'{value[:40]}' is not one of {', '.join(filter(None, words))}"
            raise Unreadable(self.at(name), wrong if value else "is required")
        return value

    def flag(self, name: str) -> bool:
        value = self.body.get(name, False)
        if self.loose and value in ("true", "false"):
            return bool(value == "true")
        if not isinstance(value, bool):
            raise Unreadable(self.at(name), "should be true or false")
        return value

    def one(self, name: str) -> "Element":
        value = self.body.get(name) or {}
        if self.loose and isinstance(value, list):
            value = value[0]
        if not isinstance(value, dict):
            raise Unreadable(self.at(name), "should be an object")
        return Element(value, self.at(name), self.loose)

    def many(self, name: str) -> list["Element"]:
        value = self.listed(name)
        if not isinstance(value, list):
            raise Unreadable(self.at(name), "should be a list")
        for place, item in enumerate(value):
            if not isinstance(item, dict):
                raise Unreadable(f"{self.at(name)}[{place}]", "should be an object")
        return [Element(item, f"{self.at(name)}[{place}]", self.loose) for place, item in enumerate(value)]

    def listed(self, name: str) -> Any:
        value = self.body.get(name) or []
        return [value] if self.loose and not isinstance(value, list) else value

    def words(self, name: str) -> list[str]:
        value = self.listed(name)
        if not isinstance(value, list) or not all(isinstance(item, str | None) for item in value):
            raise Unreadable(self.at(name), "should be a list of text")
        return [item.strip() for item in value if item and item.strip()]

    def number(self, name: str) -> Decimal | None:
        value = self.body.get(name)
        try:
            if value is None or isinstance(value, bool | dict | list):
                raise InvalidOperation
            number = Decimal(str(value).removeprefix("\ue000"))
            if (
                not number.is_finite()
                or not -DIGITS <= number.adjusted() <= DIGITS
                or len(number.as_tuple().digits) > 40
            ):
                raise InvalidOperation
            return number
        except InvalidOperation:
            if value is None:
                return None
            raise Unreadable(self.at(name), "should be a number") from None

    def when(self, name: str) -> When | None:
        """A date or dateTime; one that is not in the calendar is refused."""
        text = self.text(name)
        if not text:
            return None
        found = DATE.fullmatch(text)
        try:
            if not found:
                raise ValueError
            year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
            first = date(year, month or 1, day or 1)
            last = first if day else date(year, month or 12, monthrange(year, month or 12)[1])
            return When(text, first, last, datetime.fromisoformat(text) if found[4] else None)
        except ValueError:
            raise Unreadable(self.at(name), f"'{text[:40]}' is not a date") from None

    def period_or_when(self, stem: str) -> tuple[When | None, When | None]:
        """`onsetDateTime`, or the two ends of `onsetPeriod`."""
        if at := self.when(f"{stem}DateTime"):
            return at, None
        period = self.one(f"{stem}Period")
        return period.when("start"), period.when("end")

    def concept(self, name: str) -> Concept:
        return concept(self.one(name))

    def said_absent(self, name: str) -> str:
        """Why the source says nothing here: masked, unknown …; empty when it does not tell."""
        own = self.body.get(name)
        return (absence(Element(own, self.at(name), self.loose)) if isinstance(own, dict) else "") or absence(
            self.one(f"_{name}")
        )


def absence(element: Element) -> str:
    reasons = (e.text("valueCode") for e in element.many("extension") if e.text("url") == ABSENT_EXTENSION)
    return next(reasons, "")


def why_absent(coding: Element) -> str:
    """The reason that a coding gives for saying nothing, by either list of reasons."""
    if "v3-NullFlavor" in coding.text("system"):
        return NULLED.get(coding.text("code"), "")
    return coding.text("code") if coding.text("system") == ABSENT else ""


def concept(element: Element) -> Concept:
    """A CodeableConcept: its own words before those of its first code."""
    codings = element.many("coding")
    absent = next(filter(None, map(why_absent, codings)), "") or absence(element)
    real = [c for c in codings if not why_absent(c) and "v3-NullFlavor" not in c.text("system")]
    coded = [c for c in real if c.text("code")]
    texts = tuple(dict.fromkeys(filter(None, (element.text("text"), *(c.text("display") for c in real)))))
    words = next(iter(texts), "")
    code, system = (coded[0].text("code"), coded[0].text("system")) if coded else ("", "")
    if not words and code and not absent:
        words = f"code {code}"
    codes = frozenset((c.text("system"), c.text("code")) for c in coded)
    stated = frozenset(c.text("display") for c in coded if c.text("code").startswith("no-") or c.text("code").isdigit())
    return Concept(words, code, system, absent, codes, texts, stated)
