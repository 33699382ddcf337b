"""Any supplier's price list, row by row: what it says of each medicine, whatever its columns are called. Pure."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from galen.i18n import N_

from ..naming import ingredient_name
from . import cannabis
from .guessing import Table, checked, table_of
from .lines import FileContents, FileLine, IngredientAmount, joined, numbered, substance
from .reading import Cell, FileRow, FileSheet
from .values import CellError, cents, code, day_or_none, gtin, money, ndc11, number, said, text
from .words import counted, form_of, pack_of, route_of, schedule_number, strength_of, strength_text

ROMAN = {"ii": "2", "iii": "3", "iv": "4", "v": "5"}
_DOSE = re.compile(r"(\d[\d.,]*)\s*(mcg|µg|mg|g|%|iu|units?|ml)(?:\s*/\s*([\d.]*\s*[a-z]+))?", re.I)
_IN_NAME = re.compile(
    r"\b(tab(?:let)?|cap(?:sule)?|inj(?:ection)?|cream|oint(?:ment)?|syrup|susp(?:ension)?|patch|eye drops|ear drops"
    r"|inhaler|lotion|gel|supp(?:ository)?|pessary|spray|lozenge|oral liquid)s?\b",
    re.I,
)
_CODE = re.compile(r"[A-Za-z]*\d[\w./-]*")
_TOTAL = re.compile(r"^(?:grand )?total|^sub ?total|^end of|^page \d|^continued|^notes?\b|^\*", re.I)


def contents_of(
    sheets: list[FileSheet], file: str, country: str, columns: Mapping[str, str] | None = None
) -> FileContents:
    """Every sheet that has a header; the others are named, so that nobody thinks they were read."""
    contents = FileContents(file)
    lines: list[FileLine] = []
    seen: list[Table] = []
    for sheet in sheets:
        table = table_of(sheet, columns)
        seen += [table] if table else []
        if table is None or not table.fields & {"brand", "ingredients", "code", "barcode", "ndc"}:
            contents.notice(sheet.name, 0, "", N_("No row with headers was found, so nothing was read here."))
            continue
        contents.tables.append(table)
        contents.rows += len(table.rows)
    checked(columns or {}, seen)
    for table in contents.tables:
        lines += Listed(table, contents, country).lines()
    contents.lines = list(numbered(lines, contents))
    return contents


class Listed:
    """One table of a price list, understood by its columns."""

    def __init__(self, table: Table, contents: FileContents, country: str) -> None:
        self.table, self.contents = table, contents
        self.places = {c.field: c.place for c in table.columns if c.field}
        headers = {c.header.casefold() for c in table.columns}
        self.south_african = any("nappi" in h or h.strip() == "sep" or "single exit" in h for h in headers)
        self.country = "ZA" if self.south_african else country
        self.cannabis = bool({"thc", "cbd", "thc_cbd"} & table.fields)
        self.fraction = self.cannabis and cannabis.fractions(table, table.rows)
        self.section = ""

    def cell(self, row: FileRow, name: str) -> Cell:
        place = self.places.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else None

    def lines(self) -> Iterator[FileLine]:
        """Rows as medicines; a row that only names a further ingredient belongs to the one above it."""
        whole: list[FileRow] = []
        for row in self.table.rows:
            filled = [text(c) for c in row.cells if text(c)]
            if len(filled) == 1 and not _CODE.fullmatch(filled[0]) and not self.continues(row):
                if whole:
                    yield self.line(whole)
                whole, self.section = [], filled[0]
                continue
            if _TOTAL.match(filled[0] if filled else "") and len(filled) <= 2:
                continue
            if whole and self.continues(row, whole[0]):
                whole.append(row)
                continue
            if whole:
                yield self.line(whole)
            whole = [row]
        if whole:
            yield self.line(whole)

    def continues(self, row: FileRow, first: FileRow | None = None) -> bool:
        """A row with an ingredient, and without a price, a code of its own and (but for a solvent) a name."""
        if not said(self.cell(row, "ingredients")) or any(
            said(self.cell(row, n)) for n in ("price", "cost", "barcode", "ndc")
        ):
            return False
        own = code(self.cell(row, "code"))
        if own and (first is None or own != code(self.cell(first, "code")) or said(self.cell(row, "brand"))):
            return False
        return not said(self.cell(row, "brand")) or ("code" in self.places and not own)

    def line(self, rows: list[FileRow]) -> FileLine:
        first = rows[0]
        line = FileLine("", first.number, self.table.sheet)
        brand = said(self.cell(first, "brand"))
        form = self.form(first, brand)
        pack = self.tried(line, first, "pack_size", self.pack, form.unit)
        line.product = {"brand": brand, "form": form.form, "route": form.route}
        if pack:
            line.product |= {"pack_size": pack[0], "unit": pack[1]}
        self.prices(line, first)
        self.codes(line, first)
        if self.cannabis:
            self.cannabinoids(line, first)
        else:
            line.parts = self.parts(rows)
            self.from_name(line, brand)
            self.schedule(line, first)
        if not line.parts and brand:
            line.product["generic"] = brand
            if not self.cannabis:
                line.product["brand"] = ""
        status = said(self.cell(first, "status"))
        line.discontinued = bool(re.match(r"(?i)disc|delet|withdrawn|obsolete|inactive", status))
        maker, since = said(self.cell(first, "maker")), day_or_none(self.cell(first, "effective"))
        line.listing |= {
            k: v for k, v in {"maker": maker, "status": status, "since": since and since.isoformat()}.items() if v
        }
        line.product = {k: v for k, v in line.product.items() if v not in ("", None)}
        line.key = line.listing.get("code") or next(iter(line.barcodes), "") or self.named_key(line)
        if not brand and not line.parts and not line.barcodes and not line.listing.get("code"):
            self.contents.refuse(
                line,
                self.table.header("brand"),
                N_("There is no name and no code in this row. Add one, or delete the row."),
            )
        return line

    def tried(self, line: FileLine, row: FileRow, name: str, rule: Any, *more: Any) -> Any:
        """A value by its rule; what it cannot accept is said with its column, and refuses the line."""
        try:
            return rule(row, *more) if more else rule(self.cell(row, name))
        except (ValueError, ArithmeticError) as error:
            self.contents.refuse(line, self.table.header(name), error)
            return None

    def form(self, row: FileRow, brand: str) -> Any:
        written = said(self.cell(row, "form"))
        if self.cannabis and not written:
            unit = (pack_of(text(self.cell(row, "pack_size"))) or (0, ""))[1]
            written = cannabis.form_named(self.table.sheet, self.section, brand) or {
                "mL": "oral liquid",
                "capsule": "capsule",
            }.get(unit, "")
        elif not written:
            written = next((w for w in (self.table.sheet, self.section) if w and form_of(w).form != w.casefold()), "")
            named = None if written or self.places.keys() >= {"ingredients", "strength"} else _IN_NAME.search(brand)
            written = named[1] if named else written
        return (
            form_of(written, route_of(said(self.cell(row, "route"))))
            if written
            else form_of("", said(self.cell(row, "route")))
        )

    def pack(self, row: FileRow, unit: str) -> tuple[Decimal, str] | None:
        """Pack size times packs, in the unit that the cell, the unit column or the form names."""
        cell, packs = self.cell(row, "pack_size"), number(self.cell(row, "packs"))
        if isinstance(cell, int | Decimal):
            sized: tuple[Decimal, str] | None = (Decimal(cell), "")
        else:
            sized = pack_of(text(cell))
        if sized is None and packs:
            sized = (Decimal(1), "")
        if sized is None:
            return None
        named = sized[1] or counted(said(self.cell(row, "strength_unit")) if "strength" not in self.places else "")
        if sized[0] <= 0:
            raise CellError(N_("A pack holds more than nothing. Correct the pack size."))
        return sized[0] * (packs or 1), named or unit

    def prices(self, line: FileLine, row: FileRow) -> None:
        """The selling price, or the buying price where there is no other; GST is taken off the latter."""
        retail = self.tried(line, row, "price", money)
        cost = self.tried(line, row, "cost", money)
        header = self.table.header("cost").casefold() + " " + text(self.cell(row, "cost")).casefold()
        if cost is not None and self.country == "AU" and re.search(r"\binc\w*\.?\s*(?:of\s*)?gst|gst inc", header):
            cost = (cost / Decimal("1.1")).quantize(Decimal("0.01"))
        if retail is not None or cost is not None:
            line.product["price"] = cents(retail if retail is not None else cost)
        line.listing |= {k: v for k, v in (("retail", retail), ("cost", cost)) if v is not None}

    def codes(self, line: FileLine, row: FileRow) -> None:
        if own := code(self.cell(row, "code")):
            line.listing["code"] = own
            if "nappi" in self.table.header("code").casefold() and len(own) >= 6:
                line.barcodes.append(own)
        if scanned := self.tried(line, row, "barcode", gtin):
            line.barcodes.append(scanned)
        if drug := self.tried(line, row, "ndc", ndc11):
            line.product["ndc"] = drug
        if artg := re.sub(r"\D", "", said(self.cell(row, "artg"))):
            line.product["artg"] = artg
        if registered := said(self.cell(row, "registration")):
            line.listing["registration"] = registered
        atc = code(self.cell(row, "atc")).upper()
        if re.fullmatch(r"[A-V]\d\d[A-Z]{2}\d\d", atc):
            line.product["atc"] = atc
        elif atc:
            line.listing["atc"] = atc
        for name in ("rxcui", "te_code"):
            if value := code(self.cell(row, name)):
                line.product[name] = value
        if "fridge" in (store := said(self.cell(row, "storage")).casefold()) or re.search(
            r"\b2\s*(?:-|–|to)\s*8\b|refrig|cold", store
        ):
            line.product["storage"] = "fridge"

    def parts(self, rows: list[FileRow]) -> list[IngredientAmount]:
        """Ingredients with strengths, from one row or from a row each."""
        found: list[IngredientAmount] = []
        for row in rows:
            names = [
                n.strip() for n in re.split(r"\s*[;+]\s*|\s+/\s+", said(self.cell(row, "ingredients"))) if n.strip()
            ]
            amount, unit = self.cell(row, "strength"), said(self.cell(row, "strength_unit"))
            strengths = strengths_of(amount, unit, len(names))
            found += [
                IngredientAmount(substance(name), strength) for name, strength in zip(names, strengths, strict=True)
            ]
        return joined(found)

    def from_name(self, line: FileLine, brand: str) -> None:
        """What no column tells: `Paracetamol 500 mg tablets` names its ingredient, and `Panado 500mg` the strength."""
        if not (dose := _DOSE.search(brand)) or len(_DOSE.findall(brand)) > 1:
            return
        strength = strength_of(number(dose[1]) or Decimal(0), dose[2] + (f"/{dose[3]}" if dose[3] else ""))
        if len(line.parts) == 1 and line.parts[0].strength == "not stated":
            line.parts = [IngredientAmount(line.parts[0].name, strength)]
        elif not line.parts and (inn := ingredient_name(_IN_NAME.sub(" ", brand[: dose.start()]).strip(" -,"))):
            line.parts = [IngredientAmount(inn, strength)]

    def schedule(self, line: FileLine, row: FileRow) -> None:
        """In the words of the list's own country; a South African schedule is kept with the listing."""
        written = said(self.cell(row, "schedule"))
        roman = re.fullmatch(r"c?-?(ii|iii|iv|v)", written.casefold())
        if not written or written.casefold() in ("unscheduled", "otc"):
            return
        try:
            digit = ROMAN[roman[1]] if roman else schedule_number(written)
        except ValueError as error:
            self.contents.hint(line, self.table.header("schedule"), error)
            return
        if self.country == "ZA":
            line.listing["schedule"] = f"S{digit}"
            line.product["prescription_only"] = digit >= "3"
        elif self.country == "US":
            line.product |= (
                {"schedule_us": "C" + {v: k for k, v in ROMAN.items()}.get(digit, "").upper()}
                if digit in "2345"
                else {}
            )
            line.product["prescription_only"] = digit in "234"
        elif digit in "2348":
            line.product |= {"schedule_au": f"S{digit}", "prescription_only": digit in "48"}

    def cannabinoids(self, line: FileLine, row: FileRow) -> None:
        """THC and CBD in milligrams per gram, millilitre or piece; the schedule from the list, else by its category."""
        per = cannabis.per_of(line.product.get("unit", ""))
        thc = cbd = None
        for name in ("thc", "cbd"):
            header = self.table.header(name)
            try:
                found = cannabis.content(self.cell(row, name), header, per, self.fraction)
            except ValueError as error:
                self.contents.refuse(line, header, error)
                continue
            thc, cbd = (found, cbd) if name == "thc" else (thc, found)
        if thc is None and cbd is None and (cell := self.cell(row, "thc_cbd")):
            try:
                thc, cbd = cannabis.both(cell, self.table.header("thc_cbd"), per)
            except ValueError as error:
                self.contents.refuse(line, self.table.header("thc_cbd"), error)
        if thc is None and cbd is None and not line.broken:
            self.contents.refuse(
                line,
                self.table.header("thc") or self.table.header("thc_cbd"),
                N_("Neither THC nor CBD is stated. Add the content."),
            )
        category = cannabis.category_of(self.cell(row, "category"))
        line.parts = [IngredientAmount(substance(p.name), p.strength) for p in cannabis.parts_of(thc, cbd)]
        try:
            digit = schedule_number(said(self.cell(row, "schedule")))
        except ValueError as error:
            self.contents.refuse(line, self.table.header("schedule"), error)
            digit = ""
        by_content = cannabis.schedule_of(category, thc, cbd)
        line.product |= {"schedule_au": f"S{digit}" if digit else by_content, "prescription_only": True}
        if digit and category and f"S{digit}" != by_content:
            message = N_("S%(digit)s does not go with category %(category)s. Ask the supplier.")
            self.contents.hint(line, self.table.header("schedule"), message, digit=digit, category=category)
        for name, content in (("thc", thc), ("cbd", cbd)):
            if content:
                line.listing[name] = {"mg": content.mg, "per": content.per}
                line.listing[name] |= {"below": True} if content.below else {}
        if category:
            line.listing["category"] = category

    def named_key(self, line: FileLine) -> str:
        """Where a list gives no code: what it is called, how it comes and what is in it."""
        content = [
            f"{name}{listing['mg'].normalize():f}" for name in ("thc", "cbd") if (listing := line.listing.get(name))
        ]
        words = [line.product.get("brand") or line.product.get("generic", ""), line.product.get("form", "")]
        words += (
            [f"{line.product['pack_size'].normalize():f} {line.product['unit']}"] if "pack_size" in line.product else []
        )
        words += content or [f"{p.name} {p.strength}" for p in line.parts]
        return " | ".join(" ".join(str(word).casefold().split()) for word in words)


def strengths_of(amount: Cell, unit: str, names: int) -> list[str]:
    """One strength for each name: `500` with `mg`, `875 mg/125 mg`, `5;10` …; unstated ones say so."""
    words = said(amount)
    if not words:
        return ["not stated"] * names
    unit = "" if unit.casefold() in ("zzz", "n/a", "-") else unit
    if isinstance(amount, int | Decimal):
        return [strength_of(Decimal(amount), unit) if unit else "not stated"] * names
    pieces = [p.strip() for p in re.split(r"\s*[;+]\s*", words)]
    if len(pieces) != names and len(slashed := [p.strip() for p in words.split("/")]) == names and names > 1:
        pieces = slashed
    if len(pieces) != names:
        return [strength_text(f"{words} {unit}".strip())] * names
    tail = re.sub(r"^[\d.,\s]+", "", pieces[-1])
    return [one_strength(p if re.search(r"[a-zµ%]", p, re.I) else f"{p} {tail}", unit) for p in pieces]


def one_strength(piece: str, unit: str) -> str:
    found = re.fullmatch(r"([\d.,\s]*\d)\s*(.*)", piece)
    try:
        return (
            strength_of(number(found[1]) or Decimal(0), found[2] or unit)
            if found and (found[2] or unit)
            else strength_text(piece)
        )
    except ValueError:
        return strength_text(f"{piece} {unit}".strip())
