"""RxNorm into the catalogue: identifiers and names of ingredients, identifiers of the products it describes."""

import asyncio
from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Invalid

from ..models import Ingredient, Product
from ..names import search_name
from .comparing import OUTCOMES
from .lines import RowRemark
from .reading import BY_HAND, UnreadableFile, lines_in
from .rxnorm import RxNormDrug, RxNormSubstance, RxNormTerms, terms


async def import_rxnorm(
    ctx: Context, file: str, content: bytes, *, dry: bool = False, accept: bool = False
) -> dict[str, Any]:
    """Fill in what is empty, show what differs, add the ingredients that are missing; an own value stays."""
    try:
        async with lines_in(file, content, "rows", BY_HAND, separator="|") as lines:
            release = await asyncio.to_thread(terms, file, lines)
    except UnreadableFile as error:
        raise Invalid("file", str(error)) from error
    counts = dict.fromkeys(("read", *OUTCOMES), 0)
    kept: list[dict[str, Any]] = []
    await ingredients(ctx, release.substances, counts, kept, dry, accept)
    await products(ctx, release, counts, kept, dry, accept)
    counts["refused"] = len(release.contents.remarks)
    counts["read"] = sum(counts[name] for name in OUTCOMES)
    errors = [as_error(remark) for remark in release.contents.remarks]
    return counts | {"rows": release.contents.rows, "errors": errors, "kept_values": kept}


def as_error(remark: RowRemark) -> dict[str, Any]:
    return {"file": remark.file, "sheet": "", "row": remark.row, "column": remark.column, "says": remark.says}


async def ingredients(
    ctx: Context,
    substances: list[RxNormSubstance],
    counts: dict[str, int],
    kept: list[dict[str, Any]],
    dry: bool,
    accept: bool,
) -> None:
    known: dict[str, Ingredient] = {}
    for ingredient in await ctx.db.scalars(select(Ingredient)):
        known |= {search_name(name): ingredient for name in ingredient.synonyms} | {ingredient.key: ingredient}
    fresh: dict[str, Ingredient] = {}
    for substance in substances:
        key = search_name(substance.name)
        if not key or key in fresh:
            continue
        if (mine := known.get(key)) is None:
            fresh[key] = Ingredient(
                name=substance.name, key=key, synonyms=sorted(set(substance.synonyms)), brands=substance.brands, atc=[],
                rxcui=substance.rxcui,
            )  # fmt: skip
            counts["created"] += 1
            continue
        here = {search_name(name) for name in (mine.name, *mine.synonyms)}
        more = [name for name in dict.fromkeys(substance.synonyms) if search_name(name) not in here]
        counts[outcome(mine, substance.rxcui, bool(more), kept, mine.name, dry, accept)] += 1
        if more and not dry:
            mine.synonyms = [*mine.synonyms, *more]
    if not dry:
        await ctx.insert_many(Ingredient, list(fresh.values()))


def outcome(
    record: Ingredient | Product, rxcui: str, more: bool, kept: list[dict[str, Any]], name: str, dry: bool, accept: bool
) -> str:
    """What becomes of one record: an empty identifier is filled in, another one stays unless it is given up."""
    if record.rxcui == rxcui:
        return "updated" if more else "unchanged"
    if record.rxcui and not accept:
        kept.append({"name": name, "field": "rxcui", "old": record.rxcui, "new": rxcui})
        return "updated" if more else "kept"
    if not dry:
        record.rxcui = rxcui
    return "updated"


async def products(
    ctx: Context, release: RxNormTerms, counts: dict[str, int], kept: list[dict[str, Any]], dry: bool, accept: bool
) -> None:
    """Products whose ingredients, strengths and form are those of a clinical drug; its own brand before the generic."""
    drugs: dict[tuple[Any, ...], dict[str, RxNormDrug]] = defaultdict(dict)
    for drug in release.drugs:
        drugs[frozenset((p.name, p.strength) for p in drug.parts), drug.form].setdefault(drug.brand.casefold(), drug)
    query = select(Product).where(Product.archived_at.is_(None)).options(selectinload(Product.ingredients))
    for product in await ctx.db.scalars(query):
        meant = drugs.get((frozenset((p.name, p.strength) for p in product.ingredients), product.form))
        if meant and (best := meant.get(product.brand.casefold()) or meant.get("")):
            counts[outcome(product, best.rxcui, False, kept, product.label, dry, accept)] += 1
