"""A medicine as a file tells it: only what the file says, each thing checked, with what was wrong beside it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..naming import ingredient_name
from .guessing import Table
from .values import text


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence about one place of a file: what is wrong there and what to do."""

    file: str
    sheet: str
    row: int
    column: str
    says: str
    refuses: bool = False  # because of it the medicine was not taken

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (self.sheet and f"sheet {self.sheet}", self.row and f"row {self.row}", self.column) if part
        )
        return f"{self.file}: {place}: {self.says}" if place else f"{self.file}: {self.says}"


@dataclass(frozen=True, slots=True)
class Part:
    """One active ingredient and how much of it."""

    name: str
    strength: str


@dataclass(slots=True)
class Line:
    """One medicine of a file. `product` holds columns of the record; `listing` what belongs to the supplier alone."""

    key: str
    row: int
    sheet: str = ""
    product: dict[str, Any] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    barcodes: list[str] = field(default_factory=list)
    listing: dict[str, Any] = field(default_factory=dict)
    discontinued: bool = False
    remarks: list[Remark] = field(default_factory=list)
    broken: bool = False  # something in it cannot be accepted: it is refused as a whole

    @property
    def label(self) -> str:
        """What a person calls it."""
        names = " + ".join(f"{p.name} {p.strength}".strip() for p in self.parts) or self.product.get("generic", "")
        brand = self.product.get("brand", "")
        words = " ".join(filter(None, (names, self.product.get("form", ""))))
        return (f"{words} ({brand})" if words and brand else words or brand) or self.key


@dataclass
class Told:
    """All that a file tells: its medicines in order, what could not be read, and how it was understood."""

    file: str
    lines: list[Line] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    rows: int = 0

    def remark(self, row: int, column: str, says: str, sheet: str = "", refuses: bool = False) -> Remark:
        return Remark(self.file, sheet, row, column, says, refuses)

    def refuse(self, line: Line, column: str, says: str) -> None:
        line.remarks.append(self.remark(line.row, column, says, line.sheet, refuses=True))
        line.broken = True

    def hint(self, line: Line, column: str, says: str) -> None:
        line.remarks.append(self.remark(line.row, column, says, line.sheet))


def substance(name: str) -> str:
    """The international name, or the list's own in small letters; plus signs part ingredients, so none is in a name."""
    bare = " ".join(name.replace("+", " and ").split())
    return ingredient_name(bare) or bare.casefold()


def joined(parts: Iterable[Part]) -> list[Part]:
    """Each ingredient once: the phases of a course share a name, and their strengths stand one behind the other."""
    found: dict[str, list[str]] = {}
    for part in parts:
        strengths = found.setdefault(part.name, [])
        if part.strength and part.strength not in strengths:
            strengths.append(part.strength)
    return [Part(name, " / ".join(strengths) or "not stated") for name, strengths in found.items()]


def numbered(lines: list[Line], told: Told) -> Iterator[Line]:
    """Each key once. A repeated row is dropped; rows that differ under one key are told apart by their order."""
    seen: dict[str, list[Line]] = {}
    owners: dict[str, Line] = {}
    for line in lines:
        before = seen.setdefault(line.key, [])
        same = next((b for b in before if said_alike(b, line)), None)
        if same is not None:
            told.hint(same, "", f"Row {line.row} says the same again and was passed over.")
            continue
        before.append(line)
        if len(before) > 1:
            told.hint(
                line,
                "",
                f"Row {before[0].row} is the same product with other values. Both are kept apart; tell the supplier.",
            )
            line.key = f"{line.key} #{len(before)}"
        for code in [code for code in line.barcodes if owners.setdefault(code, line) is not line]:
            told.hint(
                line,
                "",
                f"Code {code} is that of row {owners[code].row}; one code means one medicine, so it stays there.",
            )
            line.barcodes.remove(code)
        yield line


def said_alike(one: Line, other: Line) -> bool:
    return (one.product, one.parts, one.barcodes, one.listing) == (
        other.product,
        other.parts,
        other.barcodes,
        other.listing,
    )


def as_json(value: Any) -> Any:
    """A value as it is kept beside the listing, to be compared at the next import."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list):
        return [as_json(one) for one in value]
    if isinstance(value, Part):
        return [value.name, value.strength]
    if isinstance(value, dict):
        return {name: as_json(one) for name, one in value.items()}
    return value if isinstance(value, bool | int | str) or value is None else text(value)
