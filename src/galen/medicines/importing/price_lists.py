"""Any supplier's price list, row by row: what it says of each medicine, whatever its columns are called. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from galen.i18n import N_

from ..naming import is_brand
from ..rules import plain
from . import cannabis
from .grouping import GroupedRows
from .guessing import Table, checked, table_of
from .lines import FileContents, FileLine, IngredientAmount, joined, numbered, substance
from .packs import NOTHING, SaidPack, own_words, packed
from .reading import FileRow, FileSheet
from .substances import DEPOT, LOOSE, NUMBER, SEVERAL, amounts_in, bare_name
from .values import (
    CellError,
    cents,
    code,
    currency_in,
    day_or_none,
    decimal_mark,
    gtin,
    money,
    ndc11,
    number,
    percentage,
    said,
    text,
)
from .words import Form, counted, form_of, pack_of, route_of, schedule_number, strengths_of
from .written import WrittenName, read_name

ROMAN = {"ii": "2", "iii": "3", "iv": "4", "v": "5"}
ORDERING = re.compile(r"\b(?:order|ordered|deliver\w*|received|requested|invoiced?|shipped|shipment|supplied)\b")
LONGEST = 300
TOO_LONG = N_("This has more than %(most)s characters. Shorten it to what the medicine is called.")
MONEY = ("price", "cost", "unit_price", "unit_cost")
UNUSED = N_("Recognised and not used: %(columns)s.")


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
        if table.unused:
            contents.notice(sheet.name, 0, "", UNUSED, columns=", ".join(table.unused))
    checked(columns or {}, seen)
    for table in contents.tables:
        lines += Listed(table, contents, country).lines()
    contents.lines = list(numbered(lines, contents))
    return contents


class Listed(GroupedRows):
    """One table of a price list, understood by its columns."""

    def __init__(self, table: Table, contents: FileContents, country: str) -> None:
        super().__init__(table)
        self.contents = contents
        headers = {c.header.casefold() for c in table.columns}
        self.south_african = any("nappi" in h or h.strip() == "sep" or "single exit" in h for h in headers)
        self.country = "ZA" if self.south_african else country
        self.cannabis = bool({"thc", "cbd", "thc_cbd"} & table.fields)
        self.ordering = bool({"ordered", "free"} & table.fields) or any(map(ORDERING.search, headers))
        self.marks = {n: decimal_mark(self.cell(row, n) for row in table.rows) for n in MONEY if n in self.places}
        self.fraction = self.cannabis and cannabis.fractions(table, table.rows)

    def names(self, row: FileRow) -> list[WrittenName]:
        """What the texts of a row say of the medicine, the ingredients' first."""
        texts = (said(self.cell(row, name)) for name in ("ingredients", "brand"))
        return [read_name(written) for written in texts if written]

    def lines(self) -> Iterator[FileLine]:
        """Rows as medicines."""
        return map(self.line, self.groups())

    def line(self, rows: list[FileRow]) -> FileLine:
        first = rows[0]
        line = FileLine("", first.number, self.table.sheet)
        line.written = [said(self.cell(first, name)) for name in ("ingredients", "brand")] if not self.cannabis else []
        brand, stuff = said(self.cell(first, "brand")), said(self.cell(first, "ingredients"))
        brand = "" if brand.casefold() == stuff.casefold() else brand
        form = self.form(first, brand)
        line.product = {"brand": brand, "form": form.form, "route": form.route}
        if pack := self.tried(line, first, "pack_size", self.pack, form):
            line.product |= {"pack_size": pack.size, "unit": pack.unit}
            if pack.remark:
                about = {"named": plain(pack.named), "cell": plain(pack.size)} if pack.named else {}
                self.contents.hint(line, self.table.header("pack_size"), pack.remark, **about)
        self.prices(line, first)
        self.codes(line, first)
        if self.cannabis:
            self.cannabinoids(line, first)
        else:
            line.parts = self.parts(line, rows)
            self.from_name(line, brand)
            self.ask_strength(line, first)
            self.schedule(line, first)
        if not line.parts and brand and self.cannabis:
            line.product["generic"] = brand
        self.counted_singly(line, first)
        status = said(self.cell(first, "status"))
        line.discontinued = bool(re.match(r"(?i)disc|delet|withdrawn|obsolete|inactive", status))
        maker, since = said(self.cell(first, "maker")), day_or_none(self.cell(first, "effective"))
        line.listing |= {
            k: v for k, v in {"maker": maker, "status": status, "since": since and since.isoformat()}.items() if v
        }
        line.product = {k: v for k, v in line.product.items() if v not in ("", None)}
        for name in ("brand", "generic", "form"):
            if len(line.product.get(name, "")) > LONGEST:
                self.contents.refuse(line, self.table.header(name), TOO_LONG, most=LONGEST)
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

    def form(self, row: FileRow, brand: str) -> Form:
        """Of its own column, else of the sheet or section, of the name, or of what the pack counts."""
        written, route = said(self.cell(row, "form")), route_of(said(self.cell(row, "route")))
        if self.cannabis and not written:
            unit = (pack_of(text(self.cell(row, "pack_size"))) or (0, ""))[1]
            written = cannabis.form_named(self.table.sheet, self.section, brand) or {
                "mL": "oral liquid",
                "capsule": "capsule",
            }.get(unit, "")
        if self.cannabis or written:
            return form_of(written, route)
        headed = (w for w in (self.table.sheet, self.section) if w and form_of(w).unit)
        pack = own_words(self.cell(row, "pack_size"))[1].form
        named = (*(n.form for n in self.names(row)), *headed, pack, said(self.cell(row, "strength_unit")))
        return next((f for word in named if word and (f := form_of(word, route)).unit), form_of("", route))

    def pack(self, row: FileRow, form: Form) -> SaidPack | None:
        """Pack size times packs; how many were ordered says nothing of a pack."""
        cell, packs = self.cell(row, "pack_size"), None if self.ordering else number(self.cell(row, "packs"))
        unit = counted(said(self.cell(row, "strength_unit"))) if "strength" not in self.places else ""
        if self.cannabis:
            sized = (Decimal(cell), "") if isinstance(cell, int | Decimal) else pack_of(text(cell))
            sized = sized or ((Decimal(1), "") if packs else None)
            if sized and sized[0] <= 0:
                raise CellError(NOTHING)
            return SaidPack(sized[0] * (packs or 1), sized[1] or unit or form.unit or "piece") if sized else None
        by_name, names = not said(self.cell(row, "form")), self.names(row)
        if not by_name:  # a list that tells the form tells the pack, too, but for what holds it
            names = [WrittenName(holder=n.holder) for n in names if n.count and n.count == own_words(cell)[0]]
        found = packed(cell, names, form, form_by_name=by_name, unit_named=unit)
        if found is None and packs:
            found = SaidPack(Decimal(1), form.unit or unit)
        return replace(found, size=found.size * (packs or 1)) if found else None

    def prices(self, line: FileLine, row: FileRow) -> None:
        """The selling price, or the buying price where there is no other; GST is taken off the latter."""
        retail, cost = self.amount(line, row, "price"), self.amount(line, row, "cost")
        if retail is None and cost is None:
            cost = self.of_units(line, row)
        header = self.table.header("cost").casefold() + " " + text(self.cell(row, "cost")).casefold()
        if cost is not None and self.country == "AU" and re.search(r"\binc\w*\.?\s*(?:of\s*)?gst|gst inc", header):
            cost = (cost / Decimal("1.1")).quantize(Decimal("0.01"))
        if (price := cost if retail is None else retail) is not None:
            line.product["price"] = cents(price)
        line.listing |= {k: v for k, v in (("retail", retail), ("cost", cost)) if v is not None}

    def amount(self, line: FileLine, row: FileRow, name: str) -> Decimal | None:
        found: Decimal | None = self.tried(line, row, name, lambda cell: money(cell, self.marks.get(name, "")))
        if currency := currency_in(self.cell(row, name)):
            self.contents.currencies.add(currency)
        return found

    def of_units(self, line: FileLine, row: FileRow) -> Decimal | None:
        """The price of a pack where only that of one unit is told: what is paid after the discount, times its size."""
        before, after = self.amount(line, row, "unit_price"), self.amount(line, row, "unit_cost")
        if after is None and before is not None and (off := self.tried(line, row, "discount", percentage)):
            after = before * (1 - off / 100)
        each, size = after if after is not None else before, line.product.get("pack_size")
        return None if each is None or size is None else each * size

    def counted_singly(self, line: FileLine, row: FileRow) -> None:
        """What is no medicine is counted as it lies there; so is a form that is not known, and that is said."""
        if line.product.get("unit", "piece"):
            return
        if form := line.product["form"]:
            message = N_(
                "The form “%(form)s” is not known here, so pieces are counted. Correct it where that is wrong."
            )
            self.contents.hint(line, self.table.header("form"), message, form=form)
        elif line.parts or any(name.strengths for name in self.names(row)):
            return
        line.product["unit"] = "piece"

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

    def parts(self, line: FileLine, rows: list[FileRow]) -> list[IngredientAmount]:
        """Ingredients with strengths, from one row or from a row each."""
        found: list[IngredientAmount] = []
        for row in rows:
            written, amount = said(self.cell(row, "ingredients")), self.cell(row, "strength")
            if not said(amount):
                found += self.told_by(line, written, "ingredients") or []
                continue
            names = [bare_name(name.strip()) for name in SEVERAL.split(written) if name.strip()]
            strengths = strengths_of(amount, said(self.cell(row, "strength_unit")), len(names))
            found += [
                IngredientAmount(substance(name), strength) for name, strength in zip(names, strengths, strict=True)
            ]
        return joined(found)

    def told_by(
        self, line: FileLine, written: str, column: str, *, known: bool = False
    ) -> list[IngredientAmount] | None:
        """Ingredients with their strengths in one text; amounts that fit to no ingredient refuse the line."""
        found = amounts_in(written, known=known)
        if found is not None and found.problem:
            self.contents.refuse(line, self.table.header(column), found.problem, text=written)
        return None if found is None else found.parts

    def from_name(self, line: FileLine, brand: str) -> None:
        """What no column tells: `Paracetamol 500 mg tablets` names its ingredient, and `Panado 500mg` the strength."""
        read = read_name(brand)
        if len(line.parts) == 1 and not line.parts[0].strength and len(read.strengths) == 1:
            line.parts = [IngredientAmount(line.parts[0].name, read.strengths[0])]
        elif not line.parts and (told := self.told_by(line, brand, "brand", known=True)):
            line.parts = joined(told)
            line.product["brand"] = read.name if is_brand(NUMBER.sub("", DEPOT.sub("", read.name)).strip()) else ""
        elif not line.parts and brand:
            line.product |= {"generic": " ".join((read.name or brand, " + ".join(read.strengths))).strip(), "brand": ""}

    def ask_strength(self, line: FileLine, row: FileRow) -> None:
        """A medicine without a strength is said; a number that may be one is not taken for a pack."""
        if not line.parts or line.broken or any(part.strength for part in line.parts):
            return
        bare, own = own_words(self.cell(row, "pack_size"))
        for column in ("ingredients", "brand"):
            read = read_name(written := said(self.cell(row, column)))
            if read.loose and read.loose not in (bare, own.count):
                self.contents.refuse(line, self.table.header(column), LOOSE, text=written)
        self.contents.hint(line, self.table.header("strength"), N_("No strength is named. Add it to the list."))

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
            [f"{line.product['pack_size'].normalize():f} {line.product.get('unit', '')}"]
            if "pack_size" in line.product
            else []
        )
        words += content or [f"{p.name} {p.strength}" for p in line.parts]
        if not content and not any(part.strength for part in line.parts):
            words += line.written  # else two strengths that are not understood would be one
        return " | ".join(" ".join(str(word).casefold().split()) for word in words)
