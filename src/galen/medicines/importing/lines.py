"""A medicine as a file tells it: only what the file says, each thing checked, with what was wrong beside it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from galen.i18n import N_, gettext

from ..naming import ingredient_name
from .guessing import Table
from .reading import Explained
from .values import text

Problem = str | Exception
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowRemark:
    """One sentence about one place of a file: what is wrong there and what to do."""

    file: str
    sheet: str
    row: int
    column: str
    message: str  # in English; its values stand in it by name
    values: dict[str, Any] = field(default_factory=dict)
    refuses: bool = False  # because of it the medicine was not taken

    @property
    def says(self) -> str:
        """The whole sentence, in the reader's language."""
        return gettext(self.message, **self.values)

    def as_json(self) -> dict[str, Any]:
        """As it is kept with an import: translated only when it is read."""
        return {name: getattr(self, name) for name in ("sheet", "row", "column", "message", "values")}

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (self.sheet and f"sheet {self.sheet}", self.row and f"row {self.row}", self.column) if part
        )
        return f"{self.file}: {place}: {self.says}" if place else f"{self.file}: {self.says}"


@dataclass(frozen=True, slots=True)
class IngredientAmount:
    """One active ingredient and how much of it."""

    name: str
    strength: str


@dataclass(slots=True)
class FileLine:
    """One medicine of a file. `product` holds columns of the record; `listing` what belongs to the supplier alone."""

    key: str
    row: int
    sheet: str = ""
    product: dict[str, Any] = field(default_factory=dict)
    parts: list[IngredientAmount] = field(default_factory=list)
    barcodes: list[str] = field(default_factory=list)
    listing: dict[str, Any] = field(default_factory=dict)
    discontinued: bool = False
    remarks: list[RowRemark] = field(default_factory=list)
    written: list[str] = field(default_factory=list)  # its names as the list writes them
    broken: bool = False  # something in it cannot be accepted: it is refused as a whole

    @property
    def label(self) -> str:
        """What a person calls it."""
        names = " + ".join(f"{p.name} {p.strength}".strip() for p in self.parts) or self.product.get("generic", "")
        brand = self.product.get("brand", "")
        words = " ".join(filter(None, (names, self.product.get("form", ""))))
        return (f"{words} ({brand})" if words and brand else words or brand) or self.key


@dataclass
class FileContents:
    """All that a file tells: its medicines in order, what could not be read, and how it was understood."""

    file: str
    lines: list[FileLine] = field(default_factory=list)
    remarks: list[RowRemark] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    rows: int = 0
    currencies: set[str] = field(default_factory=set)  # that its prices name

    def remark(self, place: tuple[str, int, str], message: Problem, values: Values, refuses: bool = False) -> RowRemark:
        """A remark about a sheet, row and column: a message with its values, or what an error said."""
        if isinstance(message, Explained):
            return RowRemark(self.file, *place, message.message, message.values, refuses)
        return RowRemark(self.file, *place, str(message), dict(values), refuses)

    def notice(self, sheet: str, row: int, column: str, message: Problem, /, **values: Any) -> None:
        """What is wrong with the file beside its medicines."""
        self.remarks.append(self.remark((sheet, row, column), message, values))

    def refuse(self, line: FileLine, column: str, message: Problem, /, **values: Any) -> None:
        """A medicine that cannot be taken, and why."""
        line.remarks.append(self.remark((line.sheet, line.row, column), message, values, refuses=True))
        line.broken = True

    def hint(self, line: FileLine, column: str, message: Problem, /, **values: Any) -> None:
        """Something to look at; the medicine is taken all the same."""
        line.remarks.append(self.remark((line.sheet, line.row, column), message, values))


def substance(name: str) -> str:
    """The international name, or the list's own in small letters; plus signs part ingredients, so none is in a name."""
    bare = " ".join(name.replace("+", " and ").split())
    return ingredient_name(bare) or bare.casefold()


def joined(parts: Iterable[IngredientAmount]) -> list[IngredientAmount]:
    """Each ingredient once: the phases of a course share a name, and their strengths stand one behind the other.

    Where only some strengths are known, the others say so; where none is, there is none.
    """
    found: dict[str, list[str]] = {}
    for part in parts:
        strengths = found.setdefault(part.name, [])
        if part.strength and part.strength not in strengths:
            strengths.append(part.strength)
    unknown = "not stated" if any(found.values()) else ""
    return [IngredientAmount(name, " / ".join(strengths) or unknown) for name, strengths in found.items()]


def amounts(parts: Iterable[IngredientAmount]) -> str:
    """Their strengths in one text, as a product has it; empty when none is known."""
    return together([part.strength for part in parts])


def together(strengths: Sequence[str]) -> str:
    return " + ".join(strengths) if any(strengths) else ""


def numbered(lines: list[FileLine], contents: FileContents) -> Iterator[FileLine]:
    """Each key once. A repeated row is dropped; rows that differ under one key are told apart by their order."""
    seen: dict[str, list[FileLine]] = {}
    owners: dict[str, FileLine] = {}
    for line in lines:
        before = seen.setdefault(line.key, [])
        same = next((b for b in before if said_alike(b, line)), None)
        if same is not None:
            contents.hint(same, "", N_("Row %(other)s says the same again and was passed over."), other=line.row)
            continue
        before.append(line)
        if len(before) > 1:
            contents.hint(
                line,
                "",
                N_("Row %(other)s is the same product with other values. Both are kept apart; tell the supplier."),
                other=before[0].row,
            )
            line.key = f"{line.key} #{len(before)}"
        for code in [code for code in line.barcodes if owners.setdefault(code, line) is not line]:
            contents.hint(
                line,
                "",
                N_("Code %(code)s is that of row %(other)s; one code means one medicine, so it stays there."),
                code=code,
                other=owners[code].row,
            )
            line.barcodes.remove(code)
        yield line


def said_alike(line: FileLine, other: FileLine) -> bool:
    return (line.product, line.parts, line.barcodes, line.listing) == (
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
        return [as_json(item) for item in value]
    if isinstance(value, IngredientAmount):
        return [value.name, value.strength]
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    return value if isinstance(value, bool | int | str) or value is None else text(value)
