"""What a doctor, a nurse and a patient see of visits."""

import pytest

from galen import encounters, scheduling
from galen.core.context import Context
from galen.core.finish import finish
from galen.encounters import DiagnosisDraft, NoteDraft, Visit, VitalsDraft
from galen.patients import Patient

pytestmark = pytest.mark.usefixtures("icd")


async def test_the_visit_page_has_banner_and_everything_recorded(client, ada: Context, visit: Visit) -> None:
    await encounters.record_vitals(ada, visit.id, VitalsDraft(systolic=182, diastolic=96))
    await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="I10"))
    await encounters.write_note(ada, visit.id, NoteDraft(text="Rest and fluids.", sign=True))
    await finish(ada)
    text = (await (await client("ada", page=True)).get(f"/visits/{visit.id}")).text
    for words in (
        "<b>QUILL</b>, Mara",
        "182/96",
        "critically high",
        "Essential (primary) hypertension",
        "Rest and fluids.",
    ):
        assert words in text
    for action in ("/complete", "Keep measurements", "Add diagnosis", "Sign note", "Prescribe"):
        assert action in text


async def test_forms_answer_with_a_fresh_form_and_the_sections_refresh_themselves(
    client, ada: Context, visit: Visit
) -> None:
    await finish(ada)
    page = await client("ada", page=True)
    headers = {"hx-request": "true", "hx-target": "div#vitals-form"}
    answer = await page.post(
        f"/visits/{visit.id}/vitals", data={"heart_rate": "72", "temperature": ""}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert "visit-changed" in answer.headers["hx-trigger"]
    assert "Kept." in answer.text and "<html" not in answer.text
    section = await page.get(f"/visits/{visit.id}", headers={"hx-request": "true", "hx-target": "div#vitals"})
    assert "72" in section.text and "<html" not in section.text


async def test_a_wrong_value_is_said_beside_its_field(client, ada: Context, visit: Visit) -> None:
    await finish(ada)
    page = await client("ada", page=True)
    headers = {"hx-request": "true", "hx-target": "div#vitals-form"}
    answer = await page.post(f"/visits/{visit.id}/vitals", data={"heart_rate": "720"}, headers=headers)
    assert answer.status_code == 422
    assert 'id="error--heart_rate"' in answer.text and "must be from 20 to 300" in answer.text


async def test_a_note_is_kept_as_draft_and_signed_from_the_page(client, ada: Context, visit: Visit) -> None:
    await finish(ada)
    page = await client("ada", page=True)
    headers = {"hx-request": "true", "hx-target": "div#note-form"}
    kept = await page.post(f"/visits/{visit.id}/notes", data={"text": "Knee pain"}, headers=headers)
    assert "waits for your signature" in kept.text and "Knee pain" in kept.text
    signed = await page.post(f"/visits/{visit.id}/notes", data={"text": "Knee pain", "sign": "true"}, headers=headers)
    assert "Signed." in signed.text


async def test_completing_leads_back_to_the_sealed_page(client, ada: Context, visit: Visit) -> None:
    await finish(ada)
    page = await client("ada", page=True)
    answer = await page.post(f"/visits/{visit.id}/complete")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/visits/{visit.id}")
    text = (await page.get(f"/visits/{visit.id}")).text
    assert "Completed" in text and "Keep measurements" not in text


async def test_the_doctors_home_says_who_is_next_and_what_is_unsigned(
    client, ada: Context, visit: Visit, tom: Patient
) -> None:
    await encounters.write_note(ada, visit.id, NoteDraft(text="Unfinished"))
    await finish(ada)
    own = await scheduling.practitioner_of_actor(ada)
    here = {"patient_id": str(tom.id), "practitioner_id": str(own.id)}
    assert (await (await client("ruth")).post("/api/v1/queue/walk-in", json=here)).status_code == 201
    assert (await (await client("ada")).post("/api/v1/queue/next", json={})).status_code == 201
    text = (await (await client("ada", page=True)).get("/")).text
    for words in ("Start visit", "BRIGHT", "Go on with QUILL", "Notes to sign"):
        assert words in text


async def test_the_chart_shows_visits_vitals_and_the_story(client, ada: Context, visit: Visit) -> None:
    for rate in (72, 75):
        await encounters.record_vitals(ada, visit.id, VitalsDraft(heart_rate=rate))
    await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="I10"))
    await finish(ada)
    text = (await (await client("ada", page=True)).get(f"/patients/{visit.patient_id}")).text
    for words in ("Visit with Dr Ada Okafor", "data-chart", "Essential (primary) hypertension"):
        assert words in text


async def test_a_patient_sees_the_own_visit_without_anything_to_press(client, ada: Context, visit: Visit) -> None:
    await finish(ada)
    text = (await (await client("mara", page=True)).get(f"/visits/{visit.id}")).text
    assert "<b>QUILL</b>, Mara" in text
    for action in ("/complete", "Keep measurements", "Add diagnosis", "Sign note"):
        assert action not in text
