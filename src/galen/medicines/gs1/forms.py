"""The forms a GS1 code comes in, taken apart into identifiers and values: element strings, brackets, addresses.

Formats: GS1 General Specifications 7.8 (element strings), GS1 Digital Link 1.3 (addresses), ISO/IEC 15434 with the
PPN-Code 2 of the IFA. Nothing is judged here but whether a text can be taken apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from galen.i18n import gettext as _

from .identifiers import IDENTIFIERS, LENGTHS, identifier_at

SEPARATOR = "\x1d"
Elements = tuple[tuple[str, str], ...]
MOST = 400  # characters of the longest symbol
SHORT_NAMES = {"gtin": "01", "cpv": "22", "lot": "10", "ser": "21", "exp": "17"}  # of older Digital Links
KEYS = {"00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8013", "8017", "8018"}
LOST = {"10", "21", "30"}  # what packs of medicines carry that needs a separator behind it
TELLING = {"01", "10", "11", "17", "21", "30"}


@dataclass(frozen=True, slots=True)
class TakenApart:
    """A text taken apart, and where that ended too early."""

    elements: Elements = ()
    broken: str = ""


def of_elements(text: str) -> TakenApart:
    """Element strings by the rules: a value has its own length, or ends at a separator or with the text."""
    elements: list[tuple[str, str]] = []
    while text := text.lstrip(SEPARATOR):
        if (identifier := identifier_at(text)) is None:
            return TakenApart(tuple(elements), no_identifier(text))
        rest = text[len(identifier.ai) :]
        value = rest.partition(SEPARATOR)[0]
        if identifier.fixed:
            value = value[: identifier.most]
        elements.append((identifier.ai, value))
        text = rest[len(value) :]
    return TakenApart(tuple(elements))


def no_identifier(text: str) -> str:
    start = text[: LENGTHS.get(text[:2], 2)]
    return _("%(text)s begins no GS1 element. Scan the pack again.", text=repr(start))


def guesses(text: str, before: Elements = ()) -> Iterator[Elements]:
    """Each way to read a text whose separators were lost, of what packs of medicines carry."""
    text = text.lstrip(SEPARATOR)
    if not text:
        yield before
        return
    identifier = identifier_at(text)
    if identifier is None or identifier.ai not in TELLING or any(identifier.ai == ai for ai, _value in before):
        return
    ai, rest = identifier.ai, text[2:]
    upto = min(len(rest.partition(SEPARATOR)[0]), identifier.most)
    for size in range(upto, 0, -1) if ai in LOST else [identifier.most]:
        value = rest[:size]
        if len(value) == size and re.fullmatch(r"[0-9]+" if ai not in ("10", "21") else WRITTEN, value):
            yield from guesses(rest[size:], (*before, (ai, value)))


WRITTEN = r"[A-Za-z0-9][A-Za-z0-9/._-]*"  # batch and serial numbers as makers write them


def bracketed(text: str) -> TakenApart | None:
    """As printed under a symbol: `(01)09312345678907(17)270630(10)AB12`, in any order."""
    if not re.match(r"[(\[]\s*\d{2,4}\s*[)\]]", text):
        return None
    round_ = text.startswith("(")
    parts = re.split(r"\(\s*(\d{2,4})\s*\)" if round_ else r"\[\s*(\d{2,4})\s*\]", text)
    elements = [(ai, value.strip(f" \t\r\n{SEPARATOR}")) for ai, value in zip(parts[1::2], parts[2::2], strict=True)]
    strange = next((ai for ai, _value in elements if ai not in IDENTIFIERS), None)
    known = tuple((ai, value) for ai, value in elements if ai in IDENTIFIERS)
    return TakenApart(known, unknown(strange) if strange else "")


def unknown(ai: str) -> str:
    return _("(%(ai)s) is no GS1 application identifier. Compare it with the pack.", ai=ai)


def linked(text: str) -> TakenApart | None:
    """A GS1 Digital Link: the article in the path, what else is known in the path or behind the question mark."""
    if not re.match(r"(?i)https?://|[\w-]+(?:\.[\w-]+)+(?::\d+)?/(?:.*/)?(?:01|gtin)/", text):
        return None
    try:
        address = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return None
    steps = [unquote(step) for step in address.path.split("/") if step]
    names = [SHORT_NAMES.get(step.lower(), step) for step in steps]
    asked = [pair.partition("=")[::2] for pair in re.split("[&;]", address.query) if pair]
    query = [(SHORT_NAMES.get(name.lower(), name), unquote(value)) for name, value in asked]
    at = next((at for at, name in enumerate(names[:-1]) if name in KEYS and number_of(name, steps[at + 1])), None)
    if at is None:
        if not any(name in KEYS and number_of(name, value) for name, value in query):
            return None
        at = len(names)  # everything behind the question mark
    path = list(zip(names[at::2], steps[at + 1 :: 2], strict=False))
    broken = ""
    if len(names[at:]) % 2:
        broken = _("%(text)s in the address cannot be read: it may be a compressed Digital Link.", text=repr(steps[-1]))
    for name, _value in path:
        if name not in IDENTIFIERS:
            broken = unknown(name)
    for name, _value in query:
        if name.isdigit() and name not in IDENTIFIERS:
            broken = unknown(name)
    return TakenApart(tuple((ai, value) for ai, value in (*path, *query) if ai in IDENTIFIERS), broken)


def number_of(key: str, text: str) -> bool:
    """Whether this may be the number of a key: a month or a page number behind `/01/` is none."""
    return re.fullmatch(r"\d{8,14}" if key == "01" else r"\d{9,}\S*" if key != "8010" else r"\S{5,}", text) is not None


def compressed(text: str) -> bool:
    """Whether an address has one long step as compressed Digital Links do."""
    found = re.fullmatch(r"(?i)https?://[^/?#]+/(?:[^?#]*/)?([\w-]{10,})/?(?:\?[^#]*)?(?:#.*)?", text)
    return found is not None and re.search(r"\d|[a-z][A-Z]", found[1]) is not None


def of_ppn(text: str) -> TakenApart | None:
    """Format 06 of ISO/IEC 15434: 9N is the PPN, 8P a GTIN, 1T the batch, D the expiry, S the serial number."""
    named: dict[str, str] = {}
    for field in re.split(r"[\x1d\x1e\x04]", text[3:]):
        if found := re.match(r"9N|8P|1T|D(?=\d)|S", field):
            named[found[0]] = field[found.end() :]
    if "9N" not in named and "8P" not in named:
        return None
    elements = [(ai, named[di]) for di, ai in (("8P", "01"), ("1T", "10"), ("D", "17"), ("S", "21")) if di in named]
    broken = ""
    if ppn := named.get("9N"):
        weighed = sum(ord(sign) * weight for weight, sign in enumerate(ppn[:-2], 2)) % 97
        if ppn[-2:] == f"{weighed:02}":
            elements += [("710", ppn[2:-2]), ("711", ppn)]
        else:
            broken = _("The last two digits of the PPN %(number)s do not fit. Scan it again.", number=ppn)
    return TakenApart(tuple(elements), broken)
