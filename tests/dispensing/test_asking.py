"""The pharmacist asks, sends back or refuses; what waits for the prescriber is not given, and wakes by the answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from galen import dispensing, notifications, prescribing
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden
from galen.core.finish import finish
from galen.core.gate import CATALOGUE
from galen.dispensing import (
    Dispensing,
    DispensingDraft,
    DispensingStatus,
    Intervention,
    InterventionDraft,
    InterventionKind,
    InterventionStatus,
    PolicyDraft,
    PrescriberDecision,
    ReplyDraft,
    SupplyDraft,
    VerificationDraft,
    WhyIntervene,
)
from galen.dispensing.refusals import (
    AnsweredAlready,
    AskedAlready,
    EndedByPrescriber,
    LineRefused,
    NotHeld,
    NothingToAnswer,
    NotToAsk,
    NotToTakeBack,
    NotYourPrescription,
    RefusedHere,
)
from galen.prescribing import Prescription, PrescriptionStatus

from .conftest import Pharmacy, afresh

CEFALEXIN, AMLODIPINE = "cefalexin 500 mg capsule", "amlodipine 5 mg tablet"
ASK, BACK, REFUSE = InterventionKind.ASKED, InterventionKind.SENT_BACK, InterventionKind.REFUSED
Open = Callable[..., Awaitable[Any]]


def asking(kind: InterventionKind = ASK, **more: Any) -> InterventionDraft:
    return InterventionDraft(kind=kind, reason=WhyIntervene.DOSE, words="Is 500 mg meant for her weight?", **more)


def reply(outcome: PrescriberDecision = PrescriberDecision.AS_WRITTEN) -> ReplyDraft:
    return ReplyDraft(outcome=outcome, words="Yes, as I wrote it")


@dataclass(frozen=True)
class Item:
    """What is queued, by ids: a refusal is rolled back, and what was loaded before is forgotten."""

    id: UUID
    prescription_id: UUID
    lines: list[tuple[UUID, UUID, str]]  # its id, the prescription line's, the drug

    @classmethod
    def of(cls, record: Dispensing) -> "Item":
        return cls(record.id, record.prescription_id, [(line.id, line.line_id, line.drug) for line in record.lines])


async def asked(ctx: Context, record: Item, draft: InterventionDraft | None = None) -> Intervention:
    return await dispensing.intervene(ctx, record.id, draft or asking())


async def status_of(ctx: Context, record: Item) -> DispensingStatus:
    return (await afresh(ctx).get(Dispensing, record.id)).status


async def one_line(pharmacy: Pharmacy) -> Item:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    line = {"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(21), "repeats": 2}
    return Item.of(await pharmacy.queued(line))


async def two_lines(pharmacy: Pharmacy) -> Item:
    first = await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    second = await pharmacy.product(AMLODIPINE)
    return Item.of(
        await pharmacy.queued(
            {"product_id": first.id, "directions": "1 cap tds", "quantity": Decimal(21)},
            {"product_id": second.id, "directions": "1 tab od", "quantity": Decimal(30)},
        )
    )


@pytest.mark.parametrize(("kind", "status"), [(ASK, DispensingStatus.ASKED), (BACK, DispensingStatus.SENT_BACK)])
@pytest.mark.parametrize("verified", [False, True])
async def test_what_is_asked_is_not_dispensed_and_wakes_by_the_answer(
    pharmacy: Pharmacy, ben: Context, ada: Context, kind: InterventionKind, status: DispensingStatus, verified: bool
) -> None:
    record = await one_line(pharmacy)
    if verified:
        await dispensing.verify(ben, record.id, VerificationDraft())
    question = await asked(ben, record, asking(kind))
    id, title = question.id, question.title
    assert question.asked_name == "Ben Adeyemi"
    assert await status_of(ben, record) is status
    (row,) = (await dispensing.worklist(ben)).items
    assert (row.status, row.asked, row.overdue) == (status, title, False)
    for verb, draft in ((dispensing.dispense, SupplyDraft()), (dispensing.verify, VerificationDraft())):
        async with pharmacy.refused(ben, Conflict):
            await verb(ben, record.id, draft)
    async with pharmacy.refused(ben, NotHeld):
        await dispensing.resume(ben, record.id)
    said = await dispensing.answer(ada, id, reply())
    assert (said.status, said.answer) == (InterventionStatus.ANSWERED, "Yes, as I wrote it")
    assert await status_of(ben, record) is DispensingStatus.WAITING
    desk = await dispensing.desk(ben, record.id)
    assert [(one.outcome, one.answer) for one in desk.asking] == [(PrescriberDecision.AS_WRITTEN, "Yes, as I wrote it")]
    assert (await dispensing.worklist(ben)).items[0].asked == "Answered: Dispense as written"
    await dispensing.verify(ben, record.id, VerificationDraft())
    assert (await dispensing.dispense(ben, record.id, SupplyDraft())).supplied


async def test_both_are_told_by_a_message_whose_subject_names_nobody(
    pharmacy: Pharmacy, ben: Context, ada: Context
) -> None:
    record = await one_line(pharmacy)
    question = (await asked(ben, record)).id
    await dispensing.answer(ada, question, reply())
    await ada.flush()
    query = select(notifications.Message).where(notifications.Message.about == "pharmacy question")
    sent = list(await ada.db.scalars(query.order_by(notifications.Message.id)))
    assert {message.account_id for message in sent} == {ada.actor.id, ben.actor.id}
    assert all("Quill" not in message.subject and "cefalexin" not in message.subject for message in sent)
    assert any("Is 500 mg meant for her weight?" in message.text for message in sent)


async def test_the_database_dispenses_nothing_while_a_question_is_open(pharmacy: Pharmacy, ben: Context) -> None:
    record = await one_line(pharmacy)
    await asked(ben, record)
    await finish(ben)
    await ben.flush()
    async with ben.db.begin_nested() as savepoint:
        with pytest.raises(IntegrityError, match="still open"):
            await ben.db.execute(text(f"UPDATE dispensing SET status = 'waiting' WHERE id = '{record.id}'"))
            await ben.db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        await savepoint.rollback()


async def test_what_is_asked_of_two_lines_waits_for_both_answers(
    pharmacy: Pharmacy, ben: Context, ada: Context
) -> None:
    record = await two_lines(pharmacy)
    (first, _asked, drug), (second, second_asked, _drug) = record.lines
    one = await asked(ben, record, asking(line_id=first))
    other = await asked(ben, record, asking(line_id=second_asked))
    assert (one.drug, other.dispensing_line_id) == (drug, second)
    ids = one.id, other.id
    async with pharmacy.refused(ben, AskedAlready, match="Ben Adeyemi has asked about this already"):
        await asked(ben, record, asking(line_id=first))
    await dispensing.answer(ada, ids[0], reply())
    assert await status_of(ben, record) is DispensingStatus.ASKED
    await dispensing.answer(ada, ids[1], reply())
    assert await status_of(ben, record) is DispensingStatus.WAITING


async def test_only_the_prescriber_answers_and_once(
    pharmacy: Pharmacy, ben: Context, ada: Context, eve: Context
) -> None:
    record = await one_line(pharmacy)
    question = (await asked(ben, record)).id
    async with pharmacy.refused(eve, NotYourPrescription, match="Only Dr Ada Okafor"):
        await dispensing.answer(eve, question, reply())
    async with pharmacy.refused(ben, Forbidden):
        await dispensing.answer(ben, question, reply())
    await dispensing.answer(ada, question, reply())
    async with pharmacy.refused(ada, AnsweredAlready, match="Dr Ada Okafor: Dispense as written"):
        await dispensing.answer(ada, question, reply(PrescriberDecision.CANCELLED))


async def test_changed_is_a_new_draft_and_the_old_prescription_has_ended(
    pharmacy: Pharmacy, ben: Context, ada: Context
) -> None:
    record = await one_line(pharmacy)
    question = (await asked(ben, record)).id
    said = await dispensing.answer(ada, question, reply(PrescriberDecision.CHANGED))
    assert said.replacement_id and said.then == str(said.replacement_id)
    new = await ada.get(Prescription, said.replacement_id)
    old = await ada.get(Prescription, record.prescription_id)
    assert (new.status, new.origin_id, old.status) == (PrescriptionStatus.DRAFT, old.id, PrescriptionStatus.CANCELLED)
    replaced, replacement = await afresh(ben).get(Dispensing, record.id), said.replacement_id
    assert (replaced.status, replaced.ended_because) == (DispensingStatus.CANCELLED, "A new prescription replaces it")
    await prescribing.sign(ada, replacement, prescribing.SignatureDraft(password="try-galen-today"))  # type: ignore[arg-type]
    await pharmacy.catch_up()
    (row,) = (await dispensing.worklist(ben)).items
    desk = await dispensing.desk(ben, row.id)
    assert (desk.prescription.id, [one.id for one in desk.asking]) == (replacement, [question])


async def test_cancelled_ends_it(pharmacy: Pharmacy, ben: Context, ada: Context) -> None:
    record = await one_line(pharmacy)
    question = (await asked(ben, record)).id
    await dispensing.answer(ada, question, reply(PrescriberDecision.CANCELLED))
    assert await status_of(ben, record) is DispensingStatus.CANCELLED
    assert (await ada.get(Prescription, record.prescription_id)).status is PrescriptionStatus.CANCELLED


async def test_of_a_repeat_the_rest_is_stopped_and_what_was_given_stands(
    pharmacy: Pharmacy, ben: Context, ada: Context
) -> None:
    first = await one_line(pharmacy)
    await dispensing.verify(ben, first.id, VerificationDraft())
    await dispensing.dispense(ben, first.id, SupplyDraft())
    again = Item.of(await dispensing.enqueue(ben, DispensingDraft(prescription_id=first.prescription_id)))
    question = (await asked(ben, again)).id
    await dispensing.answer(ada, question, reply(PrescriberDecision.CANCELLED))
    assert await status_of(ben, first) is DispensingStatus.DISPENSED
    assert await status_of(ben, again) is DispensingStatus.CANCELLED
    async with pharmacy.refused(ben, EndedByPrescriber, match="Cancelled: do not dispense it"):
        await dispensing.enqueue(ben, DispensingDraft(prescription_id=first.prescription_id))


async def test_refused_is_the_end_unless_it_is_taken_back(pharmacy: Pharmacy, ben: Context, ada: Context) -> None:
    record = await one_line(pharmacy)
    refusal = await asked(ben, record, asking(REFUSE))
    refused, told = refusal.id, refusal.status
    mara = pharmacy.mara.id
    assert (await status_of(ben, record), told) == (DispensingStatus.REFUSED, InterventionStatus.TOLD)
    assert (await dispensing.worklist(ben)).items == []
    async with pharmacy.refused(ben, RefusedHere, match="Dose or strength in doubt"):
        await dispensing.enqueue(ben, DispensingDraft(prescription_id=record.prescription_id))
    async with pharmacy.refused(ada, NothingToAnswer):
        await dispensing.answer(ada, refused, reply())
    story = [entry.title for entry in await CATALOGUE["dispensing.asked_story"](ada, mara)]
    assert story == ["The pharmacy refused cefaLEXin 500 mg capsule"]
    withdraw = CATALOGUE["dispensing.withdraw"]
    await withdraw(ben, refused)
    assert await status_of(ben, record) is DispensingStatus.WAITING
    async with pharmacy.refused(ben, NotToTakeBack):
        await withdraw(ben, refused)


async def test_one_line_refused_leaves_the_other_and_nothing_of_it_is_given_owed_or_charged(
    pharmacy: Pharmacy, ben: Context
) -> None:
    record = await two_lines(pharmacy)
    refused = record.lines[1][0]
    await asked(ben, record, asking(REFUSE, line_id=refused))
    async with pharmacy.refused(ben, LineRefused):
        await asked(ben, record, asking(line_id=refused))
    assert await status_of(ben, record) is DispensingStatus.WAITING
    await dispensing.verify(ben, record.id, VerificationDraft())
    given = await dispensing.dispense(ben, record.id, SupplyDraft())
    assert [(line.refused, line.supplied, line.owed) for line in given.lines] == [(False, 21, 0), (True, 0, 0)]
    assert (await ben.get(Prescription, record.prescription_id)).status is PrescriptionStatus.DISPENSED
    assert {item.dispensing_line_id for item in given.items} == {record.lines[0][0]}


async def test_with_its_last_line_all_of_it_is_refused(pharmacy: Pharmacy, ben: Context) -> None:
    record = await two_lines(pharmacy)
    for line, _asked, _drug in record.lines:
        await asked(ben, record, asking(REFUSE, line_id=line))
    assert await status_of(ben, record) is DispensingStatus.REFUSED


async def test_a_question_is_withdrawn_and_an_answer_taken_back_while_nothing_came_of_it(
    pharmacy: Pharmacy, ben: Context, ada: Context
) -> None:
    record = await one_line(pharmacy)
    question = (await asked(ben, record)).id
    await CATALOGUE["dispensing.withdraw"](ben, question)
    assert await status_of(ben, record) is DispensingStatus.WAITING
    question = (await asked(ben, record)).id
    await dispensing.answer(ada, question, reply())
    reopen = CATALOGUE["dispensing.reopen_question"]
    assert (await reopen(ada, question)).status is InterventionStatus.OPEN
    assert await status_of(ben, record) is DispensingStatus.ASKED
    await dispensing.answer(ada, question, reply())
    afresh(ben)
    await dispensing.verify(ben, record.id, VerificationDraft())
    async with pharmacy.refused(ada, NotToTakeBack):
        await reopen(ada, question)


async def test_what_is_dispensed_is_undone_before_it_is_asked_about(pharmacy: Pharmacy, ben: Context) -> None:
    record = await one_line(pharmacy)
    await dispensing.verify(ben, record.id, VerificationDraft())
    await dispensing.dispense(ben, record.id, SupplyDraft())
    async with pharmacy.refused(ben, NotToAsk, match="undone first"):
        await asked(ben, record)


@pytest.mark.parametrize(("hours", "after", "overdue"), [(24, 23, False), (24, 25, True), (2, 3, True), (72, 25, 0)])
async def test_a_question_is_overdue_after_the_hours_of_the_policy(
    pharmacy: Pharmacy, ben: Context, max: Context, hours: int, after: int, overdue: bool
) -> None:
    await dispensing.set_policy(max, PolicyDraft(answer_hours=hours))
    record = await one_line(pharmacy)
    await asked(ben, record)
    ben.now += timedelta(hours=after)
    listed = await CATALOGUE["dispensing.asked_questions"](ben)
    assert (len(listed.open), listed.overdue) == (1, int(overdue))
    assert [row.overdue for row in (await dispensing.worklist(ben)).items] == [overdue]


async def test_a_cancelled_prescription_asks_nothing_any_more(pharmacy: Pharmacy, ben: Context, ada: Context) -> None:
    record = await one_line(pharmacy)
    question = (await asked(ben, record)).id
    await prescribing.cancel(ada, record.prescription_id, prescribing.PrescriptionCancelDraft(reason="Written twice"))
    await pharmacy.catch_up()
    assert (await CATALOGUE["dispensing.to_answer"](ada)).open == []
    async with pharmacy.refused(ada, NothingToAnswer):
        await dispensing.answer(ada, question, reply())


async def test_asked_at_the_desk_answered_on_the_prescription_seen_on_the_chart(
    pharmacy: Pharmacy, client: Open
) -> None:
    record = await one_line(pharmacy)
    await finish(pharmacy.ben)
    rx = record.prescription_id
    ben, ada = await client("ben", page=True), await client("ada", page=True)
    desk = f"/dispensing/{record.id}"
    form = {"kind": "asked", "reason": "allergy", "words": "She had a rash in May"}
    empty = await ben.post(f"{desk}/interventions", data={"kind": "asked"}, headers={"hx-request": "true"})
    assert empty.status_code == 422
    answer = await ben.post(f"{desk}/interventions", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, desk), answer.text
    for page, words in (
        (desk, "She had a rash in May"),
        ("/dispensing", "Question: Allergy or intolerance"),
        ("/dispensing/questions", "1 waits for an answer"),
    ):
        assert words in (await ben.get(page)).text, page
    for page in (
        "/home/pharmacy-questions",
        f"/patients/{pharmacy.mara.id}/pharmacy-questions",
        f"/prescriptions/{rx}",
    ):
        assert "She had a rash in May" in (await ada.get(page)).text, page
    assert "Answer the pharmacy" in (await ada.get(f"/prescriptions/{rx}")).text
    assert "Answer the pharmacy" not in (await ben.get(f"/prescriptions/{rx}")).text
    (question,) = (await (await client("ben")).get(f"/api/v1{desk}/interventions")).json()
    said = {"outcome": "as written", "words": "That was the washing powder"}
    answer = await ada.post(f"/interventions/{question['id']}/answer", data=said)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/prescriptions/{rx}"), answer.text
    page = (await ben.get(desk)).text
    assert "That was the washing powder" in page and "Verify" in page
