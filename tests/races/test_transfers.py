"""Many hands take in one transfer, and witness one destruction: it happens once."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import select

from galen import inventory, medicines, organizations
from galen.core.context import Context
from galen.core.errors import Refusal
from galen.core.finish import finish
from galen.inventory import BatchDraft, MovementKind, StockLevel, Transfer
from galen.inventory.models import TransferLine, TransferStatus
from galen.inventory.schemas import ArrivalDraft, TransferDraft
from galen.inventory.service import send_stock, take_in
from galen.inventory.service.moves import move
from galen.inventory.service.transfers import arrived_level

pytestmark = pytest.mark.race
D = Decimal
HANDS = 32


async def on_its_way(services):
    """Forty of ninety tablets, sent from the pharmacy to a second one."""
    async with services.as_system("north", "test") as ctx:
        ctx.site = (await organizations.pharmacies(ctx))[0].info
        part = medicines.PartDraft(name="zinc sulfate", strength="219 mg")
        product = await medicines.add_medicine(
            ctx, medicines.MedicineDraft(ingredients=[part], form="capsule", pack_size=D(30), price=D(9))
        )
        said = {"product_id": product.id, "number": "Z1", "expires": "2029-01", "packs": 3}
        batch = await inventory.receive(ctx, BatchDraft.model_validate(said))
        draft = organizations.SiteDraft(name="Hill Pharmacy", kind=organizations.SiteKind.PHARMACY)
        there = await organizations.add_site(ctx, draft)
        await ctx.flush()
        level_id = await ctx.db.scalar(select(StockLevel.id).where(StockLevel.batch_id == batch.id))
        said = {"to_site_id": there.id, "lines": [{"level_id": level_id, "quantity": 40}]}
        transfer = await send_stock(ctx, TransferDraft.model_validate(said))
        await finish(ctx)
        return transfer.id, product.id, there.info


async def carelessly(ctx: Context, transfer_id, _draft) -> Transfer:
    """The broken variant: it looks at the state, and nobody is kept from looking at the same time."""
    state = await ctx.db.scalar(select(Transfer.status).where(Transfer.id == transfer_id))
    if state is not TransferStatus.SENT:
        raise Refusal
    await asyncio.sleep(0.05)
    for line in await ctx.db.scalars(select(TransferLine).where(TransferLine.transfer_id == transfer_id)):
        level = await arrived_level(ctx, ctx.here.id, line)
        move(ctx, level, MovementKind.ARRIVE, line.quantity, "In", ("transfer", transfer_id))
    await finish(ctx)


async def taken_in_by_many(services, verb) -> Decimal:
    transfer_id, product_id, there = await on_its_way(services)

    async def hand() -> bool:
        try:
            async with services.as_system("north", "test") as ctx:
                ctx.site = there
                await verb(ctx, transfer_id, ArrivalDraft())
                return True
        except Exception:  # a refusal, or the database's own
            return False

    told = await asyncio.gather(*(hand() for _ in range(HANDS)))
    assert any(told)
    async with services.as_system("north", "test") as ctx:
        arrived = sum(
            await ctx.db.scalars(
                select(StockLevel.quantity).where(StockLevel.product_id == product_id, StockLevel.site_id == there.id)
            ),
            D(0),
        )
        if verb is take_in:
            assert told.count(True) == 1
            assert await inventory.drift(ctx) == []
    return arrived


async def test_of_32_hands_one_takes_it_in(committed):
    assert await taken_in_by_many(committed, take_in) == D(40)


async def test_looking_before_taking_in_takes_it_in_twice(committed):
    assert await taken_in_by_many(committed, carelessly) > D(40)
