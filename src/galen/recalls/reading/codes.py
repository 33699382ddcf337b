"""Drug codes in a notice, and the numbers beside them that are no lots: UPC, items, telephones, addresses.

NDC: 10 digits as 4-4-2, 5-3-2 or 5-4-1 (21 CFR 207.33), or the 11 of claims, 5-4-2. Ten digits without hyphens are kept
as printed: where their segments end is not told, so no form of eleven digits is made of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from galen.values.check_digits import is_gtin

SHAPES = {(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)}
WHOLE = re.compile(
    r"(?:(?<![\w-])|(?<=[Nn][Dd][Cc])|(?<=[Nn][Dd][Cc]-))(\d{4,5}) ?- ?(\d{3,4}) ?- ?(\d{1,2})(?!\w|-\d)"
)
CUE = re.compile(
    r"(?i)(?<![a-z])NDC(?:'?s)?(?:\s*/\s*UPC)?(?:\s*(?:#s?|numbers?|nos?\b\.?|codes?|\(s\)))*"
    r"\s*[:.#=-]*\s*(?:\(?[a-z]\)\s*)?"
)
AFTER_CUE = re.compile(
    r"(\d{5}-\d{4}(?!-)|\d{5}-\d{3}(?!-)|\d{4}-\d{4}(?!-)|\d{11}|\d{10})(?![\w-])"
    r"|(\d{4,5}) (\d{3,4}) (\d{1,2})(?![\w-])|([\w-]*\d[\w-]*)"
)
MORE = re.compile(r"\s*(?:,|;|&|and|or)\s*(?:and\s+)?(?:\(?[a-z]\)\s*)?", re.I)
SUFFIX = re.compile(r"\s*(?:,|;|&|and|or)\s*(?:and\s+)?-(\d{1,2})(?![\w-])", re.I)
LOT_BEFORE = re.compile(r"(?i)(?<![a-z])(?:lot|batch)(?:e?s)?(?:\s*(?:#s?|numbers?|nos?\b\.?|codes?))*[\s:#.]*\Z")
UPC = re.compile(
    r"(?i)(?<![a-z/])(?:UPC|EAN|GTIN|bar ?code)s?(?:\s*(?:#s?|codes?|numbers?|nos?\b\.?|\(\d\d\)))*"
    r"\s*[:#=-]*\s*(?:is\s+)?"
)
UPC_NUMBER = re.compile(r"\d(?:[ -]?\d){6,14}(?![\w-])")
PHONE = re.compile(r"(?<![\w-])(?:\+?1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-.]\d{4}(?!\w)")
LINK = re.compile(r"(?i)https?://\S+|www\.\S+|\S+@\S+\.[a-z]{2,}")
STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|"
    "N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
ZIP = re.compile(rf"\b(?:{STATES})\.?,? {{1,2}}\d{{5}}(?:-\d{{4}})?(?![\w-])|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b")


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """Where a number stands: `ndc`, `gtin`, or `aside`, which is no code of the product; `doubt` could not be read."""

    start: int
    end: int
    kind: str
    text: str


def ndc11(ndc: str) -> str | None:
    """The eleven digits of claims, 5-4-2: the short segment gets a nought; nothing where the segments are not told."""
    if re.fullmatch(r"\d{11}", ndc):
        return ndc
    parts = ndc.split("-")
    if tuple(map(len, parts)) not in SHAPES:
        return None
    return "".join(part.zfill(size) for part, size in zip(parts, (5, 4, 2), strict=True))


def spans(text: str, everywhere: bool) -> list[NumberSpan]:
    """Numbers of known kinds in a text, in order; `everywhere`: the notice speaks of NDC, so their shape is enough."""
    found: list[NumberSpan] = []
    for kind in (barcodes(text), *((drug_codes(text),) if everywhere else ()), asides(text)):
        for span in kind:
            if not any(span.start < other.end and other.start < span.end for other in found):
                found.append(span)
    return sorted(found, key=lambda span: span.start)


def barcodes(text: str) -> Iterator[NumberSpan]:
    for cue in UPC.finditer(text):
        at = cue.end()
        while number := UPC_NUMBER.match(text, at):
            if WHOLE.fullmatch(number[0]):
                break
            bare = re.sub(r"[ -]", "", number[0])
            yield NumberSpan(number.start(), number.end(), "gtin" if is_gtin(bare) else "aside", bare)
            more = MORE.match(text, number.end())
            at = more.end() if more else len(text)


def drug_codes(text: str) -> Iterator[NumberSpan]:
    for found in WHOLE.finditer(text):
        if tuple(map(len, found.groups())) not in SHAPES or LOT_BEFORE.search(text, 0, found.start()):
            continue
        yield NumberSpan(found.start(), found.end(), "ndc", "-".join(found.groups()))
        at, stem = found.end(), "-".join(found.groups()[:2])
        while (suffix := SUFFIX.match(text, at)) and len(suffix[1]) == len(found[3]):
            yield NumberSpan(suffix.start(1) - 1, suffix.end(), "ndc", f"{stem}-{suffix[1]}")
            at = suffix.end()
        if other := re.compile(r"(?:/\d{1,2})+(?![\w-])").match(text, at):
            yield NumberSpan(at, other.end(), "doubt", f"{stem}-{found[3]}{other[0]}")
    for cue in CUE.finditer(text):
        at = cue.end()
        while number := AFTER_CUE.match(text, at):
            whole = WHOLE.match(text, at)
            whole = whole if whole and tuple(map(len, whole.groups())) in SHAPES else None
            plain, spaced = number[1], [part for part in number.groups()[1:4] if part]
            if not whole and (plain or tuple(map(len, spaced)) in SHAPES):
                yield NumberSpan(number.start(), number.end(), "ndc", plain or "-".join(spaced))
            elif number[5] and len(number[5]) >= 12 and is_gtin(number[5]):
                yield NumberSpan(number.start(), number.end(), "gtin", number[5])
            elif number[5] and not whole and sum(map(str.isdigit, number[5])) >= 6:
                yield NumberSpan(number.start(), number.end(), "doubt", number[5])
            elif not whole:
                break
            more = MORE.match(text, whole.end() if whole else number.end())
            at = more.end() if more else len(text)


def asides(text: str) -> Iterator[NumberSpan]:
    for pattern in (LINK, PHONE, ZIP):
        for found in pattern.finditer(text):
            yield NumberSpan(found.start(), found.end(), "aside", found[0])
