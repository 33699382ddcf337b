"""Whatever comes and goes while it is counted: afterwards the ledger is what was physically there."""

import asyncio
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from galen import inventory, medicines, organizations
from galen.core.context import Context
from galen.inventory import BatchDraft, StockLevel
from galen.inventory.schemas import LineCountDraft, PostingDraft, StocktakeDraft, TransferDraft
from galen.inventory.service import (
    complete_stocktake,
    count_line,
    open_stocktake,
    post_stocktake,
    send_stock,
    stocktake_lines,
)
from galen.values.ids import uuid7

D = Decimal
PLACES = 3
stray = st.lists(st.integers(-5, 40), min_size=PLACES, max_size=PLACES)
"""By how much the shelf differs from the ledger when the stocktake is opened."""
steps = st.lists(
    st.tuples(st.sampled_from(["receive", "issue", "send", "count"]), st.integers(0, PLACES - 1), st.integers(1, 9)),
    min_size=1,
    max_size=10,
)


class Bay:
    """Three medicines in one bay; `there` is what really lies on the shelf."""

    def __init__(self, ctx: Context, elsewhere: object) -> None:
        self.ctx, self.elsewhere = ctx, elsewhere
        self.levels: list[StockLevel] = []
        self.there: list[Decimal] = []
        self.counted: set[int] = set()

    async def fill(self, strays: list[int]) -> None:
        for place, stray in enumerate(strays):
            part = medicines.PartDraft(name="magnesium", strength=f"{301 + place} mg")
            draft = medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=D(10), price=D(1))
            product = await medicines.add_medicine(self.ctx, draft)
            await self.put(product.id, place, 60)
            query = select(StockLevel).where(StockLevel.product_id == product.id)
            self.levels += await self.ctx.db.scalars(query)
            self.there.append(D(60 + stray))
        draft = StocktakeDraft.model_validate({"scope": "one place", "place": "Bay P"})
        self.take = await open_stocktake(self.ctx, draft)
        await self.ctx.flush()
        self.lines = {line.level_id: line.id for line in (await stocktake_lines(self.ctx, self.take.id)).items}

    async def put(self, product_id: object, place: int, units: int) -> None:
        said = {"product_id": product_id, "number": f"P{place}", "expires": "2029-01", "units": units}
        await inventory.receive(self.ctx, BatchDraft.model_validate(said | {"location": "Bay P"}))
        await self.ctx.flush()

    async def do(self, what: str, place: int, units: int) -> None:
        level = self.levels[place]
        if what == "receive":
            await self.put(level.product_id, place, units)
            self.there[place] += units
        elif what == "count":
            await self.count(place)
        elif self.there[place] >= units:
            if what == "issue":
                await inventory.issue(self.ctx, level.product_id, D(units), reference=("dispensing", uuid7()))
            else:
                said = {"to_site_id": self.elsewhere, "lines": [{"level_id": level.id, "quantity": units}]}
                await send_stock(self.ctx, TransferDraft.model_validate(said))
            self.there[place] -= units
        await self.ctx.flush()

    async def count(self, place: int) -> None:
        draft = LineCountDraft(units=self.there[place])
        await count_line(self.ctx, self.take.id, self.lines[self.levels[place].id], draft)
        self.counted.add(place)

    async def end(self) -> None:
        for place in set(range(PLACES)) - self.counted:
            await self.count(place)
        await complete_stocktake(self.ctx, self.take.id)
        await self.ctx.flush()
        await post_stocktake(self.ctx, self.take.id, PostingDraft())
        await self.ctx.flush()
        ids = [level.id for level in self.levels]
        query = select(StockLevel.id, StockLevel.quantity).where(StockLevel.id.in_(ids))
        left = dict((await self.ctx.db.execute(query)).all())
        assert [left[id] for id in ids] == self.there
        assert await inventory.drift(self.ctx) == []


async def test_after_posting_the_ledger_is_what_lies_there(max: Context, ben: Context) -> None:
    loop = asyncio.get_running_loop()
    max.site = ben.site
    draft = organizations.SiteDraft(name="Property Pharmacy", kind=organizations.SiteKind.PHARMACY)
    elsewhere = (await organizations.add_site(max, draft)).id
    await max.flush()

    async def once(strays: list[int], drawn: list[tuple[str, int, int]]) -> None:
        async with max.db.begin_nested() as attempt:
            bay = Bay(max, elsewhere)
            await bay.fill(strays)
            for step in drawn:
                await bay.do(*step)
            await bay.end()
            await attempt.rollback()
        max.db.expunge_all()
        max.locked.clear()
        max.audit.clear()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(stray, steps)
    def whatever_happens(strays: list[int], drawn: list[tuple[str, int, int]]) -> None:
        asyncio.run_coroutine_threadsafe(once(strays, drawn), loop).result(60)

    await asyncio.to_thread(whatever_happens)
