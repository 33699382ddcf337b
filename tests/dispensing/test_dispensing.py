"""From the signature to the patient's hands, through service functions."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from galen import billing, dispensing, inventory, medicines, organizations, patients, prescribing
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.core.finish import finish
from galen.core.state import CannotBecome
from galen.dispensing import (
    AnswerDraft,
    CollectedBy,
    CollectionDraft,
    Counselling,
    Dispensing,
    DispensingDraft,
    DispensingStatus,
    HoldDraft,
    ReversalDraft,
    SupplyDraft,
    SupplyLineDraft,
    TakeDraft,
    VerificationDraft,
    WhyChanged,
)
from galen.dispensing.refusals import (
    AlreadyTaken,
    Altered,
    Lapsed,
    NoSubstitution,
    NotAnswered,
    NotEquivalent,
    NothingLeft,
    NothingThere,
    NotVerified,
    OtherPharmacy,
    OwedPartFirst,
    SecondPerson,
    Stopped,
    WakeLater,
    WhereAreTheGoods,
    WhoCollects,
)
from galen.dispensing.rules import Tone
from galen.patients import AllergyDraft
from galen.prescribing import OverrideDraft
from galen.values.money import Money

from .conftest import Pharmacy, afresh

ALL, LOOKED = SupplyDraft(), VerificationDraft()
METFORMIN, CEFALEXIN, OXYCODONE = "metformin 500 mg tablet", "cefalexin 500 mg capsule", "oxycodone 5 mg tablet"


def of(product: Any, **more: Any) -> dict[str, Any]:
    return {"product_id": product.id, "directions": "1 bd", "quantity": Decimal(30), **more}


async def test_a_signed_prescription_waits_at_the_pharmacy_by_itself(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.product(METFORMIN)
    record = await pharmacy.queued(of(product, directions="1 tab bd", quantity=Decimal(60)))
    queue = await dispensing.worklist(ben)
    assert [(row.id, row.patient, row.medicines, row.status) for row in queue.items] == [
        (record.id, "QUILL, Mara", product.name, DispensingStatus.WAITING)
    ]
    assert queue.counts == {
        "waiting": 1,
        "verified": 0,
        "dispensed": 0,
        "held": 0,
        "asked": 0,
        "sent_back": 0,
    }
    assert (record.lines[0].days, record.supply, record.two_persons, record.site_id) == (30, 1, False, None)


async def test_hearing_of_a_signature_twice_makes_no_second_dispensing(pharmacy: Pharmacy, system: Context) -> None:
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    await dispensing.service.receive(system, record.prescription_id)
    await finish(system)
    again = await dispensing.enqueue(pharmacy.ben, DispensingDraft(prescription_id=record.prescription_id))
    assert again.id == record.id
    assert await pharmacy.ben.db.scalar(select(func.count()).select_from(Dispensing)) == 1


async def test_two_batches_first_expired_first_with_charge_and_prescription(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("LATE", 40, 300), ("SOON", 12, 90))
    record = await pharmacy.verified(of(product, directions="1 cap tds", quantity=Decimal(21)))
    record = await dispensing.dispense(ben, record.id, ALL)
    assert [(item.batch, item.quantity) for item in record.items] == [("SOON", Decimal(12)), ("LATE", Decimal(9))]
    assert await pharmacy.on_hand(product) == Decimal(31)
    (invoice,) = await billing.invoices_for(ben, ("dispensing", record.id))
    assert (record.invoice_id, len(invoice.lines), invoice.lines[0].quantity) == (invoice.id, 1, Decimal(21))
    assert invoice.total == Money.rounded(product.unit_price * 21, "AUD").amount
    rx = await ben.get(prescribing.Prescription, record.prescription_id)
    assert (record.status, rx.status) == (DispensingStatus.DISPENSED, prescribing.PrescriptionStatus.DISPENSED)
    record = await dispensing.hand_over(
        ben, record.id, CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)
    )
    assert (record.status, record.handed_by) == (DispensingStatus.COLLECTED, "Ben Adeyemi")
    (entry,) = await dispensing.service.story(ben, record.patient_id)
    assert entry.title == "Dispensed cefaLEXin 500 mg capsule"
    assert entry.detail == "Collected: 12 capsules, batch SOON; 9 capsules, batch LATE"


async def test_a_batch_that_ends_before_the_course_is_left_while_another_suffices(
    pharmacy: Pharmacy, ben: Context
) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("SHORT", 40, 3), ("LONG", 40, 300))
    record = await pharmacy.verified(of(product, directions="1 cap tds", quantity=Decimal(21)))
    record = await dispensing.dispense(ben, record.id, ALL)
    assert [(item.batch, item.short_dated) for item in record.items] == [("LONG", False)]


async def test_a_batch_that_ends_before_the_course_is_marked_when_it_is_the_only_one(
    pharmacy: Pharmacy, ben: Context
) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("SHORT", 40, 3))
    record = await pharmacy.verified(of(product, directions="1 cap tds", quantity=Decimal(21)))
    record = await dispensing.dispense(ben, record.id, ALL)
    assert [(item.batch, item.short_dated) for item in record.items] == [("SHORT", True)]


async def test_nothing_is_dispensed_or_handed_over_before_its_turn(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 40, 300))
    record = await pharmacy.queued(of(product))
    with pytest.raises(NotVerified, match="A pharmacist verifies it first; it is waiting"):
        await dispensing.dispense(ben, record.id, ALL)
    with pytest.raises(CannotBecome):
        await dispensing.hand_over(
            ben, record.id, CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)
        )
    assert await pharmacy.on_hand(product) == Decimal(40)
    assert await billing.invoices_for(ben, ("dispensing", record.id)) == []


async def test_what_was_verified_yesterday_is_verified_again(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 40, 300))
    record = await pharmacy.verified(of(product))
    ben.now += timedelta(days=1)
    with pytest.raises(Lapsed):
        await dispensing.dispense(ben, record.id, ALL)
    await dispensing.verify(ben, record.id, LOOKED)
    assert (await dispensing.dispense(ben, record.id, ALL)).status is DispensingStatus.DISPENSED


async def test_two_pharmacists_never_have_the_same_one(pharmacy: Pharmacy, ben: Context, kim: Context) -> None:
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    await dispensing.take(ben, record.id, TakeDraft())
    for work in (dispensing.take(kim, record.id, TakeDraft()), dispensing.verify(kim, record.id, LOOKED)):
        with pytest.raises(AlreadyTaken, match="Ben Adeyemi is working on this since 11:30"):
            await work
    id = record.id
    afresh(kim)
    assert (await dispensing.take(kim, id, TakeDraft(over=True))).taken_name == "Kim Sørensen"


async def test_who_does_not_work_in_the_pharmacy_neither_sees_nor_does_it(
    pharmacy: Pharmacy, ada: Context, ruth: Context
) -> None:
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    for work in (
        dispensing.worklist(ruth),
        dispensing.verify(ada, record.id, LOOKED),
        dispensing.dispense(ada, record.id, ALL),
    ):
        with pytest.raises(Forbidden):
            await work


async def test_less_than_prescribed_is_refused_and_leaves_everything_as_it_was(
    pharmacy: Pharmacy, ben: Context
) -> None:
    enough = await pharmacy.stocked(CEFALEXIN, ("A", 40, 300))
    short = await pharmacy.stocked(METFORMIN, ("B", 10, 300))
    record = await pharmacy.verified(of(enough), of(short))
    id = record.id
    async with pharmacy.refused(ben, inventory.OutOfStock, "Only 10 of 30"):
        await dispensing.dispense(ben, id, ALL)
    record = await ben.get(Dispensing, id)
    assert (record.status, record.items) == (DispensingStatus.VERIFIED, [])
    assert (await pharmacy.on_hand(enough), await pharmacy.on_hand(short)) == (Decimal(40), Decimal(10))
    assert await billing.invoices_for(ben, ("dispensing", id)) == []


async def test_what_is_short_is_owed_and_completed_at_the_old_price(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(METFORMIN, ("A", 16, 300))
    record = await pharmacy.verified(of(product))
    record = await dispensing.dispense(ben, record.id, SupplyDraft(owe=True))
    assert [(line.supplied, line.owed) for line in record.lines] == [(Decimal(16), Decimal(14))]
    rx = await ben.get(prescribing.Prescription, record.prescription_id)
    assert rx.status is prescribing.PrescriptionStatus.PARTLY_DISPENSED
    old, product.price = product.unit_price, product.price * 2
    await inventory.receive(
        ben,
        inventory.BatchDraft(
            product_id=product.id, number="B", expires=ben.today + timedelta(days=90), units=Decimal(100)
        ),
    )
    rest = await dispensing.enqueue(ben, DispensingDraft(prescription_id=rx.id))
    assert (rest.owes_id, rest.part, rest.lines[0].quantity) == (record.id, 2, Decimal(14))
    await dispensing.verify(ben, rest.id, LOOKED)
    rest = await dispensing.dispense(ben, rest.id, ALL)
    (invoice,) = await billing.invoices_for(ben, ("dispensing", rest.id))
    assert invoice.total == Money.rounded(old * 14, "AUD").amount
    rx = await ben.get(prescribing.Prescription, record.prescription_id)
    assert rx.status is prescribing.PrescriptionStatus.DISPENSED
    with pytest.raises(OwedPartFirst, match=rest.number):
        await dispensing.reverse(ben, record.id, ReversalDraft(reason="Wrong patient"))


async def test_owing_needs_agreement_and_something_to_give(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.product(METFORMIN)
    record = await pharmacy.verified(of(product))
    with pytest.raises(Invalid, match="agree to owe the rest"):
        wish = SupplyLineDraft(line_id=record.lines[0].id, quantity=Decimal(3))
        await dispensing.dispense(ben, record.id, SupplyDraft(lines=[wish]))
    with pytest.raises(NothingThere):
        await dispensing.dispense(ben, record.id, SupplyDraft(owe=True))


async def test_undo_before_hand_over_restores_stock_money_and_prescription(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("SOON", 12, 90), ("LATE", 40, 300))
    record = await pharmacy.verified(of(product))
    await dispensing.dispense(ben, record.id, ALL)
    record = await dispensing.reverse(ben, record.id, ReversalDraft(reason="Wrong strength picked"))
    assert (record.status, record.prepared_by, record.invoice_id) == (DispensingStatus.VERIFIED, None, None)
    assert await pharmacy.on_hand(product) == Decimal(52)
    assert sorted(await pharmacy.movements(record)) == [
        ("issue", Decimal(-18)), ("issue", Decimal(-12)), ("reversal", Decimal(12)), ("reversal", Decimal(18)),
    ]  # fmt: skip
    (invoice,) = await billing.invoices_for(ben, ("dispensing", record.id))
    assert (invoice.status, invoice.credited) == (billing.InvoiceStatus.VOID, invoice.total)
    assert await billing.unbalanced(ben) == []
    rx = await ben.get(prescribing.Prescription, record.prescription_id)
    assert rx.status is prescribing.PrescriptionStatus.SIGNED
    assert record.given == []
    record = await dispensing.dispense(ben, record.id, ALL)
    assert [item.quantity for item in record.given] == [Decimal(12), Decimal(18)]
    assert await pharmacy.on_hand(product) == Decimal(22)


async def test_a_second_hand_over_does_not_replace_who_collected(
    pharmacy: Pharmacy, ben: Context, kim: Context
) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 40, 300))
    handed = await pharmacy.verified(of(product))
    await dispensing.dispense(ben, handed.id, ALL)
    await dispensing.hand_over(
        ben,
        handed.id,
        CollectionDraft(
            collected_by=CollectedBy.OTHER,
            counselling=Counselling.DECLINED,
            collector="Tom Quill",
            document="P 1234567",
        ),
    )
    with pytest.raises(CannotBecome):
        await dispensing.hand_over(
            kim,
            handed.id,
            CollectionDraft(
                collected_by=CollectedBy.OTHER,
                counselling=Counselling.DECLINED,
                collector="Somebody Else",
                document="X 1",
            ),
        )
    kept = await ben.get(dispensing.Dispensing, handed.id)
    assert (kept.collector, kept.collector_document, kept.handed_by) == ("Tom Quill", "P 1234567", ben.actor.name)


async def test_what_was_handed_over_does_not_return_to_the_shelf(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 40, 300))
    record = await pharmacy.verified(of(product))
    await dispensing.dispense(ben, record.id, ALL)
    await dispensing.hand_over(
        ben, record.id, CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)
    )
    with pytest.raises(WhereAreTheGoods):
        await dispensing.reverse(ben, record.id, ReversalDraft(reason="Brought back"))
    record = await dispensing.reverse(ben, record.id, ReversalDraft(reason="Brought back", goods="destroyed"))
    assert (record.status, record.ended_because) == (DispensingStatus.REVERSED, "Brought back (goods: destroyed)")
    assert await pharmacy.on_hand(product) == Decimal(10)
    again = await dispensing.enqueue(ben, DispensingDraft(prescription_id=record.prescription_id))
    assert (again.supply, again.part, again.status) == (1, 1, DispensingStatus.WAITING)


@pytest.mark.parametrize(
    "altered",
    [
        "line SET quantity = 300",
        "line SET directions = 'Take 10 capsules'",
        "line SET drug = 'morphine'",
        "line SET repeats = 9",
        "line SET substitution = false",
        "prescription SET valid_until = '2099-01-01'",
        "prescription SET signer_name = 'Dr Nobody'",
        "prescription SET remark = 'urgent'",
        "prescription SET content_hash = 'abc'",
    ],
)
async def test_an_altered_prescription_is_refused_at_every_step(pharmacy: Pharmacy, ben: Context, altered: str) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 400, 300))
    record = await pharmacy.verified(of(product))
    id, column = record.id, "prescription_id" if altered.startswith("line") else "id"
    await ben.db.execute(text(f"UPDATE {altered} WHERE {column} = :rx"), {"rx": record.prescription_id})
    screen = await dispensing.desk(afresh(ben), id)
    assert [check.title for check in screen.stopped] == ["Altered since it was signed"]
    async with pharmacy.refused(ben, Altered):
        await dispensing.dispense(ben, id, ALL)
    async with pharmacy.refused(ben, Altered):
        await dispensing.verify(ben, id, LOOKED)
    assert await pharmacy.on_hand(product) == Decimal(400)
    assert await billing.invoices_for(ben, ("dispensing", id)) == []


async def test_more_than_prescribed_is_never_given(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 400, 300))
    record = await pharmacy.verified(of(product))
    for line_id, quantity, words in (
        (record.lines[0].id, 31, "At most 30"),
        (product.id, 30, "not part of the dispensing"),
    ):
        wish = SupplyLineDraft(line_id=line_id, quantity=Decimal(quantity))
        with pytest.raises(Invalid, match=words):
            await dispensing.dispense(ben, record.id, SupplyDraft(lines=[wish]))
    assert await pharmacy.on_hand(product) == Decimal(400)


async def test_one_person_may_not_do_both_where_two_are_required(
    pharmacy: Pharmacy, ben: Context, kim: Context
) -> None:
    await address_of(pharmacy)
    product = await pharmacy.stocked(OXYCODONE, ("A", 40, 300))
    record = await pharmacy.verified(of(product, directions="1 tab q6h prn", quantity=Decimal(10)))
    assert (record.controlled, record.two_persons) == (True, True)
    id = record.id
    async with pharmacy.refused(ben, SecondPerson):
        await dispensing.dispense(ben, id, ALL)
    assert await pharmacy.on_hand(product) == Decimal(40)
    raw = "UPDATE dispensing SET prepared_by = verified_by WHERE id = :id"
    with pytest.raises(IntegrityError, match="dispensing_two_persons_check"):
        async with ben.db.begin_nested():
            await ben.db.execute(text(raw), {"id": id})
    record = await dispensing.dispense(kim, id, ALL)
    assert (record.verified_name, record.prepared_name) == ("Ben Adeyemi", "Kim Sørensen")
    with pytest.raises(WhoCollects):
        await dispensing.hand_over(
            kim,
            record.id,
            CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.DECLINED, collector="Mara Quill"),
        )
    record = await dispensing.hand_over(
        kim,
        record.id,
        CollectionDraft(
            collected_by=CollectedBy.PATIENT,
            counselling=Counselling.DECLINED,
            collector="Mara Quill",
            document="Passport N1234567",
        ),
    )
    assert record.status is DispensingStatus.COLLECTED


async def address_of(pharmacy: Pharmacy) -> None:
    """A controlled medicine needs the patient's address on the prescription; the cast's Mara has one."""
    assert pharmacy.mara.street


async def test_an_organisation_may_require_two_persons_for_everything(pharmacy: Pharmacy, iris: Context) -> None:
    await dispensing.service.set_policy(iris, dispensing.schemas.PolicyDraft(two_persons_always=True))
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    assert (record.controlled, record.two_persons) == (False, True)


async def test_an_overridden_warning_shows_again_and_needs_the_pharmacists_own_answer(
    pharmacy: Pharmacy, ben: Context, ada: Context
) -> None:
    await patients.add_allergy(
        ada, pharmacy.mara.id, AllergyDraft(substance="penicillin", reaction="rash", severity="severe")
    )
    product = await pharmacy.product("amoxicillin 500 mg capsule")
    line = of(product, directions="1 cap tds", quantity=Decimal(15))
    draft = await prescribing.draft(
        ada,
        prescribing.PrescriptionDraft(patient_id=pharmacy.mara.id, lines=[prescribing.PrescriptionLineDraft(**line)]),
    )
    keys = [alert.key for alert in draft.report.interrupting]
    assert keys
    over = tuple(
        OverrideDraft(key=key, reason=prescribing.Reason.DOUBTFUL, comment="Childhood rash only") for key in keys
    )
    record = await pharmacy.queued(line, overrides=over)
    screen = await dispensing.desk(ben, record.id)
    assert [(q.key, q.needed, q.overridden.comment) for q in screen.questions if q.overridden] == [
        (key, True, "Childhood rash only") for key in keys
    ]
    with pytest.raises(NotAnswered) as refused:
        await dispensing.verify(ben, record.id, LOOKED)
    assert refused.value.about["keys"] == keys
    answers = [AnswerDraft(key=key, reason="confirmed", comment="Spoke to Dr Okafor") for key in keys]
    record = await dispensing.verify(ben, record.id, VerificationDraft(answers=answers))
    assert [(a["key"], a["reason"], a["by"]) for a in record.answers] == [
        (key, "confirmed", "Ben Adeyemi") for key in keys
    ]


async def test_a_safety_check_that_fails_is_shown_and_needs_an_answer(
    pharmacy: Pharmacy, ben: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))

    def broken(*_: object) -> None:
        raise RuntimeError("knowledge is damaged")

    monkeypatch.setattr("galen.safety.service.knowledge_of", broken)
    screen = await dispensing.desk(ben, record.id)
    assert [q.title for q in screen.questions] == ["The safety check could not be done: nothing was checked."]
    with pytest.raises(NotAnswered):
        await dispensing.verify(ben, record.id, LOOKED)
    said = [AnswerDraft(key="failed", reason="checked", comment="")]
    assert (
        await dispensing.verify(ben, record.id, VerificationDraft(answers=said))
    ).status is DispensingStatus.VERIFIED


async def test_a_repeat_that_comes_too_soon_names_its_day_and_needs_a_reason(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(METFORMIN, ("A", 400, 700))
    record = await pharmacy.verified(of(product, directions="1 tab bd", quantity=Decimal(60), repeats=1))
    await dispensing.dispense(ben, record.id, ALL)
    ben.now += timedelta(days=10)
    second = await dispensing.enqueue(ben, DispensingDraft(prescription_id=record.prescription_id))
    assert (second.supply, second.of) == (2, "Repeat 1")
    screen = await dispensing.desk(ben, second.id)
    (question,) = screen.questions
    assert question.title == f"Too early: {product.name} is due 14 Dec 2026, 33 % used"
    assert question.because == "Last supplied 20 Nov 2026, lasts 30 days; 80 % of that is 24 days."
    with pytest.raises(NotAnswered, match="Too early"):
        await dispensing.verify(ben, second.id, LOOKED)
    travel = AnswerDraft(key=question.key, reason="travel", comment="")
    await dispensing.verify(ben, second.id, VerificationDraft(answers=[travel]))
    await dispensing.dispense(ben, second.id, ALL)
    rx = await ben.get(prescribing.Prescription, record.prescription_id)
    assert rx.status is prescribing.PrescriptionStatus.DISPENSED
    with pytest.raises(NothingLeft, match="2 of 2 supplies were given"):
        await dispensing.enqueue(ben, DispensingDraft(prescription_id=rx.id))


async def test_an_expired_prescription_is_not_supplied(pharmacy: Pharmacy, ben: Context) -> None:
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    ben.now += timedelta(days=366)
    with pytest.raises(Stopped, match="Expired on 20 Nov 2027"):
        await dispensing.verify(ben, record.id, LOOKED)


async def test_a_tablet_that_goes_into_an_eye_is_neither_verified_nor_supplied(
    pharmacy: Pharmacy, ben: Context
) -> None:
    product = await pharmacy.stocked(METFORMIN, ("EYE-1", 100, 400))
    waiting, ready = await pharmacy.queued(of(product)), await pharmacy.verified(of(product))
    for record in (waiting, ready):
        record.lines[
            0
        ].directions = "Put 1 tablet into both eyes 3 times a day for 5 days."  # signed by an earlier version
    screen = await dispensing.desk(ben, waiting.id)
    assert [check.key for check in screen.checks if check.tone is Tone.STOP] == ["directions"]
    with pytest.raises(Stopped, match="A tablet cannot be given into an eye"):
        await dispensing.verify(ben, waiting.id, LOOKED)
    with pytest.raises(Stopped, match="speak to the prescriber"):
        await dispensing.dispense(ben, ready.id, ALL)
    assert (waiting.status, ready.status) == (DispensingStatus.WAITING, DispensingStatus.VERIFIED)
    assert (await inventory.on_hand(ben, [product.id]))[product.id] == 100


async def test_another_brand_only_of_the_same_medicine_and_where_allowed(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.product(METFORMIN)
    other = await pharmacy.product(CEFALEXIN)
    free, fixed = await pharmacy.verified(of(product)), await pharmacy.verified(of(product, substitution=False))
    for record, refusal in ((free, NotEquivalent), (fixed, NoSubstitution)):
        wish = SupplyLineDraft(line_id=record.lines[0].id, product_id=other.id, reason=WhyChanged.NOT_IN_STOCK)
        with pytest.raises(refusal):
            await dispensing.dispense(ben, record.id, SupplyDraft(lines=[wish]))


async def test_a_cancelled_prescription_leaves_the_queue(pharmacy: Pharmacy, ada: Context, ben: Context) -> None:
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    await prescribing.cancel(
        ada, record.prescription_id, prescribing.schemas.PrescriptionCancelDraft(reason="Changed to another")
    )
    await pharmacy.catch_up()
    id = record.id
    record = await afresh(ben).get(Dispensing, id)
    assert (record.status, record.ended_because) == (DispensingStatus.CANCELLED, "The prescription was cancelled")
    assert (await dispensing.worklist(ben)).items == []


async def test_what_is_held_wakes_on_its_day(pharmacy: Pharmacy, ben: Context, system: Context) -> None:
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    with pytest.raises(WakeLater):
        await dispensing.hold(ben, record.id, HoldDraft(reason="Not in stock", wake_on=ben.today - timedelta(days=1)))
    record = await dispensing.hold(
        ben, record.id, HoldDraft(reason="Not in stock", wake_on=ben.today + timedelta(days=2))
    )
    assert (record.status, record.taken_by) == (DispensingStatus.HELD, None)
    assert await dispensing.service.wake(system) == 0
    system.now += timedelta(days=2)
    assert await dispensing.service.wake(system) == 1
    await finish(system)
    id = record.id
    assert (await afresh(ben).get(Dispensing, id)).status is DispensingStatus.WAITING


async def test_what_waits_on_an_expired_prescription_leaves_the_queue(
    pharmacy: Pharmacy, ben: Context, system: Context
) -> None:
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    assert await dispensing.service.clear_expired(system) == 0
    rx = await system.get(prescribing.Prescription, record.prescription_id, lock=True)
    rx.status = prescribing.PrescriptionStatus.EXPIRED
    await finish(system)
    assert await dispensing.service.clear_expired(system) == 1
    await finish(system)
    assert (await dispensing.worklist(ben)).items == []


async def test_whoever_took_it_may_leave_it_to_a_colleague(pharmacy: Pharmacy, ben: Context, kim: Context) -> None:
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    await dispensing.take(ben, record.id, TakeDraft())
    record = await dispensing.service.release(ben, record.id)
    assert (record.taken_by, record.taken_name) == (None, "")
    assert (await dispensing.take(kim, record.id, TakeDraft())).taken_name == "Kim Sørensen"


async def test_what_another_pharmacy_took_is_not_worked_on_here(
    pharmacy: Pharmacy, ben: Context, kim: Context, iris: Context
) -> None:
    other = await organizations.add_site(
        iris,
        organizations.SiteDraft(name="Hill Pharmacy", kind=organizations.SiteKind.PHARMACY, zone="Australia/Sydney"),
    )
    record = await pharmacy.queued(of(await pharmacy.product(METFORMIN)))
    kim.site = other.info
    assert [row.id for row in (await dispensing.worklist(kim)).items] == [record.id]
    await dispensing.take(ben, record.id, TakeDraft())
    assert (await dispensing.worklist(kim)).items == []
    with pytest.raises(OtherPharmacy):
        await dispensing.take(kim, record.id, TakeDraft(over=True))


async def test_going_on_with_what_was_held_needs_a_new_verification(pharmacy: Pharmacy, ben: Context) -> None:
    record = await pharmacy.verified(of(await pharmacy.product(METFORMIN)))
    await dispensing.hold(ben, record.id, HoldDraft(reason="Ask the prescriber", wake_on=ben.today + timedelta(days=1)))
    record = await dispensing.resume(ben, record.id)
    assert (record.status, record.held_because, record.wake_on) == (DispensingStatus.WAITING, "", None)
    with pytest.raises(NotVerified):
        await dispensing.dispense(ben, record.id, ALL)


async def test_the_same_medicine_under_another_brand_may_be_given(
    pharmacy: Pharmacy, ben: Context, iris: Context
) -> None:
    product = await pharmacy.product(METFORMIN)
    part = medicines.PartDraft(name=product.generic, strength=product.strength)
    draft = medicines.MedicineDraft(
        ingredients=[part],
        brand="Glucohex",
        form=product.form,
        route=product.route,
        pack_size=Decimal(100),
        price=Decimal(9),
    )
    other = await medicines.add_medicine(ben, draft)
    expires = ben.today + timedelta(days=300)
    await inventory.receive(
        ben, inventory.BatchDraft(product_id=other.id, number="G", expires=expires, units=Decimal(100))
    )
    record = await pharmacy.verified(of(product))
    wish = SupplyLineDraft(line_id=record.lines[0].line_id, product_id=other.id, reason=WhyChanged.PRICE)
    record = await dispensing.dispense(ben, record.id, SupplyDraft(lines=[wish]))
    assert [(line.product_id, line.substituted) for line in record.lines] == [(other.id, True)]
    assert await pharmacy.on_hand(other) == Decimal(70)


async def test_an_answer_called_other_says_which() -> None:
    with pytest.raises(ValueError, match="Write which other reason"):
        AnswerDraft(key="x", reason="other")
