"""The FDA's Orange Book (products.txt, separated by ~): approved products with their equivalence (TE) codes. Pure.

Layout: FDA, "Orange Book Data Files", and the preface of "Approved Drug Products with Therapeutic Equivalence
Evaluations".
"""

from decimal import Decimal

from galen.i18n import N_

from .guessing import Table, table_of
from .lines import FileContents, FileLine, IngredientAmount, joined, numbered, substance
from .reading import FileRow, FileSheet, UnreadableFile
from .values import day_or_none, said
from .words import fda_strength, form_of

WANTED = (
    "ingredient",
    "df;route",
    "trade_name",
    "applicant",
    "strength",
    "appl_type",
    "appl_no",
    "product_no",
    "te_code",
)


def contents_of(sheets: list[FileSheet], file: str) -> FileContents:
    """Every product of the file; a row without its application number or ingredient is refused."""
    contents = FileContents(file)
    for sheet in sheets:
        table = table_of(sheet)
        names = {c.header.casefold().strip(): c.place for c in table.columns} if table else {}
        if table is None or not set(WANTED) <= names.keys():
            missing = ", ".join(name for name in WANTED if name not in names)
            problem = N_("%(file)s is no products.txt of the Orange Book: it lacks %(missing)s. Choose that file.")
            raise UnreadableFile(problem, file=file, missing=missing)
        contents.tables.append(table)
        contents.rows += len(table.rows)
        contents.lines += numbered([product(row, names, contents, table) for row in table.rows], contents)
    return contents


def product(row: FileRow, names: dict[str, int], contents: FileContents, table: Table) -> FileLine:
    """One approved product: it has no pack and no price, and is counted singly until somebody says otherwise."""
    cell = {name: said(row.cells[place]) if place < len(row.cells) else "" for name, place in names.items()}
    number = (cell["appl_no"].zfill(6), cell["product_no"].zfill(3))
    line = FileLine(f"{cell['appl_type']}{number[0]}-{number[1]}", row.number)
    if len(row.cells) < len(names):
        message = N_("The row has %(count)s columns instead of %(wanted)s. Fetch the file again.")
        contents.refuse(line, "", message, count=len(row.cells), wanted=len(names))
        return line
    for name in ("ingredient", "df;route", "appl_no", "product_no"):
        if not cell[name]:
            contents.refuse(line, name, N_("This is empty. Fetch the file again from the FDA."))
            return line
    written, _, route = cell["df;route"].partition(";")
    form = form_of(written, route)
    line.parts = parts(cell["ingredient"], cell["strength"])
    own = all(name.split()[0] in cell["trade_name"] for name in cell["ingredient"].split(";") if name.split())
    line.product = {
        "brand": (cell["applicant"] if own else cell["trade_name"]).title(),
        "form": form.form,
        "route": form.route,
        "unit": form.unit or "piece",
        "pack_size": Decimal(1),
        "price": Decimal(0),
        "te_code": cell["te_code"].replace(" ", ""),
        "prescription_only": cell.get("type", "RX").upper() == "RX",
    }
    line.product = {name: value for name, value in line.product.items() if value != ""}
    line.product.setdefault("te_code", "")
    since = day_or_none(cell.get("approval_date", ""))
    line.listing = {
        "maker": cell.get("applicant_full_name") or cell["applicant"],
        "code": line.key,
        "reference": cell.get("rld", "") == "Yes",
        "since": since.isoformat() if since else cell.get("approval_date", ""),
    }
    line.discontinued = cell.get("type", "").upper() == "DISCN"
    return line


def parts(ingredients: str, strengths: str) -> list[IngredientAmount]:
    """`A; B` with `80MG/ML;20MG/ML`; where they are not as many, the whole strength stands with the first."""
    names = [substance(name) for name in ingredients.split(";") if name.strip()]
    written = [fda_strength(strength) for strength in strengths.split("**")[0].split(";")]
    if len(written) != len(names):
        written = [fda_strength(strengths.replace(";", ", ")), *[""] * (len(names) - 1)]
    return joined(IngredientAmount(name, strength) for name, strength in zip(names, written, strict=True))
