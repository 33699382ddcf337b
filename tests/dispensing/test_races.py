"""Two pharmacists, one prescription: on the real database, with real commits."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from galen import dispensing, identity, inventory, medicines, organizations, patients, prescribing
from galen.core.actor import Actor
from galen.core.context import Context
from galen.core.errors import Conflict
from galen.demo import PASSWORD
from galen.dispensing import Dispensing, DispensingDraft, SupplyDraft, TakeDraft, VerificationDraft
from galen.inventory import Movement
from galen.prescribing import PrescriptionDraft, PrescriptionLineDraft, SignatureDraft

pytestmark = pytest.mark.race


async def become(ctx: Context, username: str) -> Context:
    account = (await ctx.db.scalars(select(identity.Account).where(identity.Account.username == username))).one()
    place = await organizations.site(ctx, account.site_id)
    permissions = identity.permissions_of(account.roles)
    ctx.actor, ctx.site = Actor(account.id, account.name, "staff", permissions, tuple(account.roles)), place.info
    return ctx


async def prescribed(services: Any) -> tuple[UUID, UUID]:
    """A signed prescription of what is on the shelf, and its medicine."""
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ada")
        product = (await medicines.find_medicines(ctx, "paracetamol 500 mg tablet", limit=1))[0]
        mara = (await patients.find_patients(ctx, "Quill"))[0]
        line = PrescriptionLineDraft(product_id=product.id, directions="1 tab bd x5/7")
        rx = await prescribing.draft(ctx, PrescriptionDraft(patient_id=mara.id, lines=[line]))
        await prescribing.sign(ctx, rx.id, SignatureDraft(password=PASSWORD))
        return rx.id, product.id


async def all_at_once(services: Any, number: int, does: Any) -> list[Any]:
    async def once(turn: int) -> Any:
        try:
            async with services.as_system("north", "test") as ctx:
                await become(ctx, "ben" if turn % 2 else "kim")
                return await does(ctx)
        except Conflict as refusal:
            return refusal

    return list(await asyncio.gather(*(once(turn) for turn in range(number))))


async def test_one_signature_heard_by_many_makes_one_dispensing(committed: Any) -> None:
    rx_id, _ = await prescribed(committed)
    made = await all_at_once(committed, 16, lambda ctx: dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx_id)))
    assert len({record.id for record in made}) == 1
    async with committed.as_system("north", "test") as ctx:
        assert await ctx.db.scalar(select(func.count()).where(Dispensing.prescription_id == rx_id)) == 1


async def test_what_many_take_one_has_and_what_many_dispense_is_given_once(committed: Any) -> None:
    rx_id, product_id = await prescribed(committed)
    async with committed.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        record = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx_id))
        before = (await inventory.on_hand(ctx, [product_id]))[product_id]
    taken = await all_at_once(committed, 16, lambda ctx: dispensing.take(ctx, record.id, TakeDraft()))
    owners = {answer.taken_name for answer in taken if isinstance(answer, Dispensing)}
    assert len(owners) == 1
    owner = "ben" if owners == {"Ben Adeyemi"} else "kim"
    async with committed.as_system("north", "test") as ctx:
        await become(ctx, owner)
        await dispensing.verify(ctx, record.id, VerificationDraft())
    given = await all_at_once(committed, 16, lambda ctx: dispensing.dispense(ctx, record.id, SupplyDraft()))
    assert len([answer for answer in given if isinstance(answer, Dispensing)]) == 1
    async with committed.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        moved = select(func.sum(Movement.quantity)).where(Movement.reference_id == record.id)
        assert await ctx.db.scalar(moved) == -10
        assert before - (await inventory.on_hand(ctx, [product_id]))[product_id] == 10
