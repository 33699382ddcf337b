"""Allergies, conditions, medicines, immunisations: known, none known, not asked; entered in error, never deleted."""

from datetime import date

import pytest
from pydantic import ValidationError

from galen import patients
from galen.core.errors import Forbidden, Invalid, NotFound
from galen.patients import AllergyDraft, AllergyState, ConditionDraft, CurrentMedicineDraft, ImmunisationDraft
from galen.patients.schemas import EndDraft, StopDraft
from galen.patients.service import (
    allergies,
    conditions,
    current_medicines,
    end_condition,
    immunisations,
    resolve_allergy,
    stop_medicine,
    strike_allergy,
    strike_condition,
    strike_immunisation,
    strike_medicine,
)
from galen.patients.service.clinical import AllergiesKnown, AllergyOnRecord

PENICILLINS = AllergyDraft(substance="penicillins", reaction="rash", severity="moderate")


async def test_an_allergy_makes_the_state_known_and_shows_in_the_banner(ada, mara):
    allergy = await patients.add_allergy(ada, mara.id, PENICILLINS)
    shown = await patients.banner(ada, mara.id)
    assert shown.allergy_state == "known"
    assert [(a.substance, a.reaction) for a in shown.allergies] == [("penicillins", "rash")]
    assert allergy.noted_on == date(2026, 11, 20)


async def test_the_same_allergy_is_not_recorded_twice(ada, mara):
    await patients.add_allergy(ada, mara.id, PENICILLINS)
    with pytest.raises(AllergyOnRecord):
        await patients.add_allergy(ada, mara.id, AllergyDraft(substance="Penicillins"))
    assert len(await allergies(ada, mara.id)) == 1


async def test_none_known_is_a_statement_that_contradicts_no_allergy(ada, mara):
    assert (await patients.no_known_allergies(ada, mara.id)).allergy_state is AllergyState.NONE_KNOWN
    await patients.add_allergy(ada, mara.id, PENICILLINS)
    with pytest.raises(AllergiesKnown, match="penicillins"):
        await patients.no_known_allergies(ada, mara.id)
    assert (await patients.open_patient(ada, mara.id)).allergy_state is AllergyState.KNOWN


@pytest.mark.parametrize(("settle", "left"), [(resolve_allergy, 1), (strike_allergy, 0)])
async def test_when_the_last_allergy_goes_the_person_is_asked_again(ada, mara, settle, left):
    allergy = await patients.add_allergy(ada, mara.id, PENICILLINS)
    await settle(ada, mara.id, allergy.id)
    assert (await patients.open_patient(ada, mara.id)).allergy_state is AllergyState.NOT_ASKED
    assert len(await allergies(ada, mara.id)) == left
    assert (await patients.banner(ada, mara.id)).allergies == []


async def test_another_active_allergy_keeps_the_state_known(ada, mara):
    first = await patients.add_allergy(ada, mara.id, PENICILLINS)
    await patients.add_allergy(ada, mara.id, AllergyDraft(substance="latex", kind="environment"))
    await strike_allergy(ada, mara.id, first.id)
    assert (await patients.open_patient(ada, mara.id)).allergy_state is AllergyState.KNOWN


async def test_what_belongs_to_another_patient_is_not_found(ada, mara, tom):
    allergy = await patients.add_allergy(ada, mara.id, PENICILLINS)
    condition = await patients.add_condition(ada, mara.id, ConditionDraft(text="Asthma"))
    with pytest.raises(NotFound):
        await resolve_allergy(ada, tom.id, allergy.id)
    with pytest.raises(NotFound):
        await strike_condition(ada, tom.id, condition.id)
    assert [c.entered_in_error for c in await conditions(ada, mara.id)] == [False]


async def test_a_condition_ends_after_it_began(ada, mara):
    condition = await patients.add_condition(ada, mara.id, ConditionDraft(text="Asthma", since=date(2020, 1, 2)))
    with pytest.raises(Invalid):
        await end_condition(ada, mara.id, condition.id, EndDraft(until=date(2019, 1, 1)))
    await end_condition(ada, mara.id, condition.id, EndDraft())
    assert [(c.text, c.until) for c in await conditions(ada, mara.id)] == [("Asthma", ada.today)]
    await strike_condition(ada, mara.id, condition.id)
    assert await conditions(ada, mara.id) == []


async def test_a_medicine_is_stopped_with_a_reason(ada, mara):
    taken = await patients.add_medicine(
        ada, mara.id, CurrentMedicineDraft(text="metformin 500 mg tablet", ingredient="metformin")
    )
    assert taken.since == ada.today
    stopped = await stop_medicine(ada, mara.id, taken.id, StopDraft(reason="nausea"))
    assert (stopped.until, stopped.reason_stopped) == (ada.today, "nausea")
    wrong = await patients.add_medicine(ada, mara.id, CurrentMedicineDraft(text="insulin"))
    await strike_medicine(ada, mara.id, wrong.id)
    assert [m.text for m in await current_medicines(ada, mara.id)] == ["metformin 500 mg tablet"]


async def test_a_vaccine_is_not_given_tomorrow(ada, mara):
    with pytest.raises(Invalid, match="not come yet"):
        await patients.add_immunisation(
            ada, mara.id, ImmunisationDraft(vaccine="Influenza", given_on=date(2026, 11, 21))
        )
    given = await patients.add_immunisation(ada, mara.id, ImmunisationDraft(vaccine="Influenza", batch="A1"))
    assert [(i.vaccine, i.given_on) for i in await immunisations(ada, mara.id)] == [("Influenza", ada.today)]
    await strike_immunisation(ada, mara.id, given.id)
    assert await immunisations(ada, mara.id) == []


def test_an_end_before_its_beginning_is_no_draft():
    with pytest.raises(ValidationError, match="The end is before the beginning"):
        ConditionDraft(text="Asthma", since=date(2026, 2, 1), until=date(2026, 1, 1))


async def test_the_reception_desk_sees_no_clinical_lists(ruth, client, mara):
    for verb in (allergies, conditions, current_medicines, immunisations):
        with pytest.raises(Forbidden):
            await verb(ruth, mara.id)
    desk = await client("ruth", page=True)
    page = (await desk.get(f"/patients/{mara.id}")).text
    assert "Allergies not asked" in page
    assert "Current medicines" not in page and "Add allergy" not in page


async def test_over_the_api_an_allergy_is_written_read_and_struck(client, mara):
    ada, path = await client("ada"), f"/api/v1/patients/{mara.id}/allergies"
    made = await ada.post(path, json={"substance": "latex", "kind": "environment", "severity": "severe"})
    assert (made.status_code, made.json()["status"]) == (201, "active")
    assert (await ada.put(f"{path}/{made.json()['id']}/resolution")).json()["status"] == "resolved"
    assert (await ada.delete(f"{path}/{made.json()['id']}")).json()["status"] == "entered_in_error"
    again = await ada.put(f"{path}/{made.json()['id']}/resolution")
    assert again.status_code == 409
    assert (await ada.get(path)).json() == []


@pytest.mark.parametrize("form", ["allergies", "conditions", "medicines", "immunisations"])
async def test_the_forms_name_the_patient_they_are_about(client, mara, form):
    ada = await client("ada", page=True)
    page = await ada.get(f"/patients/{mara.id}/{form}/new")
    assert page.status_code == 200
    assert "<b>QUILL</b>, Mara" in page.text


async def test_stopping_a_medicine_has_a_page(client, ada, mara):
    taken = await patients.add_medicine(ada, mara.id, CurrentMedicineDraft(text="metformin 500 mg tablet"))
    doctor = await client("ada", page=True)
    page = await doctor.get(f"/patients/{mara.id}/medicines/{taken.id}/end")
    assert "metformin 500 mg tablet" in page.text
    done = await doctor.put(f"/patients/{mara.id}/medicines/{taken.id}/end", data={"reason": "nausea"})
    assert (done.status_code, done.headers["location"]) == (303, f"/patients/{mara.id}")
    chart = await doctor.get(f"/patients/{mara.id}")
    assert "Stopped (1)" in chart.text
