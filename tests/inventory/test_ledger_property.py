"""Whatever happens to stock, what lies there is the sum of what moved, and it goes out as the plain rule says."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from galen import inventory, medicines
from galen.core.context import Context
from galen.inventory import (
    AdjustDraft,
    BatchDraft,
    BatchReasonDraft,
    BatchStatus,
    CountDraft,
    CountLine,
    Movement,
    OutOfStock,
    StockLevel,
)
from galen.inventory.rules import Shelf, pick
from galen.inventory.service.moves import NotThatMuch
from galen.medicines import Product
from galen.values.ids import uuid7

D = Decimal
TODAY = date(2026, 11, 20)
SAID = BatchReasonDraft(reason="As drawn")
units = st.integers(1, 40).map(D)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.integers(0, 3), units),
        st.tuples(st.just("issue"), st.integers(0, 60), units),
        st.tuples(st.just("adjust"), st.integers(0, 3), st.integers(-30, 30).filter(bool).map(D)),
        st.tuples(st.just("count"), st.integers(0, 3), st.integers(0, 40).map(D)),
        st.tuples(st.just("give back"), st.integers(0, 5), units),
        st.tuples(st.just("quarantine"), st.integers(0, 3), units),
    ),
    min_size=3,
    max_size=14,
)


class Shelves:
    """One medicine in four possible batches, and what the plain rules expect of them."""

    def __init__(self, ctx: Context, product: Product) -> None:
        self.ctx, self.product = ctx, product
        self.issued: list[tuple[str, Any]] = []

    async def here(self) -> list[StockLevel]:
        from sqlalchemy.orm import selectinload

        query = select(StockLevel).where(StockLevel.product_id == self.product.id).order_by(StockLevel.batch_id)
        kept = query.options(selectinload(StockLevel.batch)).execution_options(populate_existing=True)
        return list(await self.ctx.db.scalars(kept))

    async def expected(self) -> list[Shelf]:
        return [
            Shelf(
                level.batch_id,
                level.batch.expires,
                self.ctx.now,
                level.quantity,
                level.batch.status is not BatchStatus.OK,
            )
            for level in await self.here()
        ]

    async def do(self, what: str, which: int, quantity: Decimal) -> None:
        if what == "receive":
            expires = TODAY + timedelta(days=10 * (which + 1))
            draft = BatchDraft(product_id=self.product.id, number=f"B{which}", expires=expires, units=quantity)
            await inventory.receive(self.ctx, draft)
        elif what == "issue":
            await self.issue(quantity, TODAY + timedelta(days=which))
        elif what == "give back" and self.issued:
            await inventory.give_back(self.ctx, self.issued[which % len(self.issued)])
        elif levels := await self.here():
            level = levels[which % len(levels)]
            if what == "adjust":
                await self.adjust(level, quantity)
            elif what == "count":
                await inventory.count_stock(self.ctx, CountDraft(lines=[CountLine(level_id=level.id, units=quantity)]))
            elif what == "quarantine":
                turn = inventory.quarantine if level.batch.status is BatchStatus.OK else inventory.release
                await turn(self.ctx, level.batch_id, SAID)

    async def adjust(self, level: StockLevel, quantity: Decimal) -> None:
        draft = AdjustDraft(level_id=level.id, quantity=quantity, reason="As drawn")
        if level.quantity + quantity < 0:
            with pytest.raises(NotThatMuch):
                await inventory.adjust(self.ctx, draft)
        else:
            await inventory.adjust(self.ctx, draft)

    async def issue(self, quantity: Decimal, last_day: date) -> None:
        rule = pick(await self.expected(), quantity, TODAY, last_day)
        reference = ("dispensing", uuid7())
        if rule.missing:
            with pytest.raises(OutOfStock):
                await inventory.issue(self.ctx, self.product.id, quantity, reference=reference, outlast=last_day)
            return
        picks = await inventory.issue(self.ctx, self.product.id, quantity, reference=reference, outlast=last_day)
        took = [(p.batch_id, p.quantity, p.short_dated) for p in picks]
        assert took == [(t.shelf.batch, t.quantity, t.short_dated) for t in rule.takes]
        self.issued.append(reference)

    async def agrees(self) -> None:
        await self.ctx.flush()
        assert await inventory.drift(self.ctx) == []
        summed = select(Movement.level_id, func.sum(Movement.quantity)).where(Movement.product_id == self.product.id)
        moved = dict((await self.ctx.db.execute(summed.group_by(Movement.level_id))).all())
        assert moved == {level.id: level.quantity for level in await self.here()}
        assert all(level.quantity >= 0 for level in await self.here())


async def test_what_lies_there_is_the_sum_of_what_moved(ben: Context) -> None:
    loop = asyncio.get_running_loop()

    async def once(drawn: list[tuple[str, int, Decimal]]) -> None:
        async with ben.db.begin_nested() as attempt:
            part = medicines.PartDraft(name="magnesium", strength="313 mg")
            draft = medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=D(10), price=D(3))
            shelves = Shelves(ben, await medicines.add_medicine(ben, draft))
            for step in drawn:
                await shelves.do(*step)
                await shelves.agrees()
            await attempt.rollback()
        ben.db.expunge_all()

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(steps)
    def whatever_happens(drawn: list[tuple[str, int, Decimal]]) -> None:
        asyncio.run_coroutine_threadsafe(once(drawn), loop).result(60)

    await asyncio.to_thread(whatever_happens)
