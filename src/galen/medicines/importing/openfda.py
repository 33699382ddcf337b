"""The NDC directory as openFDA gives it (api.fda.gov/drug/ndc, or its download): one medicine for each package. Pure.

Fields: open.fda.gov, drug/ndc, "Searchable fields".
"""

import re
from decimal import Decimal
from typing import Any

from galen.i18n import N_

from .lines import FileContents, FileLine, IngredientAmount, joined, numbered, substance
from .reading import UnreadableFile
from .values import gtin, ndc11
from .words import ROMAN_SCHEDULES as ROMAN
from .words import counted, form_of, strength_of, strength_text

_STRENGTH = re.compile(r"\s*([\d.,]+)\s*(\[?[A-Za-z_%'µ\][][^/]*?)\s*/\s*([\d.]*)\s*([A-Za-z]*)\s*$")
_PACKED = re.compile(r"(\d+(?:\.\d+)?)\s+([A-Za-z]+)[^()]*?\s+in\s+(\d+)\s+([A-Za-z]+)")


def contents_of(file: str, records: list[dict[str, Any]]) -> FileContents:
    """Every package of every product. A product that cannot be read is refused, the others stay."""
    contents = FileContents(file)
    products = [record for record in records if "product_ndc" in record]
    if not products:
        raise UnreadableFile(N_("%(file)s holds no product with product_ndc. Fetch drug/ndc from openFDA."), file=file)
    lines: list[FileLine] = []
    for place, product in enumerate(products, 1):
        contents.rows += 1
        packages = product.get("packaging") or [{"package_ndc": product.get("product_ndc", "")}]
        lines += [line(contents, place, product, package) for package in packages if not package.get("sample")]
    contents.lines = list(numbered(lines, contents))
    return contents


def line(contents: FileContents, place: int, product: dict[str, Any], package: dict[str, Any]) -> FileLine:
    written = str(package.get("package_ndc", ""))
    made = FileLine(written, place)
    try:
        made.product["ndc"] = ndc11(written)
        made.key = made.product["ndc"]
    except ValueError as error:
        contents.refuse(made, "package_ndc", error)
    routes = product.get("route") or [""]
    form = form_of(str(product.get("dosage_form", "")), str(routes[0]))
    made.parts = joined(
        IngredientAmount(substance(str(a.get("name", ""))), strength(str(a.get("strength", ""))))
        for a in product.get("active_ingredients") or []
        if a.get("name")
    )
    if not made.parts:
        made.product["generic"] = str(product.get("generic_name", "")).casefold()
    size, unit = package_size(str(package.get("description", "")), form.unit or "piece")
    schedule = str(product.get("dea_schedule") or "")
    extra = product.get("openfda") or {}
    rxcui = extra.get("rxcui") or []
    made.product |= {
        "brand": str(product.get("brand_name") or "").strip(),
        "form": form.form,
        "route": form.route,
        "pack_size": size,
        "unit": unit,
        "price": Decimal(0),
        "schedule_us": schedule if schedule in ROMAN else "",
        "prescription_only": "PRESCRIPTION" in str(product.get("product_type", "")).upper(),
        "rxcui": str(rxcui[0]) if len(rxcui) == 1 else "",
    }
    if made.product["brand"].casefold() == str(product.get("generic_name", "")).casefold():
        made.product["brand"] = str(product.get("labeler_name") or "")
    made.product = {name: value for name, value in made.product.items() if value not in ("", None)}
    for upc in extra.get("upc") or [] if len(product.get("packaging") or []) == 1 else []:
        try:
            made.barcodes.append(gtin(str(upc)))
        except ValueError as error:
            contents.hint(made, "upc", error)
    made.listing = {
        k: v
        for k, v in {
            "maker": product.get("labeler_name"),
            "code": made.key,
            "application": product.get("application_number"),
        }.items()
        if v
    }
    if not made.product.get("generic") and not made.parts:
        contents.refuse(made, "active_ingredients", N_("The product names no ingredient and no generic name."))
    return made


def strength(written: str) -> str:
    """`10 mg/1` is `10 mg`, `250 mg/5mL` is `250 mg/5 mL`."""
    hit = _STRENGTH.match(written)
    if not hit:
        return strength_text(written)
    amount, unit = (
        Decimal(hit[1].replace(",", "")),
        hit[2].strip("[]").replace("_i.U.", "IU").replace("iU", "IU").strip(),
    )
    if not hit[4]:
        return strength_of(amount, unit)
    per = f"{hit[3]} {hit[4]}".strip() if hit[3] not in ("", "1") else hit[4]
    return strength_of(amount, f"{unit}/{per}")


def package_size(description: str, unit: str) -> tuple[Decimal, str]:
    """`50 CAPSULE in 1 BOTTLE`; of nested packs the product: `10 BLISTER PACK in 1 CARTON / 10 TABLET in 1 …`."""
    size, named = Decimal(1), unit
    for level in description.split(" / "):
        if hit := _PACKED.search(level.strip()):
            size *= Decimal(hit[1]) / Decimal(hit[3])
            named = counted(hit[2]) or unit
    return size, named
