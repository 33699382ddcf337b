"""Many hands post one stocktake while others hand out from its places: it posts once, and what left stays gone."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from galen import inventory, medicines, organizations
from galen.core.context import Context
from galen.core.errors import Refusal
from galen.core.finish import finish
from galen.inventory import BatchDraft, Movement, MovementKind, StockLevel
from galen.inventory.schemas import LineCountDraft, PostingDraft, StocktakeDraft
from galen.inventory.service import complete_stocktake, count_line, open_stocktake, post_stocktake, stocktake_lines
from galen.inventory.service.posting import POST
from galen.inventory.stocktakes import Stocktake, StocktakeStatus
from galen.values.ids import uuid7
from tests.races.crowd import Crowd

pytestmark = pytest.mark.race
CROWD = Crowd()
D = Decimal
HANDS = 16


async def counted(services):
    """Ninety tablets in the ledger, eighty-eight on the shelf."""
    async with services.as_system("north", "test") as ctx:
        ctx.site = (await organizations.pharmacies(ctx))[0].info
        part = medicines.PartDraft(name="zinc sulfate", strength="217 mg")
        product = await medicines.add_medicine(
            ctx, medicines.MedicineDraft(ingredients=[part], form="capsule", pack_size=D(30), price=D(9))
        )
        said = {"product_id": product.id, "number": "Z7", "expires": "2029-01", "packs": 3, "location": "Bay R"}
        await inventory.receive(ctx, BatchDraft.model_validate(said))
        await ctx.flush()
        take = await open_stocktake(ctx, StocktakeDraft.model_validate({"scope": "one place", "place": "Bay R"}))
        await ctx.flush()
        (line,) = (await stocktake_lines(ctx, take.id)).items
        await count_line(ctx, take.id, line.id, LineCountDraft(units=D(88)))
        await complete_stocktake(ctx, take.id)
        await finish(ctx)
        return take.id, product.id, ctx.site


async def carelessly(ctx: Context, stocktake_id, _draft) -> None:
    """The broken variant: it looks at the state, and nobody is kept from looking at the same time."""
    status = await ctx.db.scalar(select(Stocktake.status).where(Stocktake.id == stocktake_id))
    if status is not StocktakeStatus.COUNTED:
        raise Refusal
    await CROWD.looked()
    await ctx.raw.fetch(POST, stocktake_id, "Twice", ctx.actor.id, ctx.actor.name, ctx.now)
    await finish(ctx)


async def posted_by_many(services, verb) -> int:
    take_id, product_id, here = await counted(services)

    async def hand() -> bool:
        try:
            async with services.as_system("north", "test") as ctx:
                ctx.site = here
                await verb(ctx, take_id, PostingDraft())
                return True
        except Exception:  # a refusal, or the database's own
            return False

    async def dispenser() -> None:
        async with services.as_system("north", "test") as ctx:
            ctx.site = here
            await inventory.issue(ctx, product_id, D(3), reference=("dispensing", uuid7()))
            await finish(ctx)

    told = await asyncio.gather(*(hand() for _ in range(HANDS)), *(dispenser() for _ in range(8)))
    async with services.as_system("north", "test") as ctx:
        of_take = Movement.reference_id == take_id, Movement.kind == MovementKind.COUNT
        written = await ctx.db.scalar(select(func.count()).select_from(Movement).where(*of_take))
        if verb is post_stocktake:
            assert told.count(True) == 1
            left = await ctx.db.scalar(select(StockLevel.quantity).where(StockLevel.product_id == product_id))
            assert left == D(90 - 24 - 2)
            assert await inventory.drift(ctx) == []
        return written


async def test_of_many_hands_one_posts_it(committed):
    assert await posted_by_many(committed, post_stocktake) == 1


async def test_looking_before_posting_posts_it_twice(committed):
    assert await posted_by_many(committed, carelessly) > 1
