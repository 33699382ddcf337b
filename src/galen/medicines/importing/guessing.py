"""Which column means what: by its header first, by the look of its values where the header leaves a doubt. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import sqrt

from jellyfish import jaro_winkler_similarity

from galen.i18n import N_

from .fields import FIELDS, KNOWN, NOT_KEPT, Field, is_barcode, normal
from .reading import Cell, Explained, FileRow, FileSheet
from .values import said, text

LOOKED_AT = 200  # rows of a sheet that tell how a column looks
SURE, LIKELY = 1.0, 0.45
WEAK = frozenset("name code no number item id date description type qty quantity unit size".split())
FOREIGN = frozenset(
    """
    area batch bin branch category city class company contact country customer delivery department division expiry
    family group hsn invoice location lot manufacturer order ordered patient region section segment shelf shop state
    store sub supplier tax user vendor warehouse
    """.split()
)
"""Words that make a name, a code or a date that of something else than a medicine: Group Name, Order No."""


class UnknownColumn(Explained):
    """A mapping names a column or field that is not there; the sentence lists those that are."""


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of a sheet: where it stands, what is written above it, what it was taken for, and why."""

    place: int
    header: str
    field: str = ""
    why: str = ""  # "header", "values", "said" or nothing
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with its header found: the rows below it, each with its number in the file."""

    sheet: str
    header_row: int
    columns: tuple[FileColumn, ...]
    rows: list[FileRow] = field(repr=False, default_factory=list)
    above: tuple[str, ...] = ()  # titles and remarks before the header

    def place(self, name: str) -> int | None:
        return next((c.place for c in self.columns if c.field == name), None)

    def header(self, name: str) -> str:
        return next((c.header for c in self.columns if c.field == name), "")

    @property
    def unused(self) -> list[str]:
        """Columns that are understood and not taken over; prices of single units are, where there is none of a pack."""
        needed = set() if self.fields & {"price", "cost"} else {"unit_price", "unit_cost", "discount"}
        return [c.header for c in self.columns if c.header and c.field in NOT_KEPT - needed]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(c.field for c in self.columns if c.field)


def table_of(sheet: FileSheet, said_columns: Mapping[str, str] | None = None) -> Table | None:
    """The sheet as a table, or nothing when no row looks like a header."""
    start = header_at(sheet.rows)
    if start is None:
        return None
    headers = [text(cell) for cell in sheet.rows[start].cells]
    body = [row for row in sheet.rows[start + 1 :] if not row.empty and [text(c) for c in row.cells] != headers]
    columns = guessed(headers, body)
    if said_columns:
        columns = declared(columns, said_columns)
    above = tuple(" ".join(filter(None, map(text, row.cells))) for row in sheet.rows[:start] if not row.empty)
    return Table(sheet.name, sheet.rows[start].number, columns, body, above)


def header_at(rows: Sequence[FileRow]) -> int | None:
    """The row that names most meanings, among the first forty; without any, the first full row of words."""
    best, chosen = 1, None
    for place, row in enumerate(rows[:40]):
        names = {header_field(text(cell))[0] for cell in row.cells if isinstance(cell, str) and cell}
        if len(names - {""}) > best:
            best, chosen = len(names - {""}), place
    if chosen is not None:
        return chosen
    width = max((sum(1 for c in row.cells if c not in (None, "")) for row in rows[:40]), default=0)
    for place, row in enumerate(rows[:40]):
        filled = [c for c in row.cells if c not in (None, "")]
        if (
            width > 1
            and len(filled) >= max(2, width - 1)
            and all(isinstance(c, str) and not c[0].isdigit() for c in filled)
        ):
            return place
    return None


@lru_cache(8192)
def header_field(header: str) -> tuple[str, float]:
    """The meaning that a header names, and how surely."""
    bare = normal(header)
    if not bare:
        return "", 0
    if bare in KNOWN:
        return KNOWN[bare], SURE
    short = normal(re.sub(r"\(.*?\)|\[.*?\]", " ", header))
    if short in KNOWN:
        return KNOWN[short], 0.95
    words, best, chosen = bare.split(), 0.0, ""
    if len(bare) > 60:
        return "", 0
    others = FOREIGN & set(words)
    if any(w.startswith("thc") for w in words) and any(w.startswith("cbd") for w in words):
        return "thc_cbd", 0.9
    for known, name in KNOWN.items():
        parts = known.split()
        if len(known) > 2 and all(part in words for part in parts) and not (others - set(parts) and WEAK & set(parts)):
            score = 0.5 + 0.4 * len(known) / max(len(bare), 1)
        elif len(known) > 4 and (alike := jaro_winkler_similarity(bare, known)) > 0.92:
            score = alike * 0.85
        else:
            continue
        if score > best:
            best, chosen = score, name
    return chosen, best


def guessed(headers: Sequence[str], rows: Sequence[FileRow]) -> tuple[FileColumn, ...]:
    """Each column with its most likely meaning; each meaning once, where it suits best."""
    looks = [seen(rows, place) for place in range(len(headers))]
    bids: list[tuple[float, int, str, str]] = []
    for place, header in enumerate(headers):
        for name, score, why in chances(header, looks[place]):
            bids.append((-score, place, name, why))
    taken: dict[int, tuple[str, str]] = {}
    used: set[str] = set()
    for score, place, name, why in sorted(bids):
        if -score < LIKELY or place in taken or (name in used and name != "other"):
            continue
        taken[place] = (name, why)
        used.add(name)
    return tuple(
        FileColumn(place, header, *taken.get(place, ("", "")), sample=" · ".join(looks[place][:3]))
        for place, header in enumerate(headers)
        if header or looks[place]
    )


def chances(header: str, values: Sequence[str]) -> list[tuple[str, float, str]]:
    """Meanings of one column, with how likely each is."""
    named, score = header_field(header)
    found = {named: score} if named else {}
    bare = normal(header)
    for name, meaning in FIELDS.items():
        if bare in meaning.headers and name not in found:
            found[name] = 0.9
    weighed = [(name, score * fit(FIELDS[name], values), "header") for name, score in found.items()]
    if values and (not weighed or max(w[1] for w in weighed) < LIKELY):
        for name, sure in by_values(values):
            weighed.append((name, sure, "values"))
    return weighed


def fit(meaning: Field, values: Sequence[str]) -> float:
    """How well the values suit a meaning: 1 when all do (or there are none), near 0 when none does."""
    if meaning.looks is None or not values:
        return 1.0
    share = sum(1 for v in values if meaning.looks.fullmatch(v)) / len(values)
    return sqrt(max(0.05, share))


def by_values(values: Sequence[str]) -> list[tuple[str, float]]:
    """What a column without a telling header may be, by its values alone."""

    def share(rule: Callable[[str], object]) -> float:
        return sum(1 for v in values if rule(v)) / len(values)

    tries = {
        "barcode": share(is_barcode),
        "ndc": share(lambda v: re.fullmatch(r"\d{4,5}-\d{3,4}-\d{1,2}", v)),
        "atc": share(lambda v: re.fullmatch(r"[A-V]\d\d[A-Z]{2}(\d\d)?", v)),
        "schedule": share(lambda v: re.fullmatch(r"(?:S|Schedule ?)[2-8]|C(?:II|III|IV|V)", v)),
        "pack_size": share(
            lambda v: re.fullmatch(r"\d+(\.\d+)? ?(ml|g|caps?|tabs?|capsules|tablets|wafers|patches|x ?\d+)", v, re.I)
        ),
    }
    return [(name, 0.6 * part) for name, part in tries.items() if part > 0.8]


def seen(rows: Sequence[FileRow], place: int) -> list[str]:
    """The first values of a column that say something."""
    values: list[str] = []
    for row in rows:
        cell: Cell = row.cells[place] if place < len(row.cells) else None
        if word := said(cell):
            values.append(word)
            if len(values) == LOOKED_AT:
                break
    return values


def declared(columns: Sequence[FileColumn], said_columns: Mapping[str, str]) -> tuple[FileColumn, ...]:
    """The guess, corrected by what a person said: header (or the column's letter) → field; no field leaves it out."""
    wanted = {place: name for header, name in said_columns.items() if (place := place_of(columns, header)) is not None}
    freed = set(wanted.values())
    return tuple(
        replace(c, field=wanted[c.place], why="said" if wanted[c.place] else "")
        if c.place in wanted
        else replace(c, field="", why="")
        if c.field in freed
        else c
        for c in columns
    )


def place_of(columns: Sequence[FileColumn], header: str) -> int | None:
    """Where a column stands, by its header or its letter."""
    if found := next((c for c in columns if normal(c.header) == normal(header)), None):
        return found.place
    lettered = letter_place(header) if re.fullmatch(r"[A-Za-z]{1,2}", header) else -1
    return next((c.place for c in columns if c.place == lettered), None)


def checked(said_columns: Mapping[str, str], tables: Sequence[Table]) -> None:
    """Refuse a field that does not exist, and a header that is in no sheet."""
    for header, name in said_columns.items():
        if name and name not in FIELDS:
            problem = N_("There is no field “%(name)s”. Fields are: %(fields)s.")
            raise UnknownColumn(problem, name=name, fields=", ".join(FIELDS))
        if tables and all(place_of(table.columns, header) is None for table in tables):
            known = dict.fromkeys(c.header for table in tables for c in table.columns if c.header)
            problem = N_("There is no column “%(name)s”. Columns are: %(columns)s.")
            raise UnknownColumn(problem, name=header, columns=", ".join(known))


def letter_place(letters: str) -> int:
    """A is 0, Z is 25, AA is 26."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - 64
    return place - 1
