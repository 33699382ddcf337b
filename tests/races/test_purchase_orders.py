"""Many hands receive one order: what was ordered is on the shelf once. Many press approve or send: it goes out once."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from galen import inventory, organizations, purchasing
from galen.core.errors import Refusal
from galen.core.finish import finish
from galen.inventory import StockLevel
from galen.notifications import Message
from galen.purchasing import (
    ApprovalDraft,
    Delivery,
    DeliveryDraft,
    DeliveryStatus,
    LineDraft,
    PurchaseOrder,
    PurchaseOrderLine,
    ReceiptDraft,
    SendingDraft,
    SentHow,
)
from tests.purchasing.buying import sent, written
from tests.purchasing.people import medicine, supplier
from tests.races.crowd import Crowd

pytestmark = pytest.mark.race
CROWD = Crowd()
D = Decimal
HANDS = 32


async def ordered(services, make):
    """Ten packs of thirty on an order at the pharmacy."""
    async with services.as_system("north", "test") as ctx:
        place = (await organizations.pharmacies(ctx))[0].info
        ctx.site = place
        iron = await medicine(ctx, "ferrous sulfate", 30)
        order = await make(ctx, await supplier(ctx), (iron, 10, "6"))
        await finish(ctx)
        return order, iron, place


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

    return (await asyncio.gather(*(hand() for _ in range(HANDS)))).count(True)


def said(product_id, packs):
    return LineDraft(product_id=product_id, number="B1", expires="2028-06", packs=packs, price=D(6))


async def unpack(ctx, order_id):
    """As people do it: the delivery that is begun, or a new one; its line; all of it to the shelf."""
    delivery = await purchasing.begin_receipt(ctx, order_id)
    await ctx.flush()
    (row,) = delivery.lines
    await purchasing.change_line(ctx, delivery.id, row.id, said(row.product_id, D(10)))
    await purchasing.receive_delivery(ctx, delivery.id, ReceiptDraft())


async def unpack_carelessly(ctx, order_id):
    """The broken variant: it looks at what is still to come, and nobody is kept from looking at the same time."""
    order = await purchasing.open_order(ctx, order_id)
    (row,) = order.lines
    if not row.remaining:
        raise Refusal
    await CROWD.looked()
    delivery = await purchasing.start_delivery(ctx, DeliveryDraft(supplier_id=order.supplier_id))
    await ctx.flush()
    await purchasing.add_line(ctx, delivery.id, said(row.product_id, row.packs))
    await purchasing.receive_delivery(ctx, delivery.id, ReceiptDraft())


async def shelved_after(services, verb):
    order, iron, place = await ordered(services, sent)
    times = await by_many(services, place, lambda ctx: verb(ctx, order.id))
    async with services.as_system("north", "test") as ctx:
        on_shelf = await ctx.db.scalar(select(func.sum(StockLevel.quantity)).where(StockLevel.product_id == iron.id))
        booked = await ctx.db.scalar(select(PurchaseOrderLine.received).where(PurchaseOrderLine.order_id == order.id))
        of_order = Delivery.order_id == order.id, Delivery.status == DeliveryStatus.RECEIVED
        papers = await ctx.db.scalar(select(func.count(Delivery.id)).where(*of_order))
        return times, on_shelf, booked, papers, await inventory.drift(ctx)


async def test_of_32_hands_one_receives_what_was_ordered(committed):
    assert await shelved_after(committed, unpack) == (1, D(300), D(300), 1, [])


async def test_looking_before_receiving_shelves_it_more_than_once(committed):
    _times, on_shelf, _booked, _papers, _drift = await shelved_after(committed, unpack_carelessly)
    assert on_shelf > D(300)


async def test_of_32_hands_one_begins_the_delivery(committed):
    order, _iron, place = await ordered(committed, sent)
    assert await by_many(committed, place, lambda ctx: purchasing.begin_receipt(ctx, order.id)) == HANDS
    async with committed.as_system("north", "test") as ctx:
        assert await ctx.db.scalar(select(func.count(Delivery.id)).where(Delivery.order_id == order.id)) == 1


async def test_of_32_hands_one_sends_it(committed):
    order, _iron, place = await ordered(committed, written)
    approve = ApprovalDraft()
    assert await by_many(committed, place, lambda ctx: purchasing.approve_order(ctx, order.id, approve)) == 1
    mail = SendingDraft(how=SentHow.MAIL, to="orders@south.example")
    assert await by_many(committed, place, lambda ctx: purchasing.send_order(ctx, order.id, mail)) == 1
    async with committed.as_system("north", "test") as ctx:
        assert await ctx.db.scalar(select(func.count(Message.id)).where(Message.to == "orders@south.example")) == 1
        assert (await ctx.get(PurchaseOrder, order.id)).sent_how is SentHow.MAIL
