"""The verbs of medicines."""

import re
from collections.abc import Iterable
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, NotFound
from galen.core.gate import requires
from galen.core.schemas import Found, Slice
from galen.i18n import gettext as _
from galen.sorting import Orders, count_of

from . import search
from .catalogue import load_catalogue, raised, substance
from .events import MedicineChanged
from .gs1 import Misread, Scan, read_scan, wrong_digit
from .models import Barcode, Ingredient, Product, ProductIngredient
from .names import search_name, sort_key
from .schemas import MedicineChange, MedicineDraft, PartDraft

WHOLE = (Product.ingredients, Product.barcodes)


class CodeTaken(Conflict):
    message, constraint = "This barcode belongs to another medicine.", "barcode_code_key"


class UnknownCode(NotFound):
    message = "No medicine here has this code. Add the code to its medicine, or scan again."


ORDERS = Orders("name", name=Product.sort, price=Product.price)


@requires("medicine.read")
async def find_medicines(ctx: Context, q: str = "", limit: int = 20) -> list[Product]:
    """By code or barcode, by any of its names, misspelt or not, with strength and form; the likest first."""
    return await search.found(ctx, q.strip(), max(1, min(limit, 100)))


@requires("medicine.read")
async def medicines(
    ctx: Context, q: str = "", after: str | None = None, archived: bool = False, sort: str = ""
) -> Slice[Product]:
    """The catalogue from A to Z (or by `price`, or from Z with `-name`), or what was asked for. Archived medicines
    stand apart."""
    if q.strip() and not archived:
        found = await search.found(ctx, q.strip(), 100)
        return Slice(items=found, count=len(found))
    query = select(Product).where(Product.archived_at.is_not(None) if archived else Product.archived_at.is_(None))
    page = await ctx.slice(query, after, **ORDERS.of(sort))
    page.count = await count_of(ctx.db, query)
    return page


@requires("medicine.read")
async def lookup(ctx: Context, q: str = "") -> list[Found]:
    """Medicines for the search box."""
    return [
        Found(
            title=product.tall_name,
            detail=" · ".join(filter(None, (product.brand, product.pack))),
            href=f"/medicines/{product.id}",
        )
        for product in await search.found(ctx, q.strip(), 8)
    ]


@requires("medicine.read")
async def open_medicine(ctx: Context, product_id: UUID) -> Product:
    """One medicine with its ingredients and codes."""
    return await ctx.get(Product, product_id, include=WHOLE)


@requires("medicine.read")
async def scanned(ctx: Context, code: str) -> Product:
    """The medicine whose pack was scanned."""
    scan_of(ctx, code)
    if (product := await of_code(ctx, code)) is None:
        raise UnknownCode
    return product


@requires("medicine.write")
async def add_medicine(ctx: Context, draft: MedicineDraft) -> Product:
    """Add a medicine to the catalogue."""
    product = Product(currency=ctx.organization.currency)
    await write_down(ctx, product, draft)
    return product


@requires("medicine.write")
async def load_assortment(ctx: Context) -> Slice[Product]:
    """Add what is missing of the assortment that comes with Galen for this country; the catalogue after it."""
    await load_catalogue(ctx)
    return await medicines(ctx)


@requires("medicine.write")
async def edit_medicine(ctx: Context, product_id: UUID, draft: MedicineDraft) -> Product:
    """Write a medicine down anew. Past sales and prescriptions keep what they were made with."""
    product = await ctx.get(Product, product_id, lock=True, include=WHOLE)
    await write_down(ctx, product, draft)
    return product


@requires("medicine.write")
async def change_medicine(ctx: Context, product_id: UUID, draft: MedicineChange) -> Product:
    """Change only what is said, such as the price."""
    product = await ctx.get(Product, product_id, lock=True, include=WHOLE)
    await write_down(ctx, product, merged(product, draft))
    return product


@requires("medicine.write")
async def archive(ctx: Context, product_id: UUID) -> Product:
    """Take a medicine out of lists and search. Its history stays, and it can be restored."""
    product = await ctx.get(Product, product_id, lock=True, include=WHOLE)
    product.archived_at = product.archived_at or ctx.now
    await be_found(ctx, product, await composition(ctx, product))
    return product


@requires("medicine.write")
async def restore(ctx: Context, product_id: UUID) -> Product:
    """Put an archived medicine back into lists and search."""
    product = await ctx.get(Product, product_id, lock=True, include=WHOLE)
    product.archived_at = None
    await be_found(ctx, product, await composition(ctx, product))
    return product


async def products(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, Product]:
    """These products by id, in one query; archived ones too. Ingredients' names are in `holds`."""
    return await ctx.get_many(Product, ids)


def scan_of(ctx: Context, code: str) -> Scan | None:
    """What a pack says of itself; none when it is no code of a pack, and refused when it cannot be right."""
    try:
        scan = read_scan(code, ctx.today)
    except Misread as wrong:
        raise Invalid("code", str(wrong)) from None
    bare = re.sub(r"[\s-]", "", code)
    if scan is None and re.fullmatch(r"\d{13,14}", bare):
        raise Invalid("code", wrong_digit(bare))
    return scan


async def of_code(ctx: Context, code: str) -> Product | None:
    """The product that a scanned code stands for."""
    return next(iter(await search.by_code(ctx, code)), None)


def merged(product: Product, change: MedicineChange) -> MedicineDraft:
    """The whole medicine as it would be after the change, judged by the same rules as a new one."""
    now = {
        name: getattr(product, name) for name in MedicineDraft.model_fields if name not in ("ingredients", "barcodes")
    }
    now["generic"] = "" if product.ingredients else product.generic
    now["ingredients"] = [{"name": part.name, "strength": part.strength} for part in product.ingredients]
    now["barcodes"] = product.codes
    try:
        return MedicineDraft.model_validate(now | change.model_dump(exclude_unset=True))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Invalid(".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")) from None


async def write_down(ctx: Context, product: Product, draft: MedicineDraft) -> None:
    """Put what was said into the record, its parts and codes, and the names it is found by."""
    for name, value in draft.model_dump(exclude={"ingredients", "barcodes", "generic"}).items():
        setattr(product, name, value)
    known = await ingredients_named(ctx, draft.ingredients)
    ctx.add(product)
    there = {part.ingredient_id: part for part in product.ingredients}
    product.ingredients = [
        there.get(ingredient.id)
        or ProductIngredient(ingredient_id=ingredient.id, name=ingredient.name, strength="", place=0)
        for ingredient in known
    ]
    for place, (part, said) in enumerate(zip(product.ingredients, draft.ingredients, strict=True)):
        part.place, part.strength = place, said.strength
    product.generic = " + ".join(ingredient.name for ingredient in known) or draft.generic
    product.strength = " + ".join(part.strength for part in draft.ingredients)
    product.tall = raised(product.generic, ctx.organization.country)
    product.sort = sort_key(product.label)
    kept = {barcode.code: barcode for barcode in product.barcodes}
    product.barcodes = [kept.get(code) or Barcode(code=code) for code in dict.fromkeys(draft.barcodes)]
    await be_found(ctx, product, known)


async def be_found(ctx: Context, product: Product, known: list[Ingredient]) -> None:
    """Bring the names that search looks at into step with the record, and tell the screens."""
    ctx.emit(MedicineChanged(product.id))
    await ctx.flush()
    await search.index(ctx, [(product, known)])


async def composition(ctx: Context, product: Product) -> list[Ingredient]:
    """The substances of an opened product, in its order."""
    ids = [part.ingredient_id for part in product.ingredients]
    rows = await ctx.db.scalars(select(Ingredient).where(Ingredient.id.in_(ids)))
    known = {ingredient.id: ingredient for ingredient in rows}
    return [known[id] for id in ids]


async def ingredients_named(ctx: Context, parts: list[PartDraft]) -> list[Ingredient]:
    """The substances of these names or synonyms; one that nobody has named yet is added."""
    known = await search.ingredients_by_name(ctx, [part.name for part in parts])
    named: list[Ingredient] = []
    for part in parts:
        key = search_name(part.name)
        if key not in known:
            new = substance(part.name)
            known[key] = known.get(new.key) or ctx.add(new)
            known[new.key] = known[key]
        named.append(known[key])
    if len({ingredient.id for ingredient in named}) < len(named):
        problem = _("The same ingredient stands here twice. Write it once, with its whole strength.")
        raise Invalid("ingredients", problem)
    return named
