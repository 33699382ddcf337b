"""Two people and one bag, the clock against the counter, a pack brought back twice: on the real database."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from galen import dispensing, inventory, medicines
from galen.core.context import Context
from galen.core.errors import Conflict
from galen.dispensing import (
    AnswerDraft,
    Bag,
    BagDraft,
    BagStatus,
    CollectedBy,
    CollectionDraft,
    Counselling,
    Dispensing,
    DispensingDraft,
    DispensingStatus,
    PatientReturn,
    PatientReturnDraft,
    ReturnLineDraft,
    SupplyDraft,
    VerificationDraft,
    WhyReturned,
)
from galen.dispensing.schemas import PharmacistReason
from galen.dispensing.service import tend_bag
from galen.inventory import Movement

from .test_races import all_at_once, become, prescribed

pytestmark = pytest.mark.race
GIVEN = CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)


async def shelved(services: Any) -> tuple[UUID, UUID]:
    """A bag that waits: the ids of the dispensing and of the bag."""
    rx_id, _product = await prescribed(services)
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        record = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx_id))
        needed = (await dispensing.desk(ctx, record.id)).needed  # the same patient was supplied before
        said = [AnswerDraft(key=asked.key, reason=PharmacistReason.TRAVEL, comment="Away") for asked in needed]
        await dispensing.verify(ctx, record.id, VerificationDraft(answers=said))
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        await dispensing.dispense(ctx, record.id, SupplyDraft())
        bag = await dispensing.shelve_bag(ctx, record.id, BagDraft(bin="A1"))
        return record.id, bag.id


async def times_collected(services: Any) -> int:
    id, bag_id = await shelved(services)
    answers = await all_at_once(services, 16, lambda ctx: dispensing.hand_over(ctx, id, GIVEN))
    async with services.as_system("north", "test") as ctx:
        bag = await ctx.get(Bag, bag_id)
        assert bag.status is BagStatus.COLLECTED
    return len([answer for answer in answers if isinstance(answer, Dispensing)])


async def test_of_many_who_hand_over_one_bag_one_does(committed: Any) -> None:
    assert await times_collected(committed) == 1


async def test_a_state_that_follows_itself_hands_it_over_again(committed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: what is collected may be collected."""
    monkeypatch.setattr(DispensingStatus.COLLECTED, "nexts", frozenset({"collected", "reversed"}))
    assert await times_collected(committed) == 16


async def ended(services: Any, *, first: bool) -> tuple[DispensingStatus, BagStatus, Decimal]:
    """The clock comes while somebody hands the bag over: what stands at last, and what is missing on the shelf."""
    id, bag_id = await shelved(services)

    async def the_clock() -> None:
        async with services.as_system("north", "test") as ctx:
            ctx.now += timedelta(days=11)
            await tend_bag(ctx, bag_id)

    async def the_counter() -> None:
        try:
            async with services.as_system("north", "test") as ctx:
                await become(ctx, "ben")
                await dispensing.hand_over(ctx, id, GIVEN)
        except Conflict:
            return

    if first:
        await the_counter()
    await asyncio.gather(the_clock(), *([] if first else [the_clock(), the_counter()]))
    async with services.as_system("north", "test") as ctx:
        record, bag = await ctx.get(Dispensing, id), await ctx.get(Bag, bag_id)
        moved = await ctx.db.scalar(select(func.sum(Movement.quantity)).where(Movement.reference_id == id))
        assert await inventory.drift(ctx) == []
        return record.status, bag.status, moved or Decimal(0)


HAS_IT = (DispensingStatus.COLLECTED, BagStatus.COLLECTED, Decimal(-10))
WENT_BACK = (DispensingStatus.REVERSED, BagStatus.EXPIRED, Decimal(0))


async def test_a_bag_is_collected_or_goes_back_and_never_both(committed: Any) -> None:
    for _turn in range(4):
        assert await ended(committed, first=False) in (HAS_IT, WENT_BACK)
    assert await ended(committed, first=True) == HAS_IT


async def test_a_clock_that_does_not_look_again_takes_back_what_was_collected(
    committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken variant."""
    monkeypatch.setattr(
        "galen.dispensing.service.uncollected.still_there", lambda bag, record: bag.ended_at is not None
    )
    assert await ended(committed, first=True) != HAS_IT


async def brought_back(services: Any) -> tuple[int, Decimal]:
    """Eight people write down that the same ten tablets came back: how many do, and how much came."""
    id, _bag = await shelved(services)
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        record = await dispensing.hand_over(ctx, id, GIVEN)
        line = ReturnLineDraft(item_id=record.given[0].id, quantity=Decimal(10))
    draft = PatientReturnDraft(lines=[line], reason=WhyReturned.NOT_NEEDED)
    answers = await all_at_once(services, 8, lambda ctx: dispensing.take_return(ctx, id, draft))
    async with services.as_system("north", "test") as ctx:
        product = (await medicines.find_medicines(ctx, "paracetamol 500 mg tablet", limit=1))[0]
        kinds = Movement.kind == inventory.MovementKind.TAKE_BACK, Movement.product_id == product.id
        came = await ctx.db.scalar(select(func.sum(Movement.quantity)).where(*kinds))
    return len([answer for answer in answers if isinstance(answer, PatientReturn)]), came or Decimal(0)


async def test_what_is_brought_back_comes_back_once(committed: Any) -> None:
    assert await brought_back(committed) == (1, Decimal(10))


async def test_the_database_counts_where_the_verb_forgets_to(committed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def all_of_it(ctx: Context, record: Dispensing) -> dict[UUID, Decimal]:
        return {item.id: item.quantity for item in record.given}

    monkeypatch.setattr("galen.dispensing.service.returns.still_out", all_of_it)
    with pytest.raises(Exception, match="more is brought back than was given"):
        await brought_back(committed)
