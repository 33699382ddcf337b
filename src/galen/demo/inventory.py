"""Stock of the demo's pharmacies: a little of everything, some of it old, some of it scarce."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from galen import medicines, organizations
from galen.core.context import Context
from galen.inventory import Batch, MovementKind, StockLevel
from galen.inventory.service.moves import move
from galen.medicines import Product


async def seed(ctx: Context) -> None:
    """The few medicines that tests and the tour begin with: two batches of amoxicillin, and some paracetamol."""
    at = await counter_of(ctx)
    for words, packs in (("amoxicillin 500 mg capsule", (15, 25)), ("paracetamol 500 mg tablet", (20,))):
        found = await medicines.find_medicines(ctx, words, limit=1)
        for place, count in enumerate(packs):
            if found:
                shelve(ctx, found[0], at, place, Decimal(count), days=120 + 200 * place)


async def seed_bulk(ctx: Context) -> None:
    """Every medicine of the catalogue at home, a few at the other organisation."""
    at = await counter_of(ctx)
    await ctx.flush()
    kept = set(await ctx.db.scalars(select(StockLevel.product_id).where(StockLevel.site_id == at)))
    every = [p for p in await ctx.db.scalars(select(Product).order_by(Product.sort, Product.id)) if p.id not in kept]
    for turn, product in enumerate(every if ctx.organization.slug == "north" else every[:25]):
        enough = (product.reorder_level / product.pack_size).quantize(Decimal(1)) + 3 + turn % 5
        if turn % 41 == 7:
            shelve(ctx, product, at, 0, Decimal(1) if product.reorder_level >= product.pack_size else enough, days=260)
        else:
            shelve(ctx, product, at, 0, enough, days=19 if turn % 53 == 11 else 150 + turn * 7 % 500)
            if turn % 6 == 0:
                shelve(ctx, product, at, 1, enough + 2, days=700 + turn % 90)


async def counter_of(ctx: Context) -> object:
    return (await organizations.pharmacies(ctx))[0].id


def shelve(ctx: Context, product: Product, site_id: object, place: int, packs: Decimal, *, days: int) -> None:
    """One batch as a delivery would leave it: shelf, ledger and cost, without asking the database for each."""
    batch = Batch(
        product_id=product.id,
        number=f"{product.sort[:2].upper()}{ctx.now:%y}{str(product.id.int)[-4:]}{'AB'[place]}",
        expires=ctx.today + timedelta(days=days),
        unit_cost=(product.price / product.pack_size * Decimal("0.6")).quantize(Decimal("0.0001")),
        received_at=ctx.now,
    )
    level = StockLevel(
        site_id=site_id, batch_id=batch.id, batch=batch, product_id=product.id, quantity=Decimal(0),
        location="Fridge 1" if product.storage == "fridge" else f"Shelf {product.sort[:1].upper()}",
    )  # fmt: skip
    ctx.db.add(level)
    move(ctx, level, MovementKind.RECEIVE, packs * product.pack_size, "Opening stock")
