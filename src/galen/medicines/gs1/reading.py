"""A scanned text, read: what the pack says of itself, and what is wrong with it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from galen.i18n import gettext as _
from galen.values.check_digits import is_digits, is_gtin, upc_a

from .forms import MOST, SEPARATOR, Elements, TakenApart, bracketed, compressed, guesses, linked, of_elements, of_ppn
from .identifiers import IDENTIFIERS, Misread, gs1_date, identifier_at, wrong, wrong_digit

SHOWN_SEPARATOR = re.compile(r"(?i)[<{(\[](?:gs|fnc1|0x1d)[>})\]]|␝|\^\]|\\x1d|\\u001d|\\f(?=\d)")
SYMBOLOGY = re.compile(r"\](?:[Cc]1|[Dd]2|[Qq]3|e[0-3]|[Jj]1)")  # GS1-128, DataMatrix, QR, DataBar, DotCode
ANY_SYMBOLOGY = re.compile(r"^\][A-Za-z]\d")
GUESSED = 90  # characters of the longest text that is read without its separators
USED = ("01", "02", "10", "17", "21", "7003")
ARTICLES = ("01", "02", "710", "715")
PAST, AHEAD = 5, 10  # years from today that an expiry of a pack in hand may have
EAN_8 = "]E4"
PZN = "04150"  # a GTIN that begins so holds a German number


@dataclass(frozen=True, slots=True)
class Scan:
    """What a pack says of itself. `unsure`: its batch or serial number could also end elsewhere, and is left out."""

    gtin: str = ""  # 14 digits
    lot: str = ""
    expires: date | None = None
    serial: str = ""
    national: tuple[str, ...] = ()  # numbers of a country's own: PZN, NDC …
    unsure: bool = False
    quantity: int | None = None
    elements: Elements = field(default=(), compare=False)  # whatever else was said, sound
    errors: tuple[str, ...] = ()
    spoilt: bool = field(default=False, compare=False)  # an error concerns what the house goes by

    @property
    def codes(self) -> tuple[str, ...]:
        """The numbers that the product may be known by, the surest first."""
        ntin = (self.gtin[5:13],) if self.gtin.startswith(PZN) else ()
        return tuple(code for code in (self.gtin, *self.national, *ntin) if code)


def read_scan(text: str, today: date) -> Scan | None:
    """What was scanned; None when it is no code of a pack, and `Misread` when it is one that cannot be right."""
    scan = understood(text, today)
    if scan and scan.spoilt:
        raise Misread(scan.errors[0])
    return scan


def read_code(text: str, today: date) -> Scan:
    """What was scanned, with what is wrong in `errors`: never raises, and leaves out every value that is not sound."""
    return understood(text, today) or Scan(errors=(no_code(text),), spoilt=True)


def understood(text: str, today: date) -> Scan | None:
    """What was scanned, None when it is no code of a pack."""
    text = SHOWN_SEPARATOR.sub(SEPARATOR, text.strip(" \t\r\n"))
    said, short = SYMBOLOGY.match(text) is not None, text.startswith(EAN_8)
    text = ANY_SYMBOLOGY.sub("", text, count=1)
    if text.startswith("[)>"):
        text, ppn = enveloped(text)
        if ppn:
            return told(ppn, today)
        said = said or bool(text)
    if re.match(r"\^\d\d", text):  # FNC1 as GS1 writes it where it cannot be seen
        text = text.replace("^", SEPARATOR)
    said = said or SEPARATOR in text
    text = text.strip(f"{SEPARATOR} ")
    if taken := linked(text) or bracketed(text):
        return told(taken, today)
    if not said and (alone := of_digits(text, short)):
        return alone
    if scan := of_string(text if said else re.sub(r"\s", "", text), today, said):
        return scan
    problem = _("This GS1 code cannot be read: scan it again, or type the number under the bars.")
    return Scan(errors=(problem,), spoilt=True) if said else None


def enveloped(text: str) -> tuple[str, TakenApart | None]:
    """What stands inside an envelope of ISO/IEC 15434: GS1 elements (format 05), or a PPN (format 06)."""
    if found := re.match(r"\[\)>\x1e?05\x1d?", text):
        return text[found.end() :].rstrip("\x1e\x04"), None
    return "", of_ppn(text)


def of_digits(text: str, short: bool) -> Scan | None:
    """A GTIN alone: 8, 12, 13 or 14 digits, as scanned or as printed; `short` when the scanner says it is an EAN-8."""
    bare = re.sub(r"[\s-]", "", text)
    if not is_gtin(bare) or not bare.strip("0") or (upc_a(bare) and not short):
        return None
    return Scan(gtin=bare.zfill(14), elements=(("01", bare.zfill(14)),))


def of_string(text: str, today: date, said: bool) -> Scan | None:
    """Element strings; `said` when the scanner marked it as one, by a prefix or a separator.

    What follows the rules is read by them. Where a separator may have been lost, a value could also end where the rest
    reads on: readings that meet as many check digits and days as any are compared, and what they tell differently is
    left out.
    """
    if len(text) < 4 or len(text) > MOST:
        return None
    strict = of_elements(text)
    scan = told(strict, today)
    sound = not scan.errors and (said or is_article(strict.elements))
    if said and (sound or SEPARATOR in text):
        return scan if strict.elements else None
    loose = likeliest(text, today)
    if sound and all(dict(other) == dict(strict.elements) for other in loose):
        return scan
    if loose := [*loose, *([strict.elements] if sound else [])]:
        same = tuple((ai, value) for ai, value in loose[0] if all(dict(e).get(ai) == value for e in loose))
        return told(TakenApart(same), today, unsure=sorted({ai for e in loose for ai, _value in e} - dict(same).keys()))
    if said or re.match(r"01\d{14}", text):
        return scan if strict.elements else None
    return None


def likeliest(text: str, today: date) -> list[Elements]:
    """The sound readings of a text without separators that meet the most check digits and days."""
    if len(text) > GUESSED:
        return []
    sound = [e for e in guesses(text) if is_article(e) and not any(wrong(ai, value, today) for ai, value in e)]
    most = max((met(elements, today) for elements in sound), default=0)
    return [elements for elements in sound if met(elements, today) == most]


def met(elements: Elements, today: date) -> int:
    """Whether an expiry of these years stands at an end or beside the article: digits of a batch seldom look so."""
    around = ("01", *(ai for ai, _value in elements), "01")
    place = around.index("17") if "17" in around else 0
    if not place or "01" not in (around[place - 1], around[place + 1]):
        return 0
    return int(-PAST <= gs1_date(elements[place - 1][1], today).year - today.year <= AHEAD)


def is_article(elements: Elements) -> bool:
    return any(ai in ARTICLES for ai, _value in elements)


def told(taken: TakenApart, today: date, *, unsure: Sequence[str] = ()) -> Scan:
    """What the elements say, each of them checked; what is wrong, or told in two ways, is left out and named."""
    values = dict.fromkeys((ai, re.sub(r"\s", "", v) if ai in ("01", "02") else v) for ai, v in taken.elements)
    twice = {ai for ai, times in Counter(ai for ai, _value in values).items() if times > 1}
    problems = {(ai, value): wrong(ai, value, today) for ai, value in values}
    errors = [taken.broken] if taken.broken else []
    errors += [problem for problem in problems.values() if problem]
    errors += [_("(%(ai)s) stands there with two values. Scan one pack at a time.", ai=ai) for ai in sorted(twice)]
    spoilt = bool(taken.broken) or any(
        (problem and ai in USED) or ai in twice for (ai, _v), problem in problems.items()
    )
    if unsure:
        ais = " ".join(f"({ai})" for ai in unsure)
        errors.append(_("%(ais)s: the code does not say where a value ends. Compare it with the pack.", ais=ais))
    named = {ai: value for (ai, value), problem in problems.items() if not problem and ai not in twice}
    number = named.get("01") or named.get("02") or ""
    day = named.get("17") or named.get("7003", "")[:6]
    count = named.get("30") or named.get("37")
    return Scan(
        gtin=number.zfill(14) if number else "",
        lot=named.get("10", ""),
        expires=gs1_date(day, today) if day else None,
        serial=named.get("21", ""),
        national=tuple(value for ai, value in named.items() if ai.startswith("71")),
        unsure=bool(unsure),
        quantity=int(count) if count else None,
        elements=tuple(named.items()),
        errors=tuple(errors),
        spoilt=spoilt,
    )


def no_code(text: str) -> str:
    """Why a text is no code of a pack, in one sentence."""
    bare = re.sub(r"[\s-]", "", ANY_SYMBOLOGY.sub("", text.strip(), count=1))
    if not bare:
        return _("Nothing was scanned.")
    if bare.startswith("+") and re.match(r"\+[A-Za-z]\d|\+\$", bare):
        return _("This is a HIBC code, which is not read. Scan the GS1 code of the pack.")
    if bare.startswith(("=", "&")) and len(bare) > 2:
        return _("This is an ISBT 128 code, which is not read. Scan the GS1 code of the pack.")
    if bare.lower().startswith("urn:"):
        return _("This is an EPC address, which is not read. Scan the GS1 code of the pack.")
    if re.match(r"(?i)https?://", bare):
        if compressed(text.strip()):
            return _("This may be a compressed Digital Link, which is not read. Scan another code of the pack.")
        return _("This address is no GS1 Digital Link: no article number stands in it.")
    if is_digits(bare):
        if is_gtin(bare) and upc_a(bare):
            return _("%(number)s may be an EAN-8 or a short UPC: type the 12 digits of the pack.", number=bare)
        if len(bare) in (8, 12, 13, 14) and bare.strip("0"):
            return wrong_digit(bare)
        return _("A number of %(count)s digits is no article number: it has 8, 12, 13 or 14.", count=len(bare))
    if (identifier := identifier_at(bare)) and identifier.ai in IDENTIFIERS:
        return _("This GS1 code cannot be read: scan it again, or type the number under the bars.")
    return _("This is no GS1 code and no article number. Scan another code of the pack.")
