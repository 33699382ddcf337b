"""Whatever is delivered: the stock grows by exactly what was written, and its cost is the weighted mean."""

import asyncio
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen import inventory, purchasing
from galen.core.context import Context
from galen.inventory import StockLevel
from galen.purchasing import LineDraft, ReceiptDraft
from tests.purchasing.people import medicine, started, supplier

D = Decimal
SIZE = 12
lines = st.lists(
    st.fixed_dictionaries(
        {
            "batch": st.integers(0, 2),
            "place": st.sampled_from(["", "A"]),
            "packs": st.integers(1, 9),
            "units": st.integers(0, 11),
            "free": st.integers(0, 3),
            "refused": st.integers(0, 8),
            "price": st.none() | st.decimals(0, 90, places=2),
            "whole": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)


def as_draft(product: Any, drawn: dict[str, Any]) -> LineDraft:
    return LineDraft.model_validate(
        {
            "product_id": product.id,
            "number": f"B{drawn['batch']}",
            "expires": "2028-06",
            "location": drawn["place"],
            "packs": drawn["packs"],
            "units": drawn["units"],
            "free_packs": drawn["free"],
            "refused": drawn["refused"],
            "refused_because": "damaged" if drawn["refused"] else None,
            "price": drawn["price"],
            "priced": "the whole line" if drawn["whole"] else "each pack",
        }
    )


def expected(drawn: list[dict[str, Any]]) -> tuple[dict[tuple[str, str], Decimal], dict[str, tuple[Decimal, Decimal]]]:
    """By plain arithmetic: units in each place, and units and money of each batch that has a price everywhere."""
    shelves: dict[tuple[str, str], Decimal] = {}
    costs: dict[str, tuple[Decimal, Decimal]] = {}
    for said in drawn:
        batch, paid = f"B{said['batch']}", said["packs"] * SIZE + said["units"]
        shelved = paid + said["free"] * SIZE - said["refused"]
        shelves[batch, said["place"]] = shelves.get((batch, said["place"]), D(0)) + shelved
        if said["price"] is not None:
            whole = said["price"] if said["whole"] else said["price"] * paid / SIZE
            units, money = costs.get(batch, (D(0), D(0)))
            costs[batch] = units + shelved, money + whole * (paid - said["refused"]) / paid
    unpriced = {f"B{said['batch']}" for said in drawn if said["price"] is None}
    return shelves, {batch: cost for batch, cost in costs.items() if batch not in unpriced}


async def test_stock_and_cost_are_what_was_written(ben: Context) -> None:
    loop = asyncio.get_running_loop()

    async def once(drawn: list[dict[str, Any]]) -> None:
        async with ben.db.begin_nested() as attempt:
            product = await medicine(ben, "magnesium citrate", SIZE)
            delivery = await started(ben, await supplier(ben))
            for said in drawn:
                await purchasing.add_line(ben, delivery.id, as_draft(product, said))
            await purchasing.receive_delivery(ben, delivery.id, ReceiptDraft())
            await ben.flush()
            query = select(StockLevel).where(StockLevel.product_id == product.id)
            levels = list(await ben.db.scalars(query.options(selectinload(StockLevel.batch))))
            shelves, costs = expected(drawn)
            assert {(level.batch.number, level.location): level.quantity for level in levels} == shelves
            unit_costs = {level.batch.number: level.batch.unit_cost for level in levels}
            for batch, (units, money) in costs.items():
                assert abs(unit_costs[batch] - money / units) <= D("0.0006"), batch  # each line rounds once
            assert await inventory.drift(ben) == []
            await attempt.rollback()
        ben.db.expunge_all()
        ben.locked.clear()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(lines)
    def whatever_is_delivered(drawn: list[dict[str, Any]]) -> None:
        asyncio.run_coroutine_threadsafe(once(drawn), loop).result(60)

    await asyncio.to_thread(whatever_is_delivered)
