"""Many hands receive one delivery: it is on the shelf once. Many hands scan into one draft: no pack is lost."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from galen import inventory, organizations, purchasing
from galen.core.errors import Refusal
from galen.core.finish import finish
from galen.inventory import BatchDraft, StockLevel
from galen.purchasing import Delivery, DeliveryLine, DeliveryStatus, PackScanDraft, ReceiptDraft
from tests.purchasing.people import GTIN, line, medicine, started, supplier
from tests.races.crowd import Crowd

pytestmark = pytest.mark.race
CROWD = Crowd()
D = Decimal
HANDS = 32


async def drafted(services):
    """Three packs of thirty, in a draft at the pharmacy."""
    async with services.as_system("north", "test") as ctx:
        place = (await organizations.pharmacies(ctx))[0].info
        ctx.site = place
        iron = await medicine(ctx, "ferrous sulfate", 30, GTIN)
        delivery = await started(ctx, await supplier(ctx))
        await purchasing.add_line(ctx, delivery.id, line(iron, packs=3, price=6))
        await finish(ctx)
        return delivery.id, iron.id, place


async def carelessly(ctx, delivery_id, _draft):
    """The broken variant: it looks at the state, and nobody is kept from looking at the same time."""
    state = await ctx.db.scalar(select(Delivery.status).where(Delivery.id == delivery_id))
    if state is not DeliveryStatus.DRAFT:
        raise Refusal
    await CROWD.looked()
    for row in await ctx.db.scalars(select(DeliveryLine).where(DeliveryLine.delivery_id == delivery_id)):
        said = BatchDraft(product_id=row.product_id, number=row.number, expires=row.expires, packs=row.packs)
        await inventory.receive(ctx, said)


async def by_many(services, place, deed):
    async def hand() -> bool:
        try:
            async with services.as_system("north", "test") as ctx:
                ctx.site = place
                await deed(ctx)
                await finish(ctx)
                return True
        except Exception:  # a refusal, or the database's own
            return False

    return await asyncio.gather(*(hand() for _ in range(HANDS)))


async def received_by_many(services, verb):
    delivery_id, product_id, place = await drafted(services)
    told = await by_many(services, place, lambda ctx: verb(ctx, delivery_id, ReceiptDraft()))
    async with services.as_system("north", "test") as ctx:
        total = select(func.sum(StockLevel.quantity)).where(StockLevel.product_id == product_id)
        return told.count(True), await ctx.db.scalar(total), await inventory.drift(ctx)


async def test_of_32_hands_one_receives_it(committed):
    assert await received_by_many(committed, purchasing.receive_delivery) == (1, D(90), [])


async def test_looking_before_receiving_receives_it_twice(committed):
    times, shelved, _drift = await received_by_many(committed, carelessly)
    assert times > 1 and shelved > D(90)


async def test_no_scan_of_32_hands_is_lost(committed):
    delivery_id, _product_id, place = await drafted(committed)
    code = PackScanDraft(code=f"(01){GTIN}(17)280630(10)B1")
    told = await by_many(committed, place, lambda ctx: purchasing.scan_line(ctx, delivery_id, code))
    async with committed.as_system("north", "test") as ctx:
        (row,) = (await purchasing.open_delivery(ctx, delivery_id)).lines
        assert (told.count(True), row.packs) == (HANDS, D(3 + HANDS))
