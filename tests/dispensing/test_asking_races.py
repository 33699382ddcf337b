"""Asking, answering and dispensing at once: one effect, on the real database, with real commits."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from galen import dispensing, medicines, patients, prescribing
from galen.core.context import Context
from galen.core.errors import Conflict
from galen.demo import PASSWORD
from galen.dispensing import (
    AnswerDraft,
    Dispensing,
    DispensingDraft,
    DispensingStatus,
    Intervention,
    InterventionDraft,
    InterventionKind,
    InterventionStatus,
    PrescriberDecision,
    ReplyDraft,
    SupplyDraft,
    VerificationDraft,
    WhyIntervene,
)
from galen.dispensing.schemas import PharmacistReason
from galen.inventory import Movement
from galen.notifications import Message
from galen.prescribing import PrescriptionDraft, PrescriptionLineDraft, SignatureDraft

from .test_races import become

pytestmark = pytest.mark.race
YES = ReplyDraft(outcome=PrescriberDecision.AS_WRITTEN, words="As I wrote it")


def ask(line_id: UUID | None = None) -> InterventionDraft:
    about, why = InterventionKind.ASKED, WhyIntervene.DOSE
    return InterventionDraft(kind=about, reason=why, words="Is this dose meant?", line_id=line_id)


async def queued(services: Any, *, verified: bool = False) -> tuple[UUID, list[UUID]]:
    """Two lines that are on the shelf, signed and in the queue; their dispensing, and its lines."""
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ada")
        mara = (await patients.find_patients(ctx, "Quill"))[0]
        lines = []
        for words in ("paracetamol 500 mg tablet", "amlodipine 5 mg tablet"):
            product = (await medicines.find_medicines(ctx, words, limit=1))[0]
            lines.append(PrescriptionLineDraft(product_id=product.id, directions="1 tab od x5/7"))
        rx = await prescribing.draft(ctx, PrescriptionDraft(patient_id=mara.id, lines=lines))
        await prescribing.sign(ctx, rx.id, SignatureDraft(password=PASSWORD))
        rx_id = rx.id
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        record = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx_id))
        id, parts = record.id, [line.id for line in record.lines]
    if verified:
        async with services.as_system("north", "test") as ctx:
            await become(ctx, "ben")
            needed = (await dispensing.desk(ctx, id)).needed
            said = [AnswerDraft(key=asked.key, reason=PharmacistReason.TRAVEL, comment="Away") for asked in needed]
            await dispensing.verify(ctx, id, VerificationDraft(answers=said))
    return id, parts


async def does(services: Any, who: str, verb: Any, *given: Any) -> bool:
    """Whether it was done; a refusal is an answer too."""
    try:
        async with services.as_system("north", "test") as ctx:
            await become(ctx, who)
            await verb(ctx, *given)
    except Conflict:
        return False
    return True


async def counted(services: Any, kind: Any, *conditions: Any) -> int:
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        return await ctx.db.scalar(select(func.count()).select_from(kind).where(*conditions)) or 0


async def state_of(services: Any, id: UUID) -> DispensingStatus:
    async with services.as_system("north", "test") as ctx:
        await become(ctx, "ben")
        return (await ctx.get(Dispensing, id)).status


async def test_what_many_ask_is_asked_once_and_what_is_answered_twice_is_answered_once(committed: Any) -> None:
    id, _lines = await queued(committed)
    who = ("ben", "kim") * 8
    asked = await asyncio.gather(*(does(committed, name, dispensing.intervene, id, ask()) for name in who))
    assert sum(asked) == 1
    assert await counted(committed, Intervention, Intervention.dispensing_id == id) == 1
    async with committed.as_system("north", "test") as ctx:
        await become(ctx, "ada")
        question = await ctx.db.scalar(select(Intervention.id).where(Intervention.dispensing_id == id))
    answers = (YES, ReplyDraft(outcome=PrescriberDecision.CHANGED, words="A lower dose")) * 4
    said = await asyncio.gather(*(does(committed, "ada", dispensing.answer, question, reply) for reply in answers))
    assert sum(said) == 1
    assert await counted(committed, Message, Message.about == "pharmacy question") == 2  # one each way
    drafts = await counted(committed, prescribing.Prescription, prescribing.Prescription.origin_id.is_not(None))
    outcome = await counted(committed, Intervention, Intervention.outcome == PrescriberDecision.CHANGED)
    assert drafts == outcome


async def test_asked_or_dispensed_never_both(committed: Any) -> None:
    for _turn in range(3):
        id, _lines = await queued(committed, verified=True)
        done = await asyncio.gather(
            does(committed, "ben", dispensing.intervene, id, ask()),
            does(committed, "ben", dispensing.dispense, id, SupplyDraft()),
        )
        assert sum(done) == 1
        taken = await counted(committed, Movement, Movement.reference_id == id) > 0
        status = await state_of(committed, id)
        assert (status, taken) in ((DispensingStatus.ASKED, False), (DispensingStatus.DISPENSED, True))


async def asked_while_answered(services: Any) -> set[tuple[DispensingStatus, int]]:
    """One line is asked about while the question about the other is answered: how it stands, and what is open."""
    ended = set()
    for _turn in range(4):
        id, (first, second) = await queued(services)
        assert await does(services, "ben", dispensing.intervene, id, ask(first))
        async with services.as_system("north", "test") as ctx:
            await become(ctx, "ada")
            question = await ctx.db.scalar(select(Intervention.id).where(Intervention.dispensing_id == id))
        await asyncio.gather(
            does(services, "ada", dispensing.answer, question, YES),
            does(services, "ben", dispensing.intervene, id, ask(second)),
        )
        of_it = Intervention.dispensing_id == id, Intervention.status == InterventionStatus.OPEN
        ended.add((await state_of(services, id), await counted(services, Intervention, *of_it)))
    return ended


async def test_what_is_asked_while_another_answer_comes_waits_for_its_own(committed: Any) -> None:
    assert await asked_while_answered(committed) == {(DispensingStatus.ASKED, 1)}


async def test_without_the_lock_it_wakes_with_a_question_open(committed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: whoever asks looks at the dispensing and holds nothing until it has written."""

    async def unheld(ctx: Context, dispensing_id: UUID, **_: Any) -> Dispensing:
        seen = await ctx.get(Dispensing, dispensing_id)
        await asyncio.sleep(0.3)
        return seen

    monkeypatch.setattr("galen.dispensing.service.interventions.claimed", unheld)
    assert (DispensingStatus.WAITING, 1) in await asked_while_answered(committed)
