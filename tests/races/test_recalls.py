"""Sixteen dispensers hand out a medicine while it is recalled: nothing of it goes out after the recall stands."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from galen import inventory, medicines, organizations, recalls
from galen.core.database import RefusedByDatabase
from galen.core.finish import finish
from galen.inventory import Batch, BatchDraft, BatchStatus, Movement, MovementKind, StockLevel
from galen.inventory.service.moves import move
from galen.recalls import RecallDraft

pytestmark = pytest.mark.race
D = Decimal
DISPENSERS, TURNS = 16, 12


async def shelved(services: Any) -> tuple[Any, Any, Any, Any]:
    """A thousand capsules of one batch, and a recall of it that waits to be blocked."""
    async with services.as_system("north", "test") as ctx:
        ctx.site = (await organizations.pharmacies(ctx))[0].info
        part = medicines.PartDraft(name="zinc sulfate", strength="219 mg")
        product = await medicines.add_medicine(
            ctx, medicines.MedicineDraft(ingredients=[part], form="capsule", pack_size=D(30), price=D(9))
        )
        said = {"product_id": product.id, "number": "Z1", "expires": "2029-01", "units": 1000}
        batch = await inventory.receive(ctx, BatchDraft.model_validate(said))
        await ctx.flush()
        asked = {"source": "The maker", "products": [{"product_id": product.id}], "lots": ["Z1"]}
        recall = await recalls.open_recall(ctx, RecallDraft.model_validate(asked))
        await finish(ctx)
        return product.id, batch.id, recall.id, ctx.site


async def block(ctx: Any, recall_id: Any, batch_id: Any) -> None:
    await recalls.block(ctx, recall_id)


async def carelessly(ctx: Any, recall_id: Any, batch_id: Any) -> None:
    """The broken variant: the batch is marked, and nobody waits for whoever is taking some of it at this moment."""
    await ctx.raw.execute("UPDATE batch SET status = 'recalled' WHERE id = $1", batch_id)


async def given_after(services: Any, verb: Any, way: Any) -> tuple[int, int]:
    """How many units were handed out in all, and how many of them by transactions that ended after the recall's."""
    product_id, batch_id, recall_id, site = await shelved(services)
    begun, stands, handed = asyncio.Event(), asyncio.Event(), list[bool]()

    async def dispenser() -> None:
        for turn in range(TURNS):
            try:
                async with services.as_system("north", "test") as ctx:
                    ctx.site = site
                    await way(ctx, product_id, batch_id)
                    if turn == TURNS // 3:
                        begun.set()
                        await asyncio.sleep(0.05)  # what was taken stands open while the recall comes
                    late = stands.is_set()
                    await finish(ctx)
                handed.append(late)
            except (inventory.OutOfStock, *RefusedByDatabase):
                return

    async def recalling() -> None:
        await begun.wait()
        async with services.as_system("north", "test") as ctx:
            ctx.site = site
            await verb(ctx, recall_id, batch_id)
            await finish(ctx)
        stands.set()

    await asyncio.gather(recalling(), *(dispenser() for _ in range(DISPENSERS)))
    async with services.as_system("north", "test") as ctx:
        assert (await ctx.get(Batch, batch_id)).status is BatchStatus.RECALLED
        taken = Movement.batch_id == batch_id, Movement.kind == MovementKind.ISSUE
        assert len(list(await ctx.db.scalars(select(Movement.id).where(*taken)))) == len(handed)
        assert await inventory.drift(ctx) == []
    return len(handed), sum(handed)


async def by_allocation(ctx: Any, product_id: Any, batch_id: Any) -> None:
    """As a dispensing or a sale takes it."""
    await inventory.issue(ctx, product_id, D(1), reference=("sale", product_id))


async def past_allocation(ctx: Any, product_id: Any, batch_id: Any) -> None:
    """As somebody would who had never heard of the allocator: straight from the place, under its own lock."""
    level = await ctx.db.scalar(select(StockLevel).where(StockLevel.batch_id == batch_id).with_for_update())
    move(ctx, level, MovementKind.ISSUE, D(-1), "", ("sale", product_id))
    await ctx.flush()


@pytest.mark.parametrize("way", [by_allocation, past_allocation])
async def test_nothing_goes_out_after_the_recall_stands(committed, way):
    handed, late = await given_after(committed, block, way)
    assert 0 < handed < DISPENSERS * TURNS
    assert late == 0


async def test_marking_the_batch_alone_lets_some_of_it_out_afterwards(committed):
    assert (await given_after(committed, carelessly, by_allocation))[1] > 0
