"""What medicinal cannabis lists say in their own way: THC and CBD content, TGA category, S4 or S8. Pure.

Schedule (Poisons Standard, TGA): a product in which at least 98 % of the cannabinoids are CBD, and THC is no more
than 2 %, is category 1 and S4; the others are S8.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from galen.i18n import N_

from ..rules import plain
from .guessing import Table
from .lines import IngredientAmount
from .reading import Cell, FileRow
from .values import CellError, number, text
from .words import form_of

_CONTENT = re.compile(
    r"(?P<below><|≤|less than|under|below)?\s*~?\s*(?P<low>\d+(?:[.,]\d+)?)"
    r"\s*(?:(?:-|–|to)\s*(?P<high>\d+(?:[.,]\d+)?))?"
    r"\s*(?P<unit>%|mg|g)?\s*(?:/\s*(?P<per>[a-z0-9. ]+))?",
    re.I,
)
_NAMED = {
    name: re.compile(rf"(?:{name}\w*|\b{name[0]})\s*:?\s*({_CONTENT.pattern.replace('?P<', '?P<x')})", re.I)
    for name in ("thc", "cbd")
}
_BEHIND = {
    name: re.compile(rf"([<≤]?\s*\d+(?:[.,]\d+)?\s*(?:%|mg(?:\s*/\s*\w+)?)?)\s*{name}", re.I) for name in ("thc", "cbd")
}
CATEGORY = re.compile(r"(?:category|cat\.?)?\s*([1-5])", re.I)
NONE = {"", "-", "–", "—", "nil", "nd", "n/d", "none", "0", "n/a", "trace", "not detected", "bdl", "<lod", "<loq"}


@dataclass(frozen=True, slots=True)
class Content:
    """How many milligrams in one gram, millilitre or piece; `below` when the list gives only an upper limit."""

    mg: Decimal
    per: str
    below: bool = False
    high: Decimal | None = None

    @property
    def strength(self) -> str:
        upto = f" to {plain(self.high)}" if self.high else ""
        return f"{plain(self.mg)}{upto} mg" + ("" if self.per == "unit" else f"/{self.per}")


def content(cell: Cell, header: str, per: str, fraction: bool = False) -> Content | None:
    """`15%`, `20 mg/mL`, `25 mg/unit`, `<1`, or a bare number under a header that names the unit."""
    words = text(cell).casefold()
    if words in NONE:
        return None
    found = _CONTENT.search(words)
    if not found:
        raise CellError(N_("“%(text)s” is no content. Write it as 15 %%, 20 mg/mL or <1."), text=text(cell))
    amount, high = number(found["low"]), number(found["high"])
    assert amount is not None
    unit = found["unit"] or (
        "%" if "%" in header or "percent" in header.casefold() or "w/w" in header.casefold() else "mg"
    )
    factor = Decimal({"%": 10, "mg": 1, "g": 1000}[unit.casefold()])
    if fraction and unit == "%":
        factor *= 100
    if found["per"] and (each := re.match(r"([\d.]+)\s*m?l", found["per"])) and (size := number(each[1])):
        factor /= size
    elif found["per"] and (own := re.match(r"(g|ml)\b", found["per"])):
        per = {"g": "g", "ml": "mL"}[own[1]]
    if not amount and not high:
        return None
    return Content(amount * factor, per, bool(found["below"]), high * factor if high else None)


def both(cell: Cell, header: str, per: str) -> tuple[Content | None, Content | None]:
    """THC and CBD written together: `THC 20 mg/mL : CBD 5 mg/mL`, `T20:C5`, `20:5` in the order of the header."""
    words = text(cell)
    found: dict[str, Content | None] = {}
    for name in ("thc", "cbd"):
        if named := _NAMED[name].search(words) or _BEHIND[name].search(words):
            found[name] = content(named[1], header, per)
    if found:
        return found.get("thc"), found.get("cbd")
    numbers = [m[0] for m in _CONTENT.finditer(words) if m["low"]]
    if len(numbers) == 2:
        unit = next((u for u in ("%", "mg") if u in words), "")
        pair = [content(n if re.search(r"%|mg", n) else n.strip() + unit, header, per) for n in numbers]
        turned = "cbd" in header.casefold() and header.casefold().find("cbd") < header.casefold().find("thc")
        return (pair[1], pair[0]) if turned else (pair[0], pair[1])
    problem = N_("“%(text)s” does not tell THC and CBD apart. Write it as THC 20 mg/mL CBD 5 mg/mL.")
    raise CellError(problem, text=words)


def fractions(table: Table, rows: Sequence[FileRow]) -> bool:
    """Whether per-cent columns hold fractions (0.2 for 20 %), as a spreadsheet stores them: none is above one."""
    places = [c.place for c in table.columns if c.field in ("thc", "cbd") and "%" in c.header]
    cells = [r.cells[p] for r in rows for p in places if p < len(r.cells)]
    numbers = [Decimal(c) if isinstance(c, int | Decimal) else bare(text(c)) for c in cells]
    stated = [n for n in numbers if n]
    return bool(stated) and all(n <= 1 for n in stated)


def bare(words: str) -> Decimal | None:
    """A number that stands alone; none where a sign or a unit stands beside it."""
    return number(words) if re.fullmatch(r"\d+(?:[.,]\d+)?", words) else None


def per_of(unit: str) -> str:
    return unit if unit in ("g", "mL") else "unit"


def parts_of(thc: Content | None, cbd: Content | None) -> list[IngredientAmount]:
    """The substances that are there in a stated amount; a mere upper limit is not listed as an active ingredient."""
    named = (("tetrahydrocannabinol", thc), ("cannabidiol", cbd))
    return [IngredientAmount(name, has.strength) for name, has in named if has is not None and not has.below]


def category_of(cell: Cell) -> int | None:
    found = CATEGORY.fullmatch(text(cell).strip().removesuffix(".0")) or CATEGORY.match(text(cell))
    return int(found[1]) if found else None


def schedule_of(category: int | None, thc: Content | None, cbd: Content | None) -> str:
    """By category where the list gives one, else by content; S8 where neither is known."""
    if category is not None:
        return "S4" if category == 1 else "S8"
    share = cbd.mg / (cbd.mg + (thc.mg if thc else 0)) if cbd and not cbd.below else Decimal(0)
    return "S4" if share >= Decimal("0.98") else "S8"


_FORMS = re.compile(
    r"\b(wafer|pastille|gumm(?:y|ies)|vape|cartridge|capsule|softgel|oil|tincture|flower|flos|herb|oral spray|resin"
    r"|cream|gel|lozenge|tablet)s?\b",
    re.I,
)


def form_named(*texts: str) -> str:
    """The form that a sheet, a section or a name tells: oil, flower, capsule, vape, wafer …"""
    for text_given in texts:
        if found := _FORMS.search(text_given):
            word = found[1].casefold()
            return form_of("gummy" if word == "gummies" else word).form
    return ""
