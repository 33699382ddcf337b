"""The assortment that comes with Galen, read from the files in the folder of this name."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from sqlalchemy import select

from galen.core.context import Context

from . import search
from .files import rows, several
from .models import Barcode, Ingredient, Product, ProductIngredient
from .names import search_name, sort_key
from .naming import ingredient_name
from .rules import plain, strengths, tall_man

TAX = {"medicine-exempt": "medicine", "otc-taxable": "goods"}
AUTHORITIES = {"AU": ("AU",), "US": ("FDA", "ISMP")}


@cache
def letters(country: str) -> dict[str, str]:
    """Small letters to tall-man form, by the authorities of a country; the first authority wins."""
    found: dict[str, str] = {}
    names = list(rows("tallman"))
    for authority in AUTHORITIES.get(country, ()):
        for row in names:
            if row["authority"] == authority:
                found.setdefault(row["name"].casefold(), row["name"])
    return found


def raised(name: str, country: str) -> str:
    """A name with the letters raised that tell it from its look-alikes."""
    return tall_man(name, letters(country))


async def load_catalogue(ctx: Context) -> int:
    """Add what is missing of the assortment for the organisation's country; what is there already stays as it is."""
    there = set(await ctx.db.scalars(select(Product.source).where(Product.source.is_not(None))))
    taken = set(await ctx.db.scalars(select(Barcode.code)))
    wanted = [
        row
        for row in rows("products")
        if ctx.organization.country in several(row["markets"])
        and f"galen:{row['gtin']}" not in there
        and row["gtin"].zfill(14) not in taken
    ]
    used = {part.ingredient for row in wanted for part in strengths(row["ingredients"])}
    substances = await load_ingredients(ctx, used) if wanted else {}
    made = [product_of(ctx, row, substances) for row in wanted]
    ctx.db.add_all(product for product, _ in made)
    await ctx.flush()
    if made:
        await search.index(ctx, made)
    return len(made)


@cache
def _described() -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in rows("ingredients")}


def substance(name: str) -> Ingredient:
    """A new substance by any of its names, with what the catalogue tells of it; one not told of has its name alone."""
    row = _described().get(ingredient_name(name) or "", {"name": name})
    return Ingredient(
        name=row["name"],
        key=search_name(row["name"]),
        synonyms=several(row.get("synonyms", "")),
        brands=several(row.get("brands", "")),
        atc=several(row.get("atc", "")),
        rxcui=row.get("rxcui", ""),
    )


async def load_ingredients(ctx: Context, names: Iterable[str]) -> dict[str, Ingredient]:
    """These substances; those that nobody has used yet are added as the file tells of them."""
    known = {ingredient.name: ingredient for ingredient in await ctx.db.scalars(select(Ingredient))}
    return known | {name: ctx.add(substance(name)) for name in sorted({*names} - known.keys())}


def product_of(
    ctx: Context, row: dict[str, str], substances: dict[str, Ingredient]
) -> tuple[Product, list[Ingredient]]:
    """A row of the file as a product; levels are written in packs there and kept in units here."""
    parts = strengths(row["ingredients"])
    used = [substances[part.ingredient] for part in parts]
    generic = " + ".join(part.ingredient for part in parts)
    amounts = [f"{plain(part.amount)} {part.unit}" for part in parts]
    size = Decimal(row["pack_size"])
    product = Product(
        source=f"galen:{row['gtin']}",
        generic=generic,
        tall=raised(generic, ctx.organization.country),
        brand=row["brand"],
        strength=" + ".join(amounts),
        form=row["form"],
        route=row["route"],
        atc=several(row["atc"])[0] if row["atc"] else "",
        rxcui=used[0].rxcui if len(used) == 1 else "",
        schedule_au=row["au_schedule"],
        schedule_us=row["us_schedule"],
        prescription_only=(
            row["au_schedule"] in ("S4", "S8")
            if ctx.organization.country == "AU"
            else row["us_supply"] == "prescription"
        ),
        price=Decimal(row["price"]),
        currency=ctx.organization.currency,
        tax_class=TAX[row["tax_class"]],
        pack_size=size,
        unit=row["pack_unit"],
        storage=row["storage"],
        reorder_level=Decimal(row["reorder_level"]) * size,
        ingredients=[
            ProductIngredient(ingredient_id=ingredient.id, name=ingredient.name, strength=amount, place=place)
            for place, (ingredient, amount) in enumerate(zip(used, amounts, strict=True))
        ],
        barcodes=[Barcode(code=row["gtin"].zfill(14))],
    )
    product.sort = sort_key(product.label)
    return product, used
