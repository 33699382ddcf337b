"""Thirty-two tills and one last pack, on the real database with real commits."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from galen import counter, inventory
from galen.billing import Invoice, Payment
from galen.core.actor import Actor
from galen.core.context import Context
from galen.core.errors import Refusal
from galen.counter import ItemDraft, Sale, SaleStatus
from galen.inventory import Movement
from galen.values.ids import uuid7
from tests.counter.people import cash, tablets
from tests.dispensing.test_races import become

pytestmark = pytest.mark.race
D = Decimal


def somebody(ctx: Context) -> None:
    """Another cashier, so that each has a sale of their own."""
    ctx.actor = Actor(uuid7(), "Cashier", "staff", ctx.actor.permissions, ctx.actor.roles)


async def last_pack(services: Any) -> UUID:
    """A product of which one pack lies on the shelf, in two batches."""
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "max")
        product = await tablets(ctx, "loratadine", "10 mg", 10)
        level = await ctx.db.scalar(
            select(inventory.StockLevel.id).where(inventory.StockLevel.product_id == product.id)
        )
        draft = inventory.AdjustDraft(level_id=level, quantity=D(-190), reason="Only one pack is left")
        await inventory.adjust(ctx, draft)
        return product.id


async def baskets(services: Any, product_id: UUID, number: int) -> list[tuple[Actor, UUID]]:
    made = []
    for _turn in range(number):
        async with services.as_system("north", "test") as ctx:
            await become(ctx, "max")
            somebody(ctx)
            shown = await counter.add_item(ctx, ItemDraft(product_id=product_id))
            assert shown.sale
            made.append((ctx.actor, shown.sale.id))
    return made


async def paid_at_once(services: Any, made: list[tuple[Actor, UUID]]) -> list[str]:
    async def pay(who: Actor, sale_id: UUID) -> str:
        try:
            async with services.as_system("north", "test") as ctx:
                await become(ctx, "max")
                ctx.actor = who
                await counter.pay_sale(ctx, sale_id, cash())
        except Refusal as refusal:
            return refusal.code
        return "sold"

    return list(await asyncio.gather(*(pay(who, sale_id) for who, sale_id in made)))


async def sold_of(services: Any, product_id: UUID) -> tuple[int, Decimal, int, int]:
    """How many sales, units, invoices and payments there are of it."""
    async with services.as_system("north", "test") as ctx:
        query = select(Sale.id).where(Sale.status == SaleStatus.SOLD)
        sales = list(await ctx.db.scalars(query))
        units = await ctx.db.scalar(
            select(func.coalesce(func.sum(-Movement.quantity), 0)).where(
                Movement.product_id == product_id, Movement.reference_kind == "sale"
            )
        )
        bills = list(await ctx.db.scalars(select(Invoice.id).where(Invoice.reference_kind == "sale")))
        payments = select(func.count()).select_from(Payment).where(Payment.invoice_id.in_(bills))
        return len(sales), D(units or 0), len(bills), int(await ctx.db.scalar(payments) or 0)


async def test_thirty_two_sell_the_last_pack_and_one_does(committed: Any) -> None:
    product_id = await last_pack(committed)
    told = await paid_at_once(committed, await baskets(committed, product_id, 32))
    assert sorted(told) == ["out_of_stock"] * 31 + ["sold"]
    assert await sold_of(committed, product_id) == (1, D(10), 1, 1)


async def test_two_tabs_pay_one_sale_and_one_does(committed: Any) -> None:
    product_id = await last_pack(committed)
    made = await baskets(committed, product_id, 1)
    told = await paid_at_once(committed, made * 16)
    assert sorted(told) == ["sale_ended"] * 15 + ["sold"]
    assert await sold_of(committed, product_id) == (1, D(10), 1, 1)


async def test_a_shelf_that_is_read_first_and_written_later_sells_it_to_everybody(
    committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken variant: a sufficiency test on what was read before."""
    product_id, tills = await last_pack(committed), 6
    made = await baskets(committed, product_id, tills)
    all_have_looked = asyncio.Barrier(tills)

    async def trusting(ctx: Context, product_id: UUID, quantity: Decimal, **_: Any) -> list[Any]:
        query = select(inventory.StockLevel.id, inventory.StockLevel.quantity)
        level, there = (await ctx.db.execute(query.where(inventory.StockLevel.product_id == product_id))).one()
        await all_have_looked.wait()
        if there < quantity:
            raise inventory.OutOfStock(left=there, wanted=quantity)
        await ctx.raw.execute("UPDATE stock_level SET quantity = $2 WHERE id = $1", level, there - quantity)
        return []

    monkeypatch.setattr(inventory, "issue", trusting)
    told = await paid_at_once(committed, made)
    assert told == ["sold"] * tills
    assert (await sold_of(committed, product_id))[2] == tills
