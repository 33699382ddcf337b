"""Sixteen dispensers hand out a medicine while it is recalled: nothing of it goes out after the recall stands."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from galen import dispensing, inventory, medicines, organizations, recalls
from galen.core.database import RefusedByDatabase, rule_of
from galen.core.finish import finish
from galen.dispensing import (
    AnswerDraft,
    CollectedBy,
    CollectionDraft,
    Counselling,
    DispensingDraft,
    SupplyDraft,
    VerificationDraft,
)
from galen.dispensing.schemas import PharmacistReason
from galen.inventory import Batch, BatchDraft, BatchStatus, Movement, MovementKind, StockLevel
from galen.inventory.service.moves import move
from galen.recalls import RecallDraft
from tests.dispensing.test_races import become, prescribed

TO_PATIENT = CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)

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


async def bagged(services: Any) -> tuple[Any, Any, Any]:
    """A dispensing that waits to be handed over, and a recall of its batch that waits to be blocked."""
    rx_id, product_id = await prescribed(services)
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        supply = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx_id))
        await ctx.flush()
        needed = (await dispensing.desk(ctx, supply.id)).needed
        answers = [AnswerDraft(key=question.key, reason=PharmacistReason.ACCEPTED) for question in needed]
        await dispensing.verify(ctx, supply.id, VerificationDraft(answers=answers))
        supply = await dispensing.dispense(ctx, supply.id, SupplyDraft())
        await ctx.flush()
        (item,) = supply.given
        asked = {"source": "The maker", "products": [{"product_id": product_id}], "lots": [item.batch]}
        recall = await recalls.open_recall(ctx, RecallDraft.model_validate(asked))
        await finish(ctx)
        return supply.id, recall.id, item.batch_id


WAITING = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


async def waits_or_ends(ctx: Any, coming: asyncio.Future[Any]) -> None:
    """Until the other transaction waits for this one, or did not have to."""
    while not coming.done() and not await ctx.raw.fetchval(WAITING):  # noqa: ASYNC110 the database has no event for it
        await asyncio.sleep(0.01)


async def known_at_once(services: Any, verb: Any) -> int:
    """A hand-over is under way while a recall comes: how many patients the recall knows of as soon as it stands."""
    supply_id, recall_id, batch_id = await bagged(services)

    async def recalling() -> None:
        async with services.as_system("north", "test") as ctx:
            await become(ctx, "kim")
            await verb(ctx, recall_id, batch_id)
            await finish(ctx)

    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        await dispensing.hand_over(ctx, supply_id, TO_PATIENT)
        await finish(ctx)
        coming = asyncio.ensure_future(recalling())
        if verb is block:
            await waits_or_ends(ctx, coming)
        else:
            await coming
            async with services.as_system("north", "test") as other:
                return (await recalls.figures(other, recall_id)).patients
    await coming
    async with services.as_system("north", "test") as ctx:
        return (await recalls.figures(ctx, recall_id)).patients


async def test_a_recall_waits_for_a_hand_over_and_lists_whom_it_went_to(committed):
    assert await known_at_once(committed, block) == 1


async def test_without_waiting_it_misses_whoever_is_being_given_some(committed):
    assert await known_at_once(committed, carelessly) == 0


async def test_a_hand_over_waits_for_a_recall_and_is_refused(committed):
    supply_id, recall_id, _ = await bagged(committed)

    async def handing() -> str:
        try:
            async with committed.as_system("north", "test") as ctx:
                await become(ctx, "kim")
                await dispensing.hand_over(ctx, supply_id, TO_PATIENT)
                await finish(ctx)
        except RefusedByDatabase as refused:
            return rule_of(refused)
        return ""

    async with committed.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        await recalls.block(ctx, recall_id)
        await finish(ctx)
        coming = asyncio.ensure_future(handing())
        await waits_or_ends(ctx, coming)
    assert await coming == "dispensing_recalled_check"
