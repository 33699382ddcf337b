"""A judged file goes into the catalogue: new medicines in bulk, with the audit rows of single ones, changes singly."""

import asyncio
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select

from galen.core.context import Context

from .. import search
from ..catalogue import raised, substance
from ..events import MedicineChanged
from ..models import Barcode, Ingredient, Product, ProductIngredient
from ..names import search_name, sort_key
from .comparing import LineVerdict, Preview, told_of
from .events import PriceListApplied
from .lines import together
from .models import Listing

BATCH = 5_000  # products whose search keys are written at once


async def apply(ctx: Context, preview: Preview, *, currency: str = "") -> None:
    """Bring the catalogue into step with a judged file, in the caller's one transaction. Own values stay."""
    money = currency or ctx.organization.currency
    substances = await Substances.of(ctx, preview.verdicts)
    await create(ctx, preview, [v for v in preview.verdicts if v.outcome == "created"], substances, money)
    changed = [v for v in preview.verdicts if v.product is not None and v.outcome in ("updated", "kept", "unchanged")]
    await change(ctx, preview, changed, substances, money)
    if preview.source.startswith("supplier: "):
        ctx.emit(PriceListApplied(preview.source))


class Substances:
    """The ingredients that a file names: known ones as they are, new ones made."""

    def __init__(self, known: dict[str, Ingredient]) -> None:
        self.known, self.fresh = known, dict[str, Ingredient]()

    @classmethod
    async def of(cls, ctx: Context, verdicts: Iterable[LineVerdict]) -> "Substances":
        names = {part.name for v in verdicts if v.outcome in ("created", "updated", "kept") for part in v.line.parts}
        described = {name: substance(name) for name in names}
        spoken = names | {ingredient.name for ingredient in described.values()}
        made = cls(await search.ingredients_by_name(ctx, spoken))
        for name, ingredient in sorted(described.items()):
            if (key := search_name(name)) not in made.known:
                if ingredient.key not in made.known:
                    made.known[ingredient.key] = made.fresh[ingredient.key] = ingredient
                made.known[key] = made.known[ingredient.key]
        await ctx.insert_many(Ingredient, list(made.fresh.values()))
        return made

    def of_line(self, verdict: LineVerdict) -> list[Ingredient]:
        return [self.known[search_name(part.name)] for part in verdict.line.parts]


async def create(ctx: Context, preview: Preview, new: list[LineVerdict], substances: Substances, money: str) -> None:
    """New medicines with their parts, codes, names and listings."""
    wanted = [code for v in new for code in v.line.barcodes]
    taken = set(await ctx.db.scalars(select(Barcode.code).where(Barcode.code.in_(wanted)))) if wanted else set()
    blank = defaults()
    products: list[tuple[Product, list[Ingredient]]] = []
    listings: list[Listing] = []
    parts: list[ProductIngredient] = []
    codes: list[Barcode] = []
    for place, verdict in enumerate(new):
        if place % 200 == 0:
            await asyncio.sleep(0)  # requests and other jobs go on meanwhile
        line, used = verdict.line, substances.of_line(verdict)
        product = Product(**blank | line.product, source=f"{preview.source}: {line.key}", currency=money)
        compose(product, [p.strength for p in line.parts], used, ctx.organization.country)
        product.archived_at = ctx.now if line.discontinued else None
        parts += [
            ProductIngredient(
                product_id=product.id,
                ingredient_id=ingredient.id,
                name=ingredient.name,
                strength=part.strength,
                place=place,
            )
            for place, (ingredient, part) in enumerate(zip(used, line.parts, strict=True))
        ]
        for code in line.barcodes:
            if code not in taken:
                taken.add(code)
                codes.append(Barcode(product_id=product.id, code=code))
        products.append((product, used))
        listings.append(listing_of(ctx, preview.source, verdict, product.id, money))
    await ctx.insert_many(Product, [product for product, _ in products])
    await ctx.insert_many(ProductIngredient, parts)
    await ctx.insert_many(Barcode, codes)
    await ctx.insert_many(Listing, listings)
    for start in range(0, len(products), BATCH):
        await search.index(ctx, products[start : start + BATCH])


def defaults() -> dict[str, Any]:
    """Every column that a file need not name."""
    scalar = [c for c in inspect(Product).columns if c.default is not None and c.default.is_scalar]
    found = {c.key: getattr(c.default, "arg", None) for c in scalar}
    return found | {
        "pack_size": Decimal(1),
        "unit": "piece",
        "reorder_level": Decimal(0),
        "price": Decimal(0),
        "generic": "",
    }


def compose(product: Product, strengths: Sequence[str], used: Sequence[Ingredient], country: str) -> None:
    """What follows from the ingredients: the generic name, the strength, look-alike letters and the place in lists."""
    if used:
        product.generic = " + ".join(ingredient.name for ingredient in used)
        product.strength = together(strengths)
    product.tall = raised(product.generic, country)
    product.sort = sort_key(product.label)


def listing_of(ctx: Context, source: str, verdict: LineVerdict, product_id: UUID, money: str) -> Listing:
    line = verdict.line
    return Listing(
        source=source,
        key=line.key,
        product_id=product_id,
        code=str(line.listing.get("code", "")),
        cost=line.listing.get("cost"),
        retail=line.listing.get("retail"),
        currency=money,
        told=told_of(line),
        seen_at=ctx.now,
    )


async def change(ctx: Context, preview: Preview, known: list[LineVerdict], substances: Substances, money: str) -> None:
    """Values that the source changed and the organisation did not make its own."""
    renamed: list[tuple[Product, list[Ingredient]]] = []
    listings: list[Listing] = []
    for verdict in known:
        product = verdict.product
        assert product is not None
        news = {c.field: c.new for c in verdict.changes if not c.kept}
        if verdict.listing is None:
            listings.append(listing_of(ctx, preview.source, verdict, product.id, money))
        elif verdict.listing.told != (told := told_of(verdict.line)):
            verdict.listing.told, verdict.listing.seen_at = told, ctx.now
            verdict.listing.cost = verdict.line.listing.get("cost", verdict.listing.cost)
            verdict.listing.retail = verdict.line.listing.get("retail", verdict.listing.retail)
        if put(product, news, verdict, substances, ctx.organization.country):
            renamed.append((product, await parts_in_order(ctx, product, substances)))
        if news.keys() - verdict.line.listing.keys():
            ctx.emit(MedicineChanged(product.id))
    await ctx.flush()
    await ctx.insert_many(Listing, listings)
    if renamed:
        await search.index(ctx, renamed)


def put(product: Product, news: dict[str, Any], verdict: LineVerdict, substances: Substances, country: str) -> bool:
    """Write the new values into the record; whether the names it is found by have changed."""
    for name, value in news.items():
        if name not in verdict.line.listing and name not in ("parts", "barcodes"):
            setattr(product, name, value)
    there = {barcode.code for barcode in product.barcodes}
    product.barcodes += [Barcode(code=code) for code in news.get("barcodes", ()) if code not in there]
    if "parts" in news:
        used = substances.of_line(verdict)
        kept = {part.ingredient_id: part for part in product.ingredients}
        product.ingredients = [
            kept.get(ingredient.id)
            or ProductIngredient(ingredient_id=ingredient.id, name=ingredient.name, strength="", place=0)
            for ingredient in used
        ]
        for place, (mine, said) in enumerate(zip(product.ingredients, verdict.line.parts, strict=True)):
            mine.place, mine.strength = place, said.strength
        compose(product, [p.strength for p in verdict.line.parts], used, country)
        return True
    if news.keys() & {"brand", "form", "generic"}:
        compose(product, [], [], country)
        return True
    return False


async def parts_in_order(ctx: Context, product: Product, substances: Substances) -> list[Ingredient]:
    ids = [part.ingredient_id for part in product.ingredients]
    known = {ingredient.id: ingredient for ingredient in substances.known.values()}
    if missing := [id for id in ids if id not in known]:
        rest = await ctx.db.scalars(select(Ingredient).where(Ingredient.id.in_(missing)))
        known |= {ingredient.id: ingredient for ingredient in rest}
    return [known[id] for id in ids]
