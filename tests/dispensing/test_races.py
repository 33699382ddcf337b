"""Two pharmacists, one prescription: on the real database, with real commits."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from galen import dispensing, identity, inventory, medicines, organizations, patients, prescribing
from galen.core.actor import Actor
from galen.core.context import Context
from galen.core.errors import Conflict
from galen.demo import PASSWORD
from galen.dispensing import (
    Dispensing,
    DispensingDraft,
    PackCheck,
    ScanDraft,
    SupplyDraft,
    TakeDraft,
    VerificationDraft,
)
from galen.dispensing.schemas import AnswerDraft, PharmacistReason
from galen.dispensing.service.packs import packs_of
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


async def scanned_and_dispensed(services: Any) -> list[tuple[str, str]]:
    """A pack of something else is scanned in one tab while the other dispenses; what stood at last, round by round."""
    ended = []
    for _turn in range(6):
        rx_id, product_id = await prescribed(services)
        async with services.as_system("north", "test") as ctx:
            await become(ctx, "ben")
            record = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx_id))
            needed = (await dispensing.desk(ctx, record.id)).needed  # the same patient was supplied before
            said = [AnswerDraft(key=asked.key, reason=PharmacistReason.TRAVEL, comment="Away") for asked in needed]
            await dispensing.verify(ctx, record.id, VerificationDraft(answers=said))
            right = (await medicines.open_medicine(ctx, product_id)).codes[0]
            other = (await medicines.find_medicines(ctx, "amlodipine 5 mg tablet", limit=1))[0]
            wrong = (await medicines.open_medicine(ctx, other.id)).codes[0]
        async with services.as_system("north", "test") as ctx:
            await become(ctx, "ben")
            await dispensing.check_pack(ctx, record.id, ScanDraft(code=right))

        async def does(verb: Any, draft: Any, id: UUID = record.id) -> None:
            with contextlib.suppress(Conflict):
                async with services.as_system("north", "test") as ctx:
                    await become(ctx, "ben")
                    await verb(ctx, id, draft)

        await asyncio.gather(
            does(dispensing.dispense_at_desk, SupplyDraft()), does(dispensing.check_pack, ScanDraft(code=wrong))
        )
        async with services.as_system("north", "test") as ctx:
            status = await ctx.db.scalar(select(Dispensing.status).where(Dispensing.id == record.id))
            last = select(PackCheck.outcome).where(PackCheck.dispensing_id == record.id)
            outcome = await ctx.db.scalar(last.order_by(PackCheck.position.desc()).limit(1))
            ended.append((str(status), outcome.value if outcome else ""))
    return ended


async def test_what_is_dispensed_was_not_found_wrong_meanwhile(committed: Any) -> None:
    ended = await scanned_and_dispensed(committed)
    assert {("dispensed", "match"), ("verified", "wrong product")} >= set(ended)


async def test_without_the_lock_a_wrong_pack_is_dispensed(committed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: the scan looks at the dispensing, and holds nothing until it has written."""

    async def unheld(ctx: Context, dispensing_id: UUID) -> tuple[Dispensing, list[PackCheck]]:
        seen = await ctx.get(Dispensing, dispensing_id)
        packs = await packs_of(ctx, seen)
        await asyncio.sleep(0.5)
        return seen, packs

    monkeypatch.setattr("galen.dispensing.service.packs.at_packs", unheld)
    assert ("dispensed", "wrong product") in await scanned_and_dispensed(committed)
