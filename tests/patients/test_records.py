"""Registering, changing, archiving: what is written down, what is refused, who changed it."""

import asyncio
import re
from datetime import date

import pytest
from sqlalchemy import select

from galen import patients
from galen.core.audit import AuditEntry
from galen.core.errors import Forbidden, Invalid
from galen.patients import AllergyState, Patient, PatientDraft, Sex
from galen.patients.schemas import PatientChange, PatientEdit
from galen.patients.service import ChangedMeanwhile, archive, change_patient, edit_patient, restore


def whole(patient: Patient, **changes: object) -> PatientEdit:
    return PatientEdit(family=patient.family, given=patient.given, sex=patient.sex, born=str(patient.birth), **changes)


async def test_registering_gives_a_record_number_and_keys_to_be_found_by(ruth):
    new = await patients.register(
        ruth, PatientDraft(family="Łuksza", given="Ó Súilleabháin", born="1980-05", phone="0412 345 678")
    )
    assert (new.country, new.phone_e164) == ("", "+61412345678")  # a country that nobody stated is not known
    assert re.fullmatch("P[0-9]{6}", new.number) and new.number > "P000003"  # the cast has three
    assert (new.born, new.born_known, str(new.birth)) == (date(1980, 5, 1), "month", "1980-05")
    assert new.allergy_state is AllergyState.NOT_ASKED
    assert [p.id for p in await patients.find_patients(ruth, "luksza o sui")] == [new.id]


async def test_nobody_waits_for_a_record_number_that_another_desk_has_taken(committed):
    async with committed.as_system("north", "test") as slow:
        first = await patients.register(slow, PatientDraft(family="Slow", anyway=True))
        async with asyncio.timeout(5), committed.as_system("north", "test") as quick:
            second = await patients.register(quick, PatientDraft(family="Quick", anyway=True))
    assert first.number < second.number
    async with committed.as_system("north", "test") as ctx:
        last = await patients.register(ctx, PatientDraft(family="Last", anyway=True))
    assert last.number > second.number


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("born", "2027-01-01", "future"),
        ("medicare", "2428778121", "check digit"),
        ("ihi", "8003608166690500", "check digit"),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field(ruth, field, value, sentence):
    with pytest.raises(Invalid) as refused:
        await patients.register(ruth, PatientDraft(family="Nobody", **{field: value}))
    assert refused.value.field == field
    assert sentence in str(refused.value)


async def test_a_form_with_a_wrong_field_says_where_and_keeps_what_was_typed(client):
    ruth = await client("ruth", page=True)
    answer = await ruth.post("/patients", data={"family": "Nobody", "born": "31.13.80"}, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert 'id="error--born"' in answer.text
    assert "31.13.80 is not in the calendar" in answer.text


async def test_changing_one_thing_leaves_the_rest(ruth, mara):
    changed = await change_patient(ruth, mara.id, PatientChange(preferred="Mars", contact={"sms": False}))
    assert (changed.preferred, changed.phone, changed.contact) == ("Mars", "0491 570 006", {"sms": False})
    changed = await change_patient(ruth, mara.id, PatientChange(family="Quill-Hart", contact={"email": True}))
    assert changed.contact == {"sms": False, "email": True}
    assert [p.id for p in await patients.find_patients(ruth, "quillhart")] == [mara.id]


async def test_the_form_as_a_whole_empties_what_was_left_empty(ruth, mara):
    changed = await edit_patient(ruth, mara.id, whole(mara))
    assert (changed.phone, changed.phone_e164, changed.email) == ("", None, "")


async def test_the_second_of_two_tabs_is_told_who_was_first(ruth, nora, mara):
    seen = mara.version
    await edit_patient(ruth, mara.id, whole(mara, phone="0400 000 999", version=seen))
    with pytest.raises(ChangedMeanwhile) as refused:
        await edit_patient(nora, mara.id, whole(mara, phone="0400 000 333", version=seen))
    assert str(refused.value).startswith("Ruth Tanaka changed this record at 11:30")
    assert (await patients.open_patient(nora, mara.id)).phone == "0400 000 999"


async def test_a_client_with_an_old_etag_is_refused_likewise(client, mara):
    ruth = await client("ruth")
    path = f"/api/v1/patients/{mara.id}"
    etag = (await ruth.get(path)).headers["etag"]
    assert (await ruth.patch(path, json={"suburb": "Manly"}, headers={"if-match": etag})).status_code == 200
    late = await ruth.patch(path, json={"suburb": "Bondi"}, headers={"if-match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert "Ruth Tanaka" in late.json()["detail"]
    assert (await ruth.get(path)).json()["suburb"] == "Manly"


async def test_archiving_can_be_undone_and_is_not_for_everyone(ruth, iris, mara):
    with pytest.raises(Forbidden):
        await archive(ruth, mara.id)
    assert (await archive(iris, mara.id)).archived_at == iris.now
    assert [f.word for f in (await patients.banner(ruth, mara.id)).flags] == ["Archived"]
    assert (await restore(iris, mara.id)).archived_at is None


@pytest.mark.parametrize("day", ["1951-07-29", "2027-11-21"])
async def test_a_death_lies_between_birth_and_today(client, tom, day):
    ruth = await client("ruth")
    refused = await ruth.patch(f"/api/v1/patients/{tom.id}", json={"deceased_on": day})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "deceased_on")
    assert (await ruth.get(f"/api/v1/patients/{tom.id}")).json()["deceased_on"] is None


async def test_the_banner_tells_a_death_and_the_age_reached(ruth, tom):
    await change_patient(ruth, tom.id, PatientChange(deceased_on=date(2026, 11, 19)))
    shown = await patients.banner(ruth, tom.id)
    assert [f.word for f in shown.flags] == ["Died 19 Nov 2026"]
    assert shown.age_words == "75 years"


async def test_every_change_and_every_opening_leaves_one_row(ruth, mara):
    before = select(AuditEntry).where(AuditEntry.subject_id == mara.id).execution_options(bypass_visibility=True)
    known = len(list(await ruth.db.scalars(before)))
    await patients.open_patient(ruth, mara.id)
    await change_patient(ruth, mara.id, PatientChange(sex=Sex.OTHER))
    rows = list(await ruth.db.scalars(before.order_by(AuditEntry.seq)))[known:]
    assert [(row.action, row.verb) for row in rows] == [
        ("opened", "patients.open_patient"),
        ("changed", "patients.change_patient"),
    ]
    assert rows[1].changes == {"sex": ["female", "other"]}


async def test_a_patient_does_not_change_the_record(client, mara):
    own = await client("mara")
    assert (await own.get(f"/api/v1/patients/{mara.id}")).status_code == 200
    assert (await own.patch(f"/api/v1/patients/{mara.id}", json={"suburb": "Manly"})).status_code == 403


async def test_the_pages_of_registration_work_without_a_script(client, mara):
    ruth = await client("ruth", page=True)
    assert "New patient" in (await ruth.get("/patients")).text
    form = await ruth.get("/patients/new")
    assert 'name="family"' in form.text and 'name="medicare"' in form.text
    alike = await ruth.post(
        "/patients/duplicates",
        data={"family": "Quill", "given": "Mara", "born": "1984-03-09", "suburb": "the rest of the form"},
        headers={"hx-request": "true", "hx-target": "alike"},
    )
    assert "This is another person" in alike.text and mara.number in alike.text
    refused = await ruth.post("/patients", data={"family": "Quill", "given": "Mara", "born": "1984-03-09"})
    assert refused.status_code == 409
    made = await ruth.post(
        "/patients",
        data={"family": "Quill", "given": "Mara", "born": "1984-03-09", "anyway": "true", "contact.sms": "true"},
    )
    assert made.status_code == 303
    chart = await ruth.get(made.headers["location"])
    assert "QUILL" in chart.text and "Text message" in chart.text
    edit = await ruth.get(f"/patients/{mara.id}/edit")
    assert 'value="1984-03-09"' in edit.text
