"""Items of the Australian PBS, as its API gives them (`items`, CSV or JSON): a medicine for each brand and pack. Pure.

Layout: Department of Health, PBS API (v3) data dictionary, `items`. An item stands there once for each programme and
restriction; its PBS codes are gathered.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from galen.i18n import N_

from .lines import FileContents, FileLine, IngredientAmount, joined, numbered, substance
from .reading import FileContent, UnreadableFile
from .values import cents, money, number, said, text
from .words import form_of, pack_of, strength_of

NOT_ITEMS = N_(
    "%(file)s is no list of PBS items: drug_name, brand_name and pbs_code are missing. Fetch `items` from the PBS API."
)
NEEDED = {"drug_name", "brand_name", "pbs_code"}
_DOSE = re.compile(
    r"(\d[\d.,]*)\s*(microgram|mcg|mg|g|mL|%|I\.?U\.?|units?|million units|mmol|MBq)s?\b"
    r"(?:\s*(?:/|per|in)\s*([\d.]*\s*(?:mL|g|dose|hour|h|actuation)))?",
    re.I,
)
WORDS = {"microgram": "mcg", "i.u.": "IU", "iu": "IU", "hour": "h"}


def contents_of(file: str, content: FileContent) -> FileContents:
    contents = FileContents(file)
    gathered: dict[str, FileLine] = {}
    for place, item in rows(file, content):
        contents.rows += 1
        line = item_line(contents, place, item)
        first = gathered.setdefault(line.key, line)
        if first is not line and not line.broken:
            codes = first.listing.setdefault("pbs", [])
            codes += [code for code in line.listing.get("pbs", []) if code not in codes]
        elif line.broken and first is not line:
            gathered[f"{line.key} {place}"] = line
    contents.lines = list(numbered(list(gathered.values()), contents))
    return contents


def rows(file: str, content: FileContent) -> list[tuple[int, dict[str, Any]]]:
    """The items with their places, from CSV or JSON."""
    if content.records:
        found = [(place, {str(k).casefold(): v for k, v in r.items()}) for place, r in enumerate(content.records, 1)]
    else:
        listed = content.sheets[0].rows if content.sheets else []
        header = next(
            (i for i, r in enumerate(listed[:20]) if {text(c).casefold().replace(" ", "_") for c in r.cells} >= NEEDED),
            None,
        )
        if header is None:
            raise UnreadableFile(NOT_ITEMS, file=file)
        names = [text(c).casefold().replace(" ", "_") for c in listed[header].cells]
        found = [(r.number, dict(zip(names, r.cells, strict=False))) for r in listed[header + 1 :] if not r.empty]
    if not found or not any(found[0][1].keys() & NEEDED):
        raise UnreadableFile(NOT_ITEMS, file=file)
    return found


def item_line(contents: FileContents, place: int, item: dict[str, Any]) -> FileLine:
    def cell(*names: str) -> str:
        return next((word for name in names if (word := said(cleaned(item.get(name))))), "")

    line = FileLine("", place)
    drug, brand, written = (
        cell("drug_name", "li_drug_name"),
        cell("brand_name"),
        cell("li_form", "schedule_form", "form"),
    )
    form = form_of(
        re.split(r"\d|\bcontaining\b|\(", written)[0].strip(" ,") or written,
        cell("manner_of_administration", "moa_preferred_term"),
    )
    line.parts = parts(drug, written)
    line.product = {"brand": brand, "form": form.form, "route": form.route, "prescription_only": True}
    try:
        size = number(cleaned(item.get("pack_size"))) or number(cleaned(item.get("pricing_quantity")))
        cost = money(cleaned(item.get("determined_price"))) or money(cleaned(item.get("claimed_price")))
        if size:
            counted = pack_of(cell("pack_content", "unit_of_measure"))
            line.product |= {"pack_size": size, "unit": counted[1] if counted and counted[1] else form.unit or "piece"}
        if cost is not None:
            line.product["price"] = cents(cost)
            line.listing["cost"] = cost
    except ValueError as error:
        contents.refuse(line, "determined_price", error)
    artg = re.sub(r"\D", "", cell("artg_id", "artg"))
    line.product |= {"artg": artg} if artg else {}
    line.product = {name: value for name, value in line.product.items() if value not in ("", None)}
    kept = {
        "maker": cell("manufacturer_code", "organisation_id"),
        "group": cell("brand_substitution_group_id"),
        "benefit": cell("benefit_type_code"),
    }
    line.listing |= {k: v for k, v in kept.items() if v} | {"pbs": [code] if (code := cell("pbs_code").upper()) else []}
    if not drug:
        contents.refuse(line, "drug_name", N_("The item names no medicine. Fetch the list again."))
    if not re.fullmatch(r"\d{1,5}[A-Z]", cell("pbs_code").upper()):
        message = N_("“%(code)s” is no PBS code; it looks like 8254K.")
        contents.refuse(line, "pbs_code", message, code=cell("pbs_code"))
    line.key = " | ".join(
        filter(None, (drug, written, brand, cell("manufacturer_code"), text(cleaned(item.get("pack_size")))))
    ).casefold()
    return line


def cleaned(value: Any) -> Any:
    """JSON's values as the rest of Galen has cells."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else value
    return value if isinstance(value, int | str | date | None) else str(value)


def parts(drug: str, form: str) -> list[IngredientAmount]:
    """`amoxicillin + clavulanic acid` with the amounts of the form's text, in its order."""
    names = [name.strip() for name in re.split(r"\s+\+\s+|\s+with\s+|\s+and\s+", drug) if name.strip()]
    found = []
    for hit in _DOSE.finditer(re.sub(r",(?=\d{3})", "", form)):
        unit = WORDS.get(hit[2].casefold(), hit[2])
        per = (hit[3] or "").replace(" ", " ").strip()
        try:
            amount = number(hit[1].strip(".,"))
        except ValueError:
            continue
        if amount:
            found.append(strength_of(amount, f"{unit}/{per}" if per else unit))
    if len(names) == 1 and len(found) > 1 and "/" not in found[0] and re.search(r"\d\s*m[gL].*\bin\b.*mL", form):
        found = found[:1]
    strengths = found[: len(names)] + [""] * (len(names) - len(found))
    return joined(IngredientAmount(substance(name), strength) for name, strength in zip(names, strengths, strict=True))
