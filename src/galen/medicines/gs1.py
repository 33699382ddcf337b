"""What a scanner reads off a pack: GS1 element strings and addresses, plain article numbers, the German PPN.

Formats: GS1 General Specifications 3 (application identifiers), 5.10 (symbology identifiers), 7.12 (years), GS1 Digital
Link 1.3, IFA specification PPN-Code 2. Values in, values out; whoever knows products looks them up by `Scan.codes`.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

from galen.i18n import gettext as _

from .rules import gtin_check_digit, is_gtin

SEPARATOR = "\x1d"
SHOWN_SEPARATOR = re.compile(r"(?i)[<{(\[](?:gs|fnc1|0x1d)[>})\]]|␝|\^\]|\\x1d|\\u001d|\\f(?=\d)")
SYMBOLOGY = re.compile(r"\](?:[Cc]1|[Dd]2|[Qq]3|e[0-3]|[Jj]1)")  # GS1-128, DataMatrix, QR, DataBar, DotCode
ANY_SYMBOLOGY = re.compile(r"^\][A-Za-z]\d")
MOST, GUESSED = 400, 90  # characters of the longest symbol, and of the longest that is read without separators
AI_LENGTH = {  # digits of an identifier, by its first two
    **dict.fromkeys("00 01 02 03 10 11 12 13 15 16 17 20 21 22 30 37 90 91 92 93 94 95 96 97 98 99".split(), 2),
    **dict.fromkeys("23 24 25 40 41 42 71".split(), 3),
    **dict.fromkeys("31 32 33 34 35 36 39 43 70 72 80 81 82".split(), 4),
}
FIXED = {  # characters of a value that needs no separator after it, or always has as many
    "00": 18, "01": 14, "02": 14, "03": 14, **dict.fromkeys(("11", "12", "13", "15", "16", "17"), 6), "20": 2,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6), "41": 13, "422": 3, "424": 3, "426": 3,
    "7001": 13, "7003": 10, "7006": 6, "8001": 14, "8005": 6, "8006": 18, "8017": 18, "8018": 18, "8026": 18,
}  # fmt: skip
LONGEST = {  # the most characters of any other value
    "10": 20, "21": 20, "22": 20, "235": 28, "242": 6, "243": 20, "254": 20, "30": 8, "37": 8, "39": 18, "402": 17,
    "420": 20, "421": 12, "423": 15, "425": 15, "427": 3, "71": 20, "70": 30, "72": 30, "80": 50, "81": 70, "82": 70,
    "43": 70, **dict.fromkeys(map(str, range(91, 100)), 90),
}  # fmt: skip
DIGITS_ONLY = {"30", "37", "242", "402"}
TELLING = {"01", "10", "11", "17", "21", "30"}  # what packs of medicines carry
SHORT_NAMES = {"gtin": "01", "cpv": "22", "lot": "10", "ser": "21", "exp": "17"}  # of older Digital Links
PZN, NDC = "710", "715"


class Misread(ValueError):
    """What was scanned is a code of a pack, and one that cannot be right."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a pack says of itself. `unsure`: its batch or serial number could also end elsewhere."""

    gtin: str = ""  # 14 digits
    lot: str = ""
    expires: date | None = None
    serial: str = ""
    national: tuple[str, ...] = ()  # numbers of a country's own: PZN, NDC …
    unsure: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The numbers that the product may be known by, the surest first."""
        ntin = (self.gtin[5:13],) if self.gtin.startswith("04150") else ()  # a German NTIN holds the PZN
        return tuple(code for code in (self.gtin, *self.national, *ntin) if code)


Elements = tuple[tuple[str, str], ...]


def read_scan(text: str, today: date) -> Scan | None:
    """What was scanned; None when it is no code of a pack, and `Misread` when it is one that cannot be right."""
    text = SHOWN_SEPARATOR.sub(SEPARATOR, text.strip())
    if text.startswith("[)>"):
        return of_ppn(text, today)
    marked = SYMBOLOGY.match(text) is not None
    text = ANY_SYMBOLOGY.sub("", text, count=1).strip(f"{SEPARATOR} ")
    if elements := linked(text) or bracketed(text):
        return told(elements, today)
    if not marked and (alone := of_digits(text)):
        return alone
    marked = marked or SEPARATOR in text
    if (scan := of_elements(text if marked else re.sub(r"\s", "", text), today, marked=marked)) or not marked:
        return scan
    raise Misread(_("This GS1 code cannot be read: scan it again, or type the number under the bars."))


def of_digits(text: str) -> Scan | None:
    """A GTIN alone: 8, 12, 13 or 14 digits, as scanned or as printed with spaces between."""
    bare = re.sub(r"[\s-]", "", text)
    return Scan(gtin=bare.zfill(14)) if is_gtin(bare) else None


def of_elements(text: str, today: date, *, marked: bool) -> Scan | None:
    """Element strings; `marked` when a scanner has said that it is one, by a prefix or a separator.

    What follows the rules is read by them. Else a value may end where the rest reads on: the reading that explains
    most of the pack is taken, and a batch that two of them tell differently is left out.
    """
    if len(text) < 16 or len(text) > MOST or not text.isascii():
        return None
    strict = [elements for elements in readings(text) if article(elements)]
    sound = [elements for elements in strict if sane(elements, today)]
    if sound and marked:
        return told(sound[0], today)
    guessed = readings(text, loose=True) if len(text) <= GUESSED else ()
    loose = [e for e in guessed if article(e) and sane(e, today) and plausible(e)]
    if sound:
        return told(sound[0], today, unsure=any(dict(other) != dict(sound[0]) for other in loose))
    if best := sorted(loose, key=explained):
        alike = [dict(e) for e in best if explained(e) == explained(best[0])]
        same = {ai: value for ai, value in alike[0].items() if all(e.get(ai) == value for e in alike)}
        return told(tuple(same.items()), today, unsure=len(alike) > 1)
    if strict and (marked or re.match(r"01\d{14}", text)):
        return told(strict[0], today)  # it says what is wrong
    return None


def explained(elements: Elements) -> tuple[int, int]:
    """How much of a pack a reading tells: its expiry and serial number first."""
    named = dict(elements)
    return -sum(ai in named for ai in ("17", "10", "21")), len(elements)


def plausible(elements: Elements) -> bool:
    """Only what packs of medicines carry, and numbers as makers write them."""
    named = dict(elements)
    written = [named[ai] for ai in ("10", "21") if ai in named]
    return set(named) <= TELLING and all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9/._-]*", value) for value in written)


def sane(elements: Elements, today: date) -> bool:
    try:
        return told(elements, today) is not None
    except Misread:
        return False


def article(elements: Elements) -> bool:
    return any(ai in ("01", "02", PZN, NDC) for ai, _value in elements)


def readings(text: str, *, loose: bool = False) -> Iterator[Elements]:
    """Each way to read a text as elements to its end; `loose`: a value may end without its separator."""
    yield from read_on(text, (), loose)


def read_on(text: str, before: Elements, loose: bool) -> Iterator[Elements]:
    text = text.lstrip(SEPARATOR)
    if not text:
        yield before
        return
    ai = text[: AI_LENGTH.get(text[:2], 0)]
    if not ai.isdigit() or any(ai == known for known, _value in before):
        return
    rest = text[len(ai) :]
    for size in sizes(ai, rest, loose):
        yield from read_on(rest[size:], (*before, (ai, rest[:size])), loose)


def sizes(ai: str, rest: str, loose: bool) -> Iterable[int]:
    """How many characters the value of an identifier may have here, the likeliest first."""
    if (fixed := by_prefix(FIXED, ai)) is not None:
        return [fixed] if len(rest) >= fixed and rest[:fixed].isdigit() else []
    ends = rest.partition(SEPARATOR)[0]
    if ai in DIGITS_ONLY and not loose and not ends.isdigit():
        return []
    most = min(len(ends), by_prefix(LONGEST, ai) or 30)
    whole = [len(ends)] if 0 < len(ends) <= most else []
    if not loose or ai not in ("10", "21", "30"):
        return whole
    return [*whole, *(size for size in range(1, most + 1) if size != len(ends))]


def by_prefix(table: dict[str, int], ai: str) -> int | None:
    return next((table[ai[:size]] for size in range(len(ai), 1, -1) if ai[:size] in table), None)


def bracketed(text: str) -> Elements:
    """As printed under a symbol: `(01)09312345678907(17)270630(10)AB12`, in any order."""
    if not re.match(r"[(\[]\d{2,4}[)\]]", text):
        return ()
    parts = re.split(r"[(\[](\d{2,4})[)\]]", text)
    return tuple((ai, value.strip(f" {SEPARATOR}")) for ai, value in zip(parts[1::2], parts[2::2], strict=True))


def linked(text: str) -> Elements:
    """A GS1 Digital Link: the article in the path, what else is known in the path or behind the question mark."""
    if not re.match(r"(?i)https?://|[\w-]+(?:\.[\w-]+)+/(?:.*/)?(?:01|gtin)/", text):
        return ()
    address = urlsplit(text if "://" in text else f"https://{text}")
    steps = [unquote(step) for step in address.path.strip("/").split("/")]
    names = [SHORT_NAMES.get(step.lower(), step) for step in steps]
    if "01" not in names[:-1]:
        return ()
    at = names.index("01")
    if not re.fullmatch(r"\d{8,14}", steps[at + 1]):
        return ()  # a month, say
    path = [(name, value) for name, value in zip(names[at::2], steps[at + 1 :: 2], strict=False)]
    asked = [(SHORT_NAMES.get(name.lower(), name), value) for name, value in parse_qsl(address.query.replace(";", "&"))]
    return tuple((ai, value) for ai, value in (*path, *asked) if ai.isdigit() and ai[:2] in AI_LENGTH)


def told(elements: Elements, today: date, *, unsure: bool = False) -> Scan:
    """What the elements say, each of them checked."""
    named = dict(reversed(elements))  # of one that comes twice, the first
    number = re.sub(r"\s", "", named.get("01") or named.get("02") or "")
    day = named.get("17") or named.get("7003", "")[:6]
    for ai, most in (("10", 20), ("21", 20)):
        if len(named.get(ai, "")) > most:
            raise Misread(_("A batch or serial number has at most 20 characters. Scan the pack again."))
    return Scan(
        gtin=sound_gtin(number) if number else "",
        lot=named.get("10", ""),
        expires=gs1_date(day, today) if day else None,
        serial=named.get("21", ""),
        national=tuple(value for ai, value in elements if ai.startswith("71")),
        unsure=unsure,
    )


def sound_gtin(number: str) -> str:
    """An article number with 14 digits, whose last one fits the others."""
    if not re.fullmatch(r"[0-9]{14}|[0-9]{12,13}|[0-9]{8}", number):
        raise Misread(_("The article number %(number)s has no 8, 12, 13 or 14 digits. Scan it again.", number=number))
    if not is_gtin(number):
        raise Misread(wrong_digit(number))
    return number.zfill(14)


def wrong_digit(number: str) -> str:
    """What is wrong with an article number, in one sentence."""
    digit = gtin_check_digit(number[:-1])
    return _(
        "The last digit of %(number)s should be %(digit)s. Scan it again, or compare it with the pack.",
        number=number,
        digit=digit,
    )


def gs1_date(text: str, today: date) -> date:
    """A GS1 date YYMMDD: day 00 is the last of the month, the century the nearest (General Specifications 7.12)."""
    if not re.fullmatch("[0-9]{6}", text):
        raise Misread(_("%(text)s is not a GS1 date: six digits, year, month and day.", text=repr(text)))
    years, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    ahead = years - today.year % 100
    year = today.year // 100 * 100 + years + (-100 if ahead >= 51 else 100 if ahead <= -50 else 0)
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError:
        raise Misread(_("%(text)s is not in the calendar.", text=text)) from None


def of_ppn(text: str, today: date) -> Scan:
    """Format 06 of ISO/IEC 15434: 9N is the PPN, 8P a GTIN, 1T the batch, D the expiry, S the serial number."""
    named: dict[str, str] = {}
    for field in re.split(r"[\x1d\x1e\x04]", text[3:]):
        if found := re.match(r"9N|8P|1T|D(?=\d)|S", field):
            named[found[0]] = field[found.end() :]
    elements = [(ai, named[di]) for di, ai in (("8P", "01"), ("1T", "10"), ("D", "17"), ("S", "21")) if di in named]
    if ppn := named.get("9N"):
        weighed = sum(ord(sign) * weight for weight, sign in enumerate(ppn[:-2], 2)) % 97
        if ppn[-2:] != f"{weighed:02}":
            raise Misread(_("The last two digits of the PPN %(number)s do not fit. Scan it again.", number=ppn))
        elements += [("710", ppn[2:-2]), ("711", ppn)]
    if not ppn and "8P" not in named:
        raise Misread(_("This GS1 code cannot be read: scan it again, or type the number under the bars."))
    return told(tuple(elements), today)
