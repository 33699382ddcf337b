"""A notice as a whole: what its texts say together."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from .cleaning import clean
from .codes import CUE, spans
from .lots import FoundLot, NoticeReader, TextReading
from .product import NoticeProduct, read_product
from .tokens import CUES

ALL_LOTS = re.compile(
    r"(?i)(?<!not )\ball (?:\w+ ){0,3}(?:lots?|batches|codes|lot numbers|unexpired)\b"
    r"|\ball (?:[\w-]+ ){1,6}within expiry\b"
)
DESCRIPTION, REASON, CODES = "description", "reason", "codes"
COLUMNS = {  # of the FDA's enforcement reports and of openFDA, without spaces and signs
    "productdescription": DESCRIPTION, "reasonforrecall": REASON, "codeinfo": CODES, "codeinformation": CODES,
    "morecodeinfo": CODES, "recalldetails": REASON, "lotnumbers": CODES, "lotnumber": CODES, "lots": CODES,
}  # fmt: skip
Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class LotLine:
    """A lot with the expiry and drug code that the notice gives for it, where that can be told."""

    lot: str
    expires: date | None
    ndc: str | None


@dataclass(frozen=True, slots=True)
class RecallNotice:
    """What a recall notice names. `unknown` looks like a lot, a day or a drug code and could not be read."""

    product: NoticeProduct
    lots: tuple[str, ...]  # as printed, each once
    ndcs: tuple[str, ...]  # as printed, each once; `ndc11` gives the form of claims
    expires: tuple[date, ...]  # a month is its last day
    unknown: tuple[str, ...]
    lines: tuple[LotLine, ...]
    ranges: tuple[tuple[str, str], ...]  # first and last, where a range is told; those between stand in no list
    gtins: tuple[str, ...]  # UPC and GTIN whose check digit is right
    all_lots: bool  # whether the notice says that all lots are meant


def read_notice(texts: Mapping[str, str], today: date) -> RecallNotice:
    """What the texts of one notice say, by the names of their columns; `today` decides the century of short years.

    Pure: no catalogue, no database. Columns that are not known to hold lots, codes or the product are not looked at.
    """
    parts = {kind: [] for kind in (DESCRIPTION, REASON, CODES)}  # type: dict[str, list[str]]
    for column, text in texts.items():
        if (
            (kind := COLUMNS.get(re.sub(r"[^a-z]", "", column.lower())))
            and text
            and not re.fullmatch(r"\s*https?:\S*\s*", text)
        ):
            parts[kind].append(clean(text))
    everything = "\n".join(text for kind in parts.values() for text in kind)
    named, spoken = CUE.search(everything) is not None, CUES.search(everything) is not None
    readings, codes, gtins, doubts = list[TextReading](), list[str](), list[str](), list[str]()
    for kind, several in parts.items():
        for text in several:
            known = spans(text, named)
            codes += [span.text for span in known if span.kind == "ndc"]
            doubts += [span.text for span in known if span.kind == "doubt"]
            gtins += [span.text.zfill(14) for span in known if span.kind == "gtin"]
            if spoken or kind == CODES:
                readings.append(NoticeReader(text, known, today, listed=kind == CODES).whole())
    lots = [found for reading in readings for found in reading.lots]
    labels = {label: code for reading in readings for label, code in reading.labels.items()}
    doubts += [doubt for reading in readings for doubt in reading.doubts if doubt]
    if any(reading.spoken for reading in readings):
        doubts += [stray for reading in readings for stray in reading.stray]
    certain = {found.lot for found in lots}
    return RecallNotice(
        product=read_product(next(iter(parts[DESCRIPTION]), "")),
        lots=once(found.lot for found in lots),
        ndcs=once(codes),
        expires=once(day for reading in readings for day in reading.expires),
        unknown=once(doubt for doubt in doubts if doubt not in certain),
        lines=once(LotLine(found.lot, found.expires, code_of(found, once(codes), labels)) for found in lots),
        ranges=once(ends for reading in readings for ends in reading.ranges),
        gtins=once(gtins),
        all_lots=ALL_LOTS.search(everything) is not None,
    )


def code_of(found: FoundLot, codes: tuple[str, ...], labels: Mapping[str, str]) -> str | None:
    """The drug code of a lot: that of its letter, the only one there is, or the one it stands behind."""
    if found.label and found.label in labels:
        return labels[found.label]
    return codes[0] if len(codes) == 1 else found.ndc


def once(items: Iterable[Known]) -> tuple[Known, ...]:
    return tuple(dict.fromkeys(items))
