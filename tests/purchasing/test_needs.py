"""What to order: from the ledger, supplier by supplier; the weekly list; what a person decides instead."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from galen import inventory, purchasing
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.finish import finish
from galen.inventory import BatchDraft
from galen.medicines import Product
from galen.notifications import Message
from galen.purchasing import (
    ChosenNeed,
    ChosenNeeds,
    EndingDraft,
    PriceDraft,
    PurchaseOrder,
    ReorderDraft,
    Supplier,
    SupplierDraft,
)
from galen.purchasing.jobs import weekly_list
from galen.purchasing.service import needs as needing
from galen.values.ids import uuid7
from tests.purchasing.buying import received, sent
from tests.purchasing.people import medicine, supplier

D = Decimal


@pytest.fixture
async def wholesale(ben: Context) -> Supplier:
    """Promises two days."""
    return await supplier(ben)


@pytest.fixture
async def iron(ben: Context) -> Product:
    """For thirty days ten tablets a day were used; fifty are left."""
    product = await medicine(ben, "ferrous sulfate", 30)
    await consumed(ben, product, 350, 10)
    return product


async def consumed(ctx: Context, product: Product, units: int, daily: int) -> None:
    ctx.now -= timedelta(days=30)
    draft = {"product_id": product.id, "number": "OLD", "expires": "2028-06", "units": units}
    await inventory.receive(ctx, BatchDraft.model_validate(draft))
    await ctx.flush()
    for _ in range(30):
        await inventory.issue(ctx, product.id, D(daily), reference=("dispensing", uuid7()))
        ctx.now += timedelta(days=1)


async def need_of(ctx: Context, product: Product):
    await ctx.flush()
    (line,) = (await needing.needs_at(ctx, ctx.here, [product.id])).lines
    return line


def priced(product: Product, price: str, **more) -> PriceDraft:
    return PriceDraft.model_validate({"product_id": product.id, "price": price} | more)


async def test_use_lead_and_review_make_the_need(ben, wholesale, iron):
    await purchasing.set_price(ben, wholesale.id, priced(iron, "6"))
    line = await need_of(ben, iron)
    # nine days at ten, then fourteen more; fifty are there: 180 units are six packs
    assert (line.advice.reorder_at, line.advice.up_to, line.advice.packs) == (D(90), D(230), D(6))
    assert (line.supplier.id, line.pack_price, line.total) == (wholesale.id, D(6), D(36))
    assert line.why.startswith("10 are used a day, as seen on 30 days.")
    assert "60 days without stock are left out" in line.why


async def test_what_is_on_its_way_is_not_ordered_again(ben, wholesale, iron):
    order = await sent(ben, wholesale, (iron, 2, "6"))
    line = await need_of(ben, iron)
    assert (line.need.coming, line.advice.packs) == (D(60), D(0))
    await received(ben, order, ferrous={"packs": 1, "noted_packs": 2})
    line = await need_of(ben, iron)
    assert (line.need.coming, line.need.usable) == (D(30), D(80))
    await purchasing.close_order(ben, order.id, EndingDraft(reason="The rest is gone"))
    line = await need_of(ben, iron)
    assert (line.need.coming, line.advice.packs) == (D(0), D(5))


async def test_days_to_deliver_as_they_were_seen(ben, wholesale, iron):
    for took in (4, 6, 8):
        order = await sent(ben, wholesale, (iron, 1, "6"))
        ben.now += timedelta(days=took)
        await received(ben, order, ferrous={"packs": 1})
    lead = (await need_of(ben, iron)).need.lead
    assert (lead.days, lead.seen, lead.promised) == (D(6), 3, False)
    zinc = await medicine(ben, "zinc sulfate")
    await purchasing.set_reorder(ben, zinc.id, ReorderDraft(supplier_id=wholesale.id))
    assert (await need_of(ben, zinc)).need.lead.days == D(6)


async def test_a_person_decides_otherwise(ben, wholesale, iron):
    north = await purchasing.add_supplier(ben, SupplierDraft(name="Northern Wholesale"))
    await purchasing.set_reorder(ben, iron.id, ReorderDraft(supplier_id=north.id, minimum=D(60), maximum=D(400)))
    line = await need_of(ben, iron)
    assert (line.supplier.id, line.advice.by, line.advice.packs) == (north.id, "fixed", D(12))
    await purchasing.set_reorder(ben, iron.id, ReorderDraft(never=True))
    line = await need_of(ben, iron)
    assert (line.wanted, line.packs, line.advice.by) == (False, D(0), "use")
    for said in ({"minimum": 5}, {"maximum": 5}, {"minimum": 5, "maximum": 5}, {"minimum": -1, "maximum": 5}):
        with pytest.raises(ValidationError):
            ReorderDraft.model_validate(said)


async def test_the_cheapest_unit_stands_beside_the_usual_supplier(ben, wholesale, iron):
    north = await purchasing.add_supplier(ben, SupplierDraft(name="Northern Wholesale"))
    await ben.flush()
    await purchasing.set_reorder(ben, iron.id, ReorderDraft(supplier_id=wholesale.id))
    await purchasing.set_price(ben, wholesale.id, priced(iron, "6", minimum_packs=10))
    await purchasing.set_price(ben, north.id, priced(iron, "17", pack_size=100))  # a smaller price for a unit
    line = await need_of(ben, iron)
    assert (line.supplier.id, line.cheaper.supplier_id, line.cheaper_price) == (wholesale.id, north.id, D("5.1"))
    assert (line.advice.packs, line.advice.raised) == (D(10), True)
    await purchasing.set_price(
        ben, north.id, priced(iron, "30", pack_size=100, valid_from=ben.today + timedelta(days=1))
    )
    assert (await need_of(ben, iron)).cheaper is not None
    ben.now += timedelta(days=1)
    assert (await need_of(ben, iron)).cheaper is None


async def test_a_draft_keeps_the_price_with_its_day_and_the_arithmetic(ben, wholesale, iron):
    await purchasing.set_price(ben, wholesale.id, priced(iron, "180", pack_size=900, code="FE-30"))
    await ben.flush()
    chosen = ChosenNeeds(supplier_id=wholesale.id, lines=[ChosenNeed(product_id=iron.id, packs=D(4))])
    order = await purchasing.order_needs(ben, chosen)
    await ben.flush()
    (row,) = order.lines
    assert (row.packs, row.price, row.price_day, row.code) == (D(4), D(6), ben.today, "FE-30")
    assert row.why == (await need_of(ben, iron)).why.replace("200 are", "0 are") or "10 are used a day" in row.why
    nothing = ChosenNeeds(supplier_id=wholesale.id, lines=[ChosenNeed(product_id=iron.id, packs=D(0))])
    with pytest.raises(Invalid, match="Nothing is chosen"):
        await purchasing.order_needs(ben, nothing)


async def test_the_weekly_list_is_written_once_and_told_once(ben, system, wholesale, iron):
    await purchasing.set_price(ben, wholesale.id, priced(iron, "6"))
    alone = await medicine(ben, "zinc sulfate")
    await consumed(ben, alone, 300, 10)
    await finish(ben)
    system.now = ben.now
    for _ in range(2):
        await weekly_list(system)
        await finish(system)
    of_list = select(PurchaseOrder).where(
        PurchaseOrder.supplier_id == wholesale.id, PurchaseOrder.list_day.is_not(None)
    )
    (order,) = await ben.db.scalars(of_list)
    assert [(row.product_id, row.packs) for row in order.lines] == [(iron.id, D(6))]
    assert (order.status.value, order.made_by) == ("draft", system.actor.id)
    told = list(await ben.db.scalars(select(Message).where(Message.subject == "What to order at Harbour Pharmacy")))
    assert sorted(message.to for message in told) == ["ben", "kim"]
    assert f"{order.number} to Southern Wholesale, a draft: 6 × {iron.name}." in told[0].text
    assert "No supplier is known for: " in told[0].text and alone.name in told[0].text


async def test_nothing_is_said_when_nothing_is_needed(ben, system):
    for product_id in [line.product.id for line in (await needing.needs_at(ben, ben.here)).lines]:
        await purchasing.set_reorder(ben, product_id, ReorderDraft(never=True))
    await finish(ben)
    await weekly_list(system)
    await finish(system)
    about = f"order list {ben.here.id} {ben.today}"
    assert not list(await ben.db.scalars(select(Message).where(Message.about == about)))
    assert not list(await ben.db.scalars(select(PurchaseOrder).where(PurchaseOrder.list_day == ben.today)))


async def test_expired_stock_is_no_stock(ben, wholesale, iron):
    ben.now += timedelta(days=700)  # past June 2028
    line = await need_of(ben, iron)
    assert (line.need.usable, line.out) == (D(0), True)
