"""Writing a prescription: what is typed, what it becomes, what stands beside it."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from galen import encounters, patients, prescribing
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid, NotFound
from galen.core.finish import finish
from galen.encounters import VisitDraft
from galen.patients import AllergyDraft, Patient
from galen.prescribing import PrescriptionDraft, PrescriptionLineDraft, PrescriptionStatus, Reason
from galen.prescribing.schemas import OverrideDraft, PrescriptionChange
from galen.prescribing.service import edit
from galen.prescribing.service.drafting import NoDraft, OthersPrescription, VisitEnded

from .conftest import Write, product

AMOXICILLIN = "amoxicillin 500 mg capsule"


async def test_shorthand_becomes_plain_directions_and_a_quantity(write: Write) -> None:
    rx = await write((AMOXICILLIN, "1 cap tds pc x7/7"))
    (line,) = rx.lines
    assert line.directions == "Take 1 capsule 3 times a day after food for 7 days."
    assert (line.quantity, line.unit, line.typed) == (Decimal(21), "capsule", "1 cap tds pc x7/7")
    assert line.drug.startswith("amoxicillin 500 mg")
    assert rx.status is PrescriptionStatus.DRAFT


async def test_numbers_run_without_gaps(write: Write) -> None:
    first = await write((AMOXICILLIN, "1 cap tds x7/7"))
    second = await write((AMOXICILLIN, "1 cap tds x7/7"))
    assert int(second.number[2:]) == int(first.number[2:]) + 1


async def test_what_was_typed_as_quantity_counts(write: Write) -> None:
    rx = await write((AMOXICILLIN, "1 cap tds x7/7"), each={"quantity": Decimal(30)})
    assert rx.lines[0].quantity == 30


@pytest.mark.parametrize("typed", ["1 cap tds zqx", "cap", "1 cap aa", "10 mg os"])
async def test_directions_that_nobody_can_read_are_refused_beside_their_field(write: Write, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        await write((AMOXICILLIN, typed))
    assert refused.value.field == "lines.0.directions"


@pytest.mark.parametrize(
    "typed", ["1 cap into both eyes tds", "inhale 1 capsule tds", "1 cap in the left ear bd", "1 capsule nasally bd"]
)
async def test_a_capsule_goes_into_no_eye_ear_nose_or_lung(write: Write, typed: str) -> None:
    with pytest.raises(Invalid, match="cannot be given") as refused:
        await write((AMOXICILLIN, typed))
    assert refused.value.field == "lines.0.directions"


async def test_a_british_label_is_read_and_a_remark_is_printed_beside_it(write: Write) -> None:
    rx = await write(
        (AMOXICILLIN, "One To Be Taken Three Times A Day x 5 days"), ("paracetamol 500 mg tablet", "1 tab bd 5/7 mood")
    )
    assert [line.directions for line in rx.lines] == [
        "Take 1 capsule 3 times a day for 5 days.",
        "Take 1 tablet 2 times a day for 5 days. “mood”",
    ]
    assert [line.quantity for line in rx.lines] == [15, 10]


async def test_daily_methotrexate_is_refused(write: Write) -> None:
    with pytest.raises(Invalid, match="once a week"):
        await write(("methotrexate 10 mg tablet", "1 tab daily"))


async def test_two_medicines_are_checked_together(write: Write) -> None:
    rx = await write(("warfarin 5 mg tablet", "1 tab daily"), ("ibuprofen 400 mg tablet", "1 tab tds cc x5/7"))
    assert rx.report is not None
    assert rx.report.interrupting
    assert len(rx.lines) == 2


async def test_an_answer_is_kept_with_the_draft_and_a_stale_one_is_dropped(write: Write) -> None:
    lines = (("warfarin 5 mg tablet", "1 tab daily"), ("ibuprofen 400 mg tablet", "1 tab tds cc x5/7"))
    key = (await write(*lines)).report.interrupting[0].key
    answers = [OverrideDraft(key=key, reason=Reason.MONITORING), OverrideDraft(key="gone", reason=Reason.BENEFIT)]
    rx = await write(*lines, overrides=answers)
    assert [override.key for override in rx.overrides] == [key]
    assert rx.overrides[0].by_name == "Dr Ada Okafor"


async def test_a_warning_that_was_checked_is_not_merely_acknowledged(write: Write) -> None:
    lines = (("warfarin 5 mg tablet", "1 tab daily"), ("ibuprofen 400 mg tablet", "1 tab tds cc x5/7"))
    key = (await write(*lines)).report.interrupting[0].key
    with pytest.raises(Invalid, match="choose why"):
        await write(*lines, overrides=[OverrideDraft(key=key, reason=Reason.ACKNOWLEDGED)])


async def test_a_draft_is_written_anew(ada: Context, write: Write) -> None:
    rx = await write((AMOXICILLIN, "1 cap tds x7/7"), ("paracetamol 500 mg tablet", "2 tabs qid prn"))
    await ada.flush()
    line = PrescriptionLineDraft(product_id=(await product(ada, AMOXICILLIN)).id, directions="1 cap bd x5/7")
    await edit(ada, rx.id, PrescriptionChange(lines=[line], remark="Shorter"))
    await ada.flush()
    ada.db.expunge_all()
    again = await prescribing.prescription(ada, rx.id)
    assert [(line.position, line.quantity) for line in again.lines] == [(1, 10)]
    assert again.remark == "Shorter"


async def test_nobody_changes_anothers_draft(ada: Context, eve: Context, write: Write) -> None:
    rx = await write((AMOXICILLIN, "1 cap tds x7/7"))
    await ada.flush()
    line = PrescriptionLineDraft(product_id=rx.lines[0].product_id, directions="1 cap bd x5/7")
    with pytest.raises(OthersPrescription, match="Dr Ada Okafor"):
        await edit(eve, rx.id, PrescriptionChange(lines=[line]))


async def test_a_prescription_is_not_dated_back(write: Write) -> None:
    with pytest.raises(Invalid, match="dated back"):
        await write((AMOXICILLIN, "1 cap tds x7/7"), not_before=date(2026, 11, 1))


async def test_a_medicine_that_is_not_there_is_refused_beside_its_field(ada: Context, mara: Patient) -> None:
    line = PrescriptionLineDraft(product_id=uuid4(), directions="1 tab bd")
    with pytest.raises(Invalid) as refused:
        await prescribing.draft(ada, PrescriptionDraft(patient_id=mara.id, lines=[line]))
    assert refused.value.field == "lines.0.product_id"


async def test_a_patient_who_is_not_there_is_not_found(ada: Context, write: Write, mara: Patient) -> None:
    class Nobody:
        id = uuid4()

    with pytest.raises(NotFound):
        await write((AMOXICILLIN, "1 cap tds x7/7"), patient=Nobody)


async def test_a_visit_of_another_patient_or_one_that_is_over_is_refused(
    ada: Context, write: Write, mara: Patient, tom: Patient
) -> None:
    visit = await encounters.start_visit(ada, VisitDraft(patient_id=tom.id))
    with pytest.raises(Invalid, match="another patient"):
        await write((AMOXICILLIN, "1 cap tds x7/7"), visit_id=visit.id)
    await encounters.complete_visit(ada, visit.id)
    with pytest.raises(VisitEnded):
        await write((AMOXICILLIN, "1 cap tds x7/7"), patient=tom, visit_id=visit.id)


@pytest.mark.parametrize("who", ["nora", "ben", "ruth"])
async def test_only_doctors_write(who: str, acting, mara: Patient, ada: Context) -> None:
    ctx = await acting(who)
    line = PrescriptionLineDraft(product_id=(await product(ada, AMOXICILLIN)).id, directions="1 cap bd x5/7")
    with pytest.raises(Forbidden):
        await prescribing.draft(ctx, PrescriptionDraft(patient_id=mara.id, lines=[line]))


async def test_a_renewal_is_a_new_draft_that_names_its_origin(
    ada: Context, write: Write, signature, tom: Patient
) -> None:
    await patients.no_known_allergies(ada, tom.id)
    old = await write(("metformin 500 mg tablet", "1 tab bd cc"), patient=tom, each={"repeats": 5})
    await prescribing.sign(ada, old.id, signature())
    await finish(ada)
    ada.now += timedelta(days=90)
    new = await prescribing.renew(ada, old.id)
    assert (new.status, new.origin_id, new.number != old.number) == (PrescriptionStatus.DRAFT, old.id, True)
    assert [(line.typed, line.repeats) for line in new.lines] == [("1 tab bd cc", 5)]
    with pytest.raises(NoDraft, match="signed"):
        await edit(
            ada,
            old.id,
            PrescriptionChange(lines=[PrescriptionLineDraft(product_id=new.lines[0].product_id, directions="1 tab")]),
        )


async def test_an_allergy_interrupts(ada: Context, write: Write, mara: Patient) -> None:
    await patients.add_allergy(ada, mara.id, AllergyDraft(substance="penicillins", reaction="anaphylaxis"))
    await ada.flush()
    rx = await write((AMOXICILLIN, "1 cap tds x7/7"))
    assert rx.report.interrupting[0].allergy == "penicillins"
