"""What a doctor reads while writing, what saves typing, and the papers that lead back to the visit."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from galen import encounters
from galen.billing import Invoice
from galen.core.context import Context
from galen.core.errors import Conflict, NotFound
from galen.core.finish import finish
from galen.core.undo import UndoDraft
from galen.encounters import AmendmentDraft, DiagnosisDraft, Kept, NoteDraft, Visit, VisitDraft, VitalsDraft
from galen.encounters.schemas import VisitCancelDraft
from galen.encounters.service import notes_of, strike_diagnosis, strike_vitals, undo_diagnosis, visit_page
from galen.patients import ConditionDraft, CurrentMedicineDraft, Patient, add_condition, add_medicine
from galen.patients.schemas import StopDraft
from galen.patients.service import stop_medicine

pytestmark = pytest.mark.usefixtures("icd")
LONG = "macrogol 3350 with sodium chloride, sodium bicarbonate and potassium chloride powder 13.125 g"


async def earlier(ctx: Context, patient: Patient, ago: int, words: str, *codes: str) -> Visit:
    """A visit of some days ago, with a signed note."""
    now, ctx.now = ctx.now, ctx.now - timedelta(days=ago)
    visit = await encounters.start_visit(ctx, VisitDraft(patient_id=patient.id))
    await ctx.flush()
    for code in codes:
        await encounters.diagnose(ctx, visit.id, DiagnosisDraft(code=code))
    await encounters.record_vitals(ctx, visit.id, VitalsDraft(heart_rate=Decimal(60 + ago % 100)))
    await encounters.write_note(ctx, visit.id, NoteDraft(text=words, sign=True))
    await encounters.complete_visit(ctx, visit.id)
    await ctx.flush()
    ctx.now = now
    return visit


async def test_earlier_notes_are_the_latest_first_and_lead_to_all(ada: Context, mara: Patient, visit: Visit) -> None:
    for ago in range(20, 0, -1):
        await earlier(ada, mara, ago, f"Note of day {ago}", "I10")
    await encounters.write_note(ada, visit.id, NoteDraft(text="Of today", sign=True))
    beside = (await visit_page(ada, visit.id)).beside
    assert beside
    assert [entry.note.text for entry in beside.notes] == [f"Note of day {ago}" for ago in range(1, 6)]
    assert (beside.count, beside.notes[0].diagnoses) == (20, ["Essential (primary) hypertension"])
    first = await notes_of(ada, mara.id)
    rest = await notes_of(ada, mara.id, first.next)
    assert [entry.note.text for entry in [*first.items, *rest.items]] == [
        "Of today", *(f"Note of day {ago}" for ago in range(1, 21)),
    ]  # fmt: skip


async def test_an_amendment_stands_with_its_note_and_a_draft_stands_nowhere(
    ada: Context, mara: Patient, visit: Visit
) -> None:
    old = await earlier(ada, mara, 3, "Left knee.")
    (note,) = (await visit_page(ada, old.id)).page.notes
    await encounters.amend_note(ada, note.id, AmendmentDraft(text="Right knee.", reason="Wrong side"))
    await encounters.write_note(ada, visit.id, NoteDraft(text="Still thinking"))
    (entry,) = (await notes_of(ada, mara.id)).items
    assert [amendment.text for amendment in entry.amendments] == ["Right knee."]


async def test_what_is_taken_and_what_lasts_is_beside_the_note(ada: Context, mara: Patient, visit: Visit) -> None:
    medicines = [await add_medicine(ada, mara.id, CurrentMedicineDraft(text=f"medicine {n}")) for n in range(12)]
    await add_medicine(ada, mara.id, CurrentMedicineDraft(text=LONG))
    await add_condition(ada, mara.id, ConditionDraft(text="Asthma"))
    await ada.flush()
    await stop_medicine(ada, mara.id, medicines[0].id, StopDraft(reason="No effect"))
    await ada.flush()
    beside = (await visit_page(ada, visit.id)).beside
    assert beside
    texts = [medicine.text for medicine in beside.medicines]
    assert "medicine 0" not in texts and {"medicine 11", LONG} <= set(texts)
    assert "Asthma" in [condition.text for condition in beside.conditions]


async def test_the_page_shows_it_all_and_is_tidy_when_there_is_nothing(
    client, ada: Context, mara: Patient, visit: Visit
) -> None:
    await earlier(ada, mara, 2, "History:\nSlept badly.", "I10")
    await add_medicine(ada, mara.id, CurrentMedicineDraft(text=LONG))
    await finish(ada)
    page = await client("ada", page=True)
    text = (await page.get(f"/visits/{visit.id}")).text
    for words in ("On record", "macrogol", "Earlier notes", "Slept badly.", "Before, ", "62 /min", "Open this visit"):
        assert words in text.replace("\N{NO-BREAK SPACE}", " "), words
    every = (await page.get(f"/patients/{mara.id}/notes")).text
    assert "Slept badly." in every and "<b>QUILL</b>, Mara" in every


async def test_the_patient_reads_own_signed_notes_and_no_working_page(client, ada: Context, mara, tom, visit) -> None:
    await earlier(ada, mara, 2, "Slept badly.")
    await finish(ada)
    own = await client("mara", page=True)
    text = (await own.get(f"/visits/{visit.id}")).text
    for words in ("On record", "Recommended tests", "Earlier notes", "note-form"):
        assert words not in text
    assert "Slept badly." in (await own.get(f"/patients/{mara.id}/notes")).text
    assert (await own.get(f"/patients/{tom.id}/notes")).status_code == 404
    assert (await (await client("ruth")).get(f"/api/v1/patients/{mara.id}/notes")).status_code == 403


async def test_notes_of_nobody_are_not_found(ada: Context, visit: Visit) -> None:
    with pytest.raises(NotFound):
        await notes_of(ada, visit.id)


async def test_what_a_doctor_diagnoses_often_is_one_press_away(
    ada: Context, eve: Context, mara: Patient, tom: Patient, visit: Visit
) -> None:
    for ago, codes in ((400, ["B27.90"]), (9, ["J06.9"]), (8, ["I10"]), (7, ["I10", "E11.9"])):
        await earlier(ada, tom, ago, "Seen", *codes)
    wrong = await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="M10.9"))
    await strike_diagnosis(ada, wrong.id)
    await ada.flush()
    assert [code.code for code in (await visit_page(ada, visit.id)).often] == ["I10", "E11.9", "J06.9"]
    await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="I10"))
    await ada.flush()
    assert [code.code for code in (await visit_page(ada, visit.id)).often] == ["E11.9", "J06.9"]
    assert (await visit_page(eve, visit.id)).often == []  # of her own visits there is none


async def test_a_diagnosis_just_added_is_taken_back_by_whoever_added_it(
    ada: Context, eve: Context, visit: Visit
) -> None:
    made = await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="I10"))
    flash = ada.flashed
    await ada.flush()
    assert flash and flash.undo == "encounters.undo_diagnosis"
    with pytest.raises(Conflict):
        await undo_diagnosis(eve, made.id, UndoDraft(before=flash.before))
    assert made.status is Kept.RECORDED
    await undo_diagnosis(ada, made.id, UndoDraft(before=flash.before))
    assert (made.status, made.struck_by) == (Kept.ENTERED_IN_ERROR, "Dr Ada Okafor")


async def test_struck_measurements_are_struck_through_wherever_they_are_listed(
    client, ada: Context, visit: Visit
) -> None:
    wrong = await encounters.record_vitals(ada, visit.id, VitalsDraft(heart_rate=Decimal(144)))
    await encounters.record_vitals(ada, visit.id, VitalsDraft(heart_rate=Decimal(71)))
    await ada.flush()
    await strike_vitals(ada, wrong.id)
    await finish(ada)
    page = await client("ada", page=True)
    visit_text = (await page.get(f"/visits/{visit.id}")).text
    for text in (visit_text, (await page.get(f"/patients/{visit.patient_id}/vitals/new")).text):
        if text is not visit_text and "144" not in text:
            continue  # of another day by the client's clock
        struck = text.partition("144")[0].rpartition("<dd>")[2]
        assert "<s>" in struck and "entered in error" in text
        assert "<s>" not in text.partition(">71")[0].rpartition("<dd>")[2]


async def test_a_visit_is_cancelled_from_its_page(client, ada: Context, visit: Visit) -> None:
    await finish(ada)
    page = await client("ada", page=True)
    text = (await page.get(f"/visits/{visit.id}")).text
    assert f'hx-put="/visits/{visit.id}/cancellation"' in text
    answer = await page.put(f"/visits/{visit.id}/cancellation", data={"reason": "Left before"})
    assert answer.status_code == 303
    assert "Cancelled" in (await page.get(f"/visits/{visit.id}")).text


async def test_an_invoice_leads_back_to_its_visit_for_those_who_may_open_it(client, ada: Context, visit: Visit) -> None:
    await encounters.complete_visit(ada, visit.id)
    await finish(ada)
    invoice = await ada.db.scalar(select(Invoice).where(Invoice.reference_id == visit.id))
    assert invoice
    ruth = (await (await client("ruth", page=True)).get(f"/invoices/{invoice.id}")).text
    mara = (await (await client("mara", page=True)).get(f"/invoices/{invoice.id}")).text
    assert f'href="/patients/{visit.patient_id}"><bdi>' in ruth
    assert f'href="/visits/{visit.id}"' not in ruth and f'href="/visits/{visit.id}"' in mara


async def test_a_visit_that_is_cancelled_offers_nothing_to_put_in(ada: Context, visit: Visit) -> None:
    await encounters.cancel_visit(ada, visit.id, VisitCancelDraft(reason="Opened by mistake"))
    sheet = await visit_page(ada, visit.id)
    assert (sheet.templates, sheet.often) == ([], [])
