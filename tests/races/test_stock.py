"""Many at once on the real database: the last units are sold once, and a payment sent fifty times is one payment.

Each race is also run against a careless variant, to see that the same judgement finds it out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from galen import billing, inventory, medicines, organizations
from galen.billing import ChargeLine, Invoice, Payment
from galen.core.context import Context
from galen.demo import PASSWORD
from galen.inventory import Batch, BatchDraft, Movement, MovementKind, OutOfStock, StockLevel
from galen.inventory.rules import Shelf, pick
from galen.values.ids import uuid7

D = Decimal
DISPENSERS, BATCHES, IN_EACH = 32, 6, 15
Draw = Callable[[Context, UUID, Decimal], Awaitable[Decimal]]
pytestmark = pytest.mark.race


async def at_pharmacy(ctx: Context) -> Context:
    ctx.site = (await organizations.pharmacies(ctx))[0].info
    return ctx


async def stocked(services: Any) -> UUID:
    """A medicine in six batches, 90 units altogether."""
    async with services.as_system("north", "test") as ctx:
        await at_pharmacy(ctx)
        part = medicines.PartDraft(name="salbutamol", strength="104 mcg")
        product = await medicines.add_medicine(
            ctx, medicines.MedicineDraft(ingredients=[part], form="inhaler", pack_size=D(1), price=D(9))
        )
        for number in range(BATCHES):
            expires = ctx.today + timedelta(days=30 * (BATCHES - number))
            draft = BatchDraft(product_id=product.id, number=f"S{number}", expires=expires, units=D(IN_EACH))
            await inventory.receive(ctx, draft)
        return UUID(str(product.id))


async def issued(ctx: Context, product_id: UUID, quantity: Decimal) -> Decimal:
    picks = await inventory.issue(ctx, product_id, quantity, reference=("dispensing", uuid7()))
    return sum((p.quantity for p in picks), D(0))


async def read_then_written(ctx: Context, product_id: UUID, quantity: Decimal) -> Decimal:
    """How it must not be done: look, decide in Python, write what was decided."""
    query = select(StockLevel.id, StockLevel.batch_id, StockLevel.quantity, Batch.expires).join(Batch)
    rows = list(await ctx.db.execute(query.where(StockLevel.product_id == product_id)))
    levels = {row.batch_id: row for row in rows}
    picked = pick([Shelf(r.batch_id, r.expires, ctx.now, r.quantity) for r in rows], quantity, ctx.today)
    if picked.missing:
        raise OutOfStock(left="few", wanted=quantity)
    connection = await ctx.db.connection()
    for take in picked.takes:
        level, left = levels[take.shelf.batch], take.shelf.on_hand - take.quantity
        await connection.exec_driver_sql("UPDATE stock_level SET quantity = $1 WHERE id = $2", (left, level.id))
        ctx.add(
            Movement(
                site_id=ctx.here.id, level_id=level.id, batch_id=level.batch_id, product_id=product_id,
                kind=MovementKind.ISSUE, quantity=-take.quantity, balance=left, reference_kind="dispensing",
                reference_id=uuid7(), actor_id=ctx.actor.id, actor_name="", at=ctx.now,
            )
        )  # fmt: skip
    return quantity


async def everybody_draws(services: Any, product_id: UUID, draw: Draw) -> Decimal:
    """Thirty-two dispensers take one to five units at a time until there is nothing left for them."""

    async def dispenser(number: int) -> Decimal:
        had = D(0)
        for turn in range(100):
            try:
                async with services.as_system("north", "test") as ctx:
                    had += await draw(await at_pharmacy(ctx), product_id, D(1 + (number + turn) % 5))
            except OutOfStock:
                break
        return had

    return sum(await asyncio.gather(*(dispenser(number) for number in range(DISPENSERS))), D(0))


async def judge(services: Any, product_id: UUID, handed_out: Decimal) -> None:
    """Nothing was sold twice, the ledger agrees, and no batch was opened while an earlier one had units left."""
    async with services.as_system("north", "test") as ctx:
        at_first = {
            batch.id: D(IN_EACH) for batch in await ctx.db.scalars(select(Batch).where(Batch.product_id == product_id))
        }
        order = list(
            await ctx.db.scalars(select(Batch.id).where(Batch.product_id == product_id).order_by(Batch.expires))
        )
        went = select(Movement).where(Movement.product_id == product_id, Movement.kind == MovementKind.ISSUE)
        assert handed_out <= BATCHES * IN_EACH, "more was handed out than there was"
        left = dict(at_first)
        for movement in await ctx.db.scalars(went.order_by(Movement.seq)):
            assert all(not left[id] for id in order[: order.index(movement.batch_id)]), (
                "an earlier batch was passed over"
            )
            left[movement.batch_id] += movement.quantity
            assert left[movement.batch_id] >= 0, "a batch gave more than it had"
        levels = await ctx.db.scalars(select(StockLevel).where(StockLevel.product_id == product_id))
        assert {level.batch_id: level.quantity for level in levels} == left, "shelf and ledger differ"
        assert await inventory.drift(ctx) == []


async def test_the_last_units_are_never_sold_twice_and_go_out_in_order(committed: Any) -> None:
    product_id = await stocked(committed)
    handed_out = await asyncio.wait_for(everybody_draws(committed, product_id, issued), 60)
    assert handed_out > BATCHES * IN_EACH - 5
    await judge(committed, product_id, handed_out)


async def test_the_judgement_finds_out_who_reads_first_and_writes_later(committed: Any) -> None:
    product_id = await stocked(committed)
    handed_out = await asyncio.wait_for(everybody_draws(committed, product_id, read_then_written), 60)
    with pytest.raises(AssertionError):
        await judge(committed, product_id, handed_out)


async def fifty_payments(
    application: Any, services: Any, key: Callable[[], str]
) -> tuple[list[httpx2.Response], list[Payment]]:
    """The same payment of one dollar, sent fifty times at once by a nervous till."""
    async with services.as_system("north", "test") as ctx:
        ctx.site = (await organizations.sites(ctx))[0].info
        line = ChargeLine("Consultation", D(1), D(100), "service")
        invoice = await billing.charge(ctx, patient_id=None, reference=None, lines=[line])
    before, application.state.services = application.state.services, services
    try:
        transport = httpx2.ASGITransport(application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://galen.test", timeout=60) as till:
            signed_in = await till.post("/api/v1/auth/login", json={"username": "ruth", "password": PASSWORD})
            till.headers["authorization"] = f"Bearer {signed_in.json()['access_token']}"
            where, said = f"/api/v1/billing/{invoice.id}/pay", {"method": "card", "amount": "1.00"}
            sent = [till.post(where, json=said, headers={"Idempotency-Key": key()}) for _ in range(50)]
            answers = await asyncio.gather(*sent)
    finally:
        application.state.services = before
    async with services.as_system("north", "test") as ctx:
        payments = list(await ctx.db.scalars(select(Payment).where(Payment.invoice_id == invoice.id)))
        paid = await ctx.get(Invoice, invoice.id)
        assert paid.paid == sum((p.amount for p in payments), D(0))
        assert await billing.unbalanced(ctx) == []
    return list(answers), payments


def one_payment(answers: list[httpx2.Response], payments: list[Payment]) -> None:
    assert len(payments) == 1
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert {answer.json()["number"] for answer in answers if answer.status_code == 201} == {payments[0].number}


async def test_a_payment_sent_fifty_times_with_one_key_is_one_payment(application: Any, committed: Any) -> None:
    once = str(uuid7())
    one_payment(*await fifty_payments(application, committed, lambda: once))


async def test_the_judgement_finds_out_that_each_had_a_key_of_its_own(application: Any, committed: Any) -> None:
    answers, payments = await fifty_payments(application, committed, lambda: str(uuid7()))
    with pytest.raises(AssertionError):
        one_payment(answers, payments)
