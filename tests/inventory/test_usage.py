"""What is used a day, with the days without stock left out; and what will not be used before it ends."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen import inventory
from galen.core.context import Context
from galen.core.finish import finish
from galen.inventory import BatchDraft, BatchReasonDraft, UsableBatch, unused_by_expiry, usage_at
from galen.inventory.usage import StockDay, usage_of
from galen.medicines import Product
from galen.values.ids import uuid7
from tests.purchasing.people import medicine

D = Decimal
TODAY = date(2026, 11, 20)
IDS = [UUID(int=number) for number in range(1, 6)]


@pytest.mark.parametrize(
    ("days", "daily", "without"),
    [
        ([(3, True), (5, True)], "4", 0),
        ([(3, True), (5, True), (0, False), (0, False)], "4", 2),  # nothing could be used on two of them
        ([(3, True), (0, True)], "1.5", 0),  # nothing was wanted
        ([(4, False), (0, True)], "2", 0),  # the last pack went in the morning
        ([(0, False)], "0", 1),
        ([], "0", 0),
        ([(-2, True), (6, True)], "2", 0),  # one came back
    ],
)
def test_days_without_stock_are_not_known_rather_than_nothing(days, daily, without):
    usage = usage_of(StockDay(D(used), stocked) for used, stocked in days)
    assert (usage.daily, usage.without) == (D(daily), without)


def batch(place: int, days: int | None, quantity: int) -> UsableBatch:
    return UsableBatch(IDS[place], None if days is None else TODAY + timedelta(days=days), D(quantity))


@pytest.mark.parametrize(
    ("batches", "daily", "left"),
    [
        ([(0, 9, 100)], "10", {}),  # the last good day counts
        ([(0, 9, 101)], "10", {0: 1}),
        ([(0, 9, 50), (1, 9, 60)], "10", {1: 10}),  # the second waits for the first
        ([(0, 9, 200), (1, 19, 100)], "10", {0: 100}),  # the first has ended by then
        ([(1, 19, 150), (0, 9, 100)], "10", {1: 50}),
        ([(0, None, 500), (1, 9, 100)], "10", {}),  # what does not perish goes last
        ([(0, 9, 30)], "0", {0: 30}),
        ([(0, 0, 10)], "10", {}),
    ],
)
def test_first_expired_first_out_tells_what_is_left(batches, daily, left):
    found = unused_by_expiry([batch(*each) for each in batches], D(daily), TODAY)
    assert found == {IDS[place]: D(quantity) for place, quantity in left.items()}


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 500)), max_size=5),
    st.decimals(0, 50, places=2),
)
def test_no_more_is_left_than_there_is_and_more_use_leaves_less(batches, daily):
    lying = [UsableBatch(IDS[i], TODAY + timedelta(days=days), D(units)) for i, (days, units) in enumerate(batches)]
    left, less = unused_by_expiry(lying, daily, TODAY), unused_by_expiry(lying, daily + 1, TODAY)
    assert all(0 < left[lot.id] <= lot.quantity for lot in lying if lot.id in left)
    assert sum(less.values()) <= sum(left.values())
    if lying:
        last = max((lot.expires - TODAY).days for lot in lying) + 1
        used = sum((lot.quantity - left.get(lot.id, D(0)) for lot in lying), D(0))
        assert used < daily * last + len(lying) + 1


async def used(ctx: Context, product: Product, days_ago: int, units: int) -> None:
    """So many units were handed out, so many days ago."""
    now = ctx.now
    ctx.now = now - timedelta(days=days_ago)
    await inventory.issue(ctx, product.id, D(units), reference=("dispensing", uuid7()))
    ctx.now = now


async def came(ctx: Context, product: Product, days_ago: int, units: int, expires: str = "2028-06") -> UUID:
    now = ctx.now
    ctx.now = now - timedelta(days=days_ago)
    draft = {"product_id": product.id, "number": f"L{days_ago}-{expires}", "expires": expires, "units": units}
    batch_id = (await inventory.receive(ctx, BatchDraft.model_validate(draft))).id
    await ctx.flush()
    ctx.now = now
    return batch_id


async def test_the_ledger_knows_the_days_without_stock(ben: Context) -> None:
    iron = await medicine(ben, "ferrous sulfate")
    await came(ben, iron, 40, 60)
    for days_ago in (39, 37, 35):
        await used(ben, iron, days_ago, 20)  # nothing is left from the 35th day before on
    await came(ben, iron, 10, 100)
    await used(ben, iron, 3, 10)
    usage = (await usage_at(ben, ben.here, 50, [iron.id]))[iron.id]
    # days 40 to 35 and 10 to 1 count; 50 to 41 and 34 to 11 do not
    assert (usage.used, usage.days, usage.without) == (D(70), 16, 34)


async def test_what_is_undone_expired_or_set_aside_is_no_use_and_no_stock(ben: Context) -> None:
    iron, zinc = await medicine(ben, "ferrous sulfate"), await medicine(ben, "zinc sulfate")
    await came(ben, iron, 30, 60, "2026-11-05")  # ended fifteen days ago
    reference = ("dispensing", uuid7())
    await inventory.issue(ben, zinc.id, D(1), reference=reference, partial=True)
    aside = await came(ben, zinc, 30, 60)
    ben.now -= timedelta(days=10)
    await inventory.quarantine(ben, aside, BatchReasonDraft(reason="The seal is broken"))
    await ben.flush()
    await inventory.release(ben, aside, BatchReasonDraft(reason="It was the box alone"))
    ben.now += timedelta(days=2)
    await inventory.quarantine(ben, aside, BatchReasonDraft(reason="It was not"))
    await ben.flush()
    ben.now += timedelta(days=4)
    await inventory.release(ben, aside, BatchReasonDraft(reason="Examined"))
    await ben.flush()
    await inventory.issue(ben, zinc.id, D(5), reference=reference)
    ben.now += timedelta(days=4)
    await inventory.give_back(ben, reference)
    await ben.flush()
    usage = await usage_at(ben, ben.here, 30, [iron.id, zinc.id])
    assert (usage[iron.id].days, usage[iron.id].without) == (16, 14)
    assert (usage[zinc.id].days, usage[zinc.id].without) == (27, 3)  # the three whole days set aside


async def test_days_are_those_of_the_place(ben: Context) -> None:
    """Half past midnight in Sydney is the day before in Greenwich."""
    iron = await medicine(ben, "ferrous sulfate")
    await came(ben, iron, 20, 60)
    ben.now = datetime(2026, 11, 18, 13, 30, tzinfo=UTC)  # the 19th, half past midnight
    await inventory.issue(ben, iron.id, D(7), reference=("dispensing", uuid7()))
    ben.now = datetime(2026, 11, 19, 0, 30, tzinfo=UTC)  # the same day
    assert (await usage_at(ben, ben.here, 5, [iron.id]))[iron.id].used == D(0)
    ben.now += timedelta(days=1)
    assert (await usage_at(ben, ben.here, 1, [iron.id]))[iron.id].used == D(7)


async def test_the_list_names_what_will_not_be_used_and_nothing_that_is_new(ben: Context, client) -> None:
    iron, fresh = await medicine(ben, "ferrous sulfate"), await medicine(ben, "zinc sulfate")
    await came(ben, iron, 30, 500, "2026-12-09")
    await came(ben, fresh, 3, 500, "2026-12-09")
    for days_ago in range(1, 31):
        await used(ben, iron, days_ago, 10)
    await finish(ben)
    mine = [line for line in await inventory.surplus(ben) if line.product_id in (iron.id, fresh.id)]
    # 200 are there, of which ten a day go until the 9th: today and 19 days
    assert [(line.product_id, line.quantity) for line in mine] == []
    await came(ben, iron, 0, 100, "2026-12-09")
    await finish(ben)
    mine = [line for line in await inventory.surplus(ben) if line.product_id in (iron.id, fresh.id)]
    assert [(line.surplus, line.daily) for line in mine] and sum(line.surplus for line in mine) == D(100)
    assert mine[0].daily_words == "10 tablets a day"
