"""Three fridges of the demo: one with an excursion of yesterday, one as it should be, one that has fallen silent."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from galen import coldchain, inventory, organizations
from galen.coldchain import CommentDraft, PlaceDraft, PlaceKind, ReadingDraft, SensorDraft
from galen.core.context import Context
from galen.inventory import BatchDraft
from galen.medicines import Product

FRIDGES = [
    ("Vaccine fridge", "Fridge 1", "VF-1021"),
    ("Insulin fridge", "Fridge 2", "IF-1034"),
    ("Spare fridge", "Fridge 3", "SF-0007"),
]
EVERY = 5
YESTERDAY = range(-26 * 60, -24 * 60)
"""When the door of the first one was not shut."""


async def seed(ctx: Context) -> None:
    """Nothing is watched yet."""


async def seed_bulk(ctx: Context) -> None:
    """Two days of readings, an excursion that a pharmacist has taken up, and batches that wait for a decision."""
    before, ctx.site = ctx.site, (await organizations.pharmacies(ctx))[0].info
    await stock_up(ctx)
    for turn, (name, bin_name, serial) in enumerate(FRIDGES):
        place = await coldchain.add_place(ctx, PlaceDraft(name=name, kind=PlaceKind.FRIDGE, bins=[bin_name]))
        await ctx.flush()
        await coldchain.add_sensor(ctx, place.id, SensorDraft(serial=serial))
        await ctx.flush()
        device = (await coldchain.devices(ctx, [serial]))[serial]
        last = -180 if turn == 2 else 1
        given = [(device, reading(ctx, turn, minute), None) for minute in range(-2880, last, EVERY)]
        await coldchain.store_readings(ctx, given)
    await ctx.flush()
    for excursion in (await coldchain.excursions(ctx)).items:
        if excursion.kind is coldchain.ExcursionKind.TEMPERATURE:
            words = CommentDraft(
                comment="The door had not closed. Stock moved to the insulin fridge, door seal cleaned."
            )
            await coldchain.acknowledge(ctx, excursion.id, words)
    ctx.site = before


async def stock_up(ctx: Context) -> None:
    """What lay in the first fridge when its door was open."""
    now, ctx.now = ctx.now, ctx.now - timedelta(days=3)
    chilled = select(Product).where(Product.storage == "fridge", Product.archived_at.is_(None)).order_by(Product.sort)
    for turn, product in enumerate(list(await ctx.db.scalars(chilled.limit(3)))):
        draft = BatchDraft(
            product_id=product.id,
            number=f"VF{turn}C3",
            expires=(now + timedelta(days=300 + 30 * turn)).date(),
            packs=Decimal(6),
            location=FRIDGES[0][1],
        )
        await inventory.receive(ctx, draft)
        await ctx.flush()
    ctx.now = now


def reading(ctx: Context, turn: int, minute: int) -> ReadingDraft:
    """A fridge breathes between 3.6 and 5.4 degrees; the door makes it warm."""
    wave = Decimal(abs(minute * (turn + 3) // EVERY % 19 - 9)) / 5
    warm = Decimal(7) + Decimal(minute - YESTERDAY.start) / 40 if turn == 0 and minute in YESTERDAY else Decimal(0)
    at = ctx.now + timedelta(minutes=minute)
    return ReadingDraft(at=at, c=Decimal("3.6") + wave + warm, seq=minute + 5000, battery=88 - 35 * turn)
