"""Finding people the way they are asked for at a desk."""

import asyncio

import pytest

from galen import patients
from galen.patients import PatientDraft
from galen.patients.keys import after, letters, sound
from galen.patients.schemas import Glance
from galen.patients.service import alike


@pytest.mark.parametrize(
    "typed",
    [
        "quill",
        "Quill, Mara",
        "mara quill",
        "Quyl",
        "mara",
        "P000001",
        "1",
        "09/03/1984",
        "1984-03-09",
        "0491 570 006",
        "+61491570006",
    ],
)
async def test_a_person_is_found_by_whatever_is_known(ruth, mara, typed):
    assert mara.id in [p.id for p in await patients.find_patients(ruth, typed)]


@pytest.mark.parametrize("typed", ["Qwill", "quil", "Qiull", "mara qwill", "qwill mara", "Mahra Quill", "Qulil"])
async def test_a_misspelt_name_finds_the_person_first(ruth, mara, typed):
    assert (await patients.find_patients(ruth, typed))[0].id == mara.id


@pytest.mark.parametrize(
    ("typed", "family"),
    [("Jonson", "Johnson"), ("O'Brein", "O'Brien"), ("obrien", "O'Brien"), ("Smtih", "Smith"), ("Smyth", "Smith"),
     ("Ngyuen", "Nguyen"), ("vanderberg", "van der Berg"), ("Siobhan", "Siobhán"), ("Willims", "Williams")],
)  # fmt: skip
async def test_names_are_found_as_they_are_heard_and_mistyped(ruth, typed, family):
    for number, name in enumerate(["Johnson", "Smith", "Nguyen", "van der Berg", "Siobhán", "Williams", "O'Brien"]):
        await patients.register(ruth, PatientDraft(family=name, given=f"Kit {number}", anyway=True))
    assert family in [p.family for p in await patients.find_patients(ruth, typed)]


async def test_a_name_like_nobodys_finds_nobody(ruth):
    assert await patients.find_patients(ruth, "Zzyzx") == []


async def test_without_a_question_the_newest_come_first(ruth):
    new = await patients.register(ruth, PatientDraft(family="Newest", anyway=True))
    listed = await patients.find_patients(ruth)
    assert listed[0].id == new.id
    assert len(listed) == 4


async def test_a_name_spelt_right_costs_one_statement_and_no_allergies(ruth, mara, database):
    asked = []
    await ruth.db.connection()
    with database.raw.query_logger(lambda record: asked.append(record.query)):
        found = await patients.find_patients(ruth, "qui")
        await asyncio.sleep(0)  # the driver tells its loggers a moment later
    assert [p.number for p in found] == ["P000001"]
    assert len(asked) == 1
    assert not hasattr(found[0], "allergies")


async def test_the_given_name_is_found_beside_families_that_begin_alike(ruth, mara):
    await patients.register(ruth, PatientDraft(family="Marat", given="Jean", anyway=True))
    assert [p.family for p in await patients.find_patients(ruth, "mara")] == ["Marat", "Quill"]


async def test_an_archived_person_is_in_no_list(ruth, iris, mara):
    await patients.service.archive(iris, mara.id)
    assert await patients.find_patients(ruth, "quill") == []
    await patients.service.restore(iris, mara.id)
    assert [p.id for p in await patients.find_patients(ruth, "quill")] == [mara.id]


async def test_a_patient_finds_only_their_own_record(client, mara):
    own = await client("mara")
    assert [p["number"] for p in (await own.get("/api/v1/patients")).json()] == [mara.number]
    assert (await own.get("/api/v1/patients", params={"q": "bright"})).json() == []


async def test_search_answers_in_both_spellings_of_its_question(client, mara):
    ruth = await client("ruth")
    for parameter in ("q", "query"):
        answer = await ruth.get("/api/v1/patients/search", params={parameter: "quill"})
        assert [p["number"] for p in answer.json()] == [mara.number]


async def test_the_search_box_says_who_and_where(client, mara):
    ruth = await client("ruth", page=True)
    page = await ruth.get("/search", params={"q": "quill"})
    assert "QUILL, Mara" in page.text
    assert f"/patients/{mara.id}" in page.text
    assert "9 Mar 1984 · P000001" in page.text


async def test_a_field_that_asks_for_a_patient_offers_choices(client, mara):
    ruth = await client("ruth", page=True)
    options = await ruth.get(
        "/patients/options", params={"q": "qui"}, headers={"hx-request": "true", "hx-target": "options--patient_id"}
    )
    assert f'data-value="{mara.id}"' in options.text
    assert "<html" not in options.text


async def test_the_same_person_is_not_registered_twice_by_accident(ruth, mara):
    again = PatientDraft(family="Quil", given="Mara", born="1984-03-09", phone="0491570006")
    with pytest.raises(patients.service.LikelyDuplicate) as refused:
        await patients.register(ruth, again)
    assert refused.value.about["number"] == mara.number
    assert len(await patients.find_patients(ruth, "quil")) == 1


async def test_a_name_that_sounds_alike_and_the_same_birth_are_asked_about(ruth, mara):
    with pytest.raises(patients.service.LikelyDuplicate):
        await patients.register(ruth, PatientDraft(family="Quil", given="Marah", born="1984-03-09"))


async def test_who_looks_like_somebody_known_is_shown_while_typing(ruth, mara):
    shown = await alike(ruth, Glance(family="Quil", given="Mara", born="1984-09-03"))
    assert [(person.number, person.probable) for person in shown] == [(mara.number, False)]
    assert "day and month of birth exchanged" in shown[0].reasons
    assert await alike(ruth, Glance(family="Unlike", given="Anybody", born="19")) == []


async def test_twins_are_registered_without_a_question(ruth, mara):
    twin = await patients.register(
        ruth, PatientDraft(family="Quill", given="Nell", born="1984-03-09", phone="0491 570 006")
    )
    assert twin.number > mara.number


async def test_another_organisation_finds_nobody(client, mara):
    zoe = await client()
    signed = await zoe.post(
        "/api/v1/auth/login", json={"username": "zoe", "password": "try-galen-today", "organization": "south"}
    )
    headers = {"authorization": f"Bearer {signed.json()['access_token']}"}
    answer = await zoe.get(f"/api/v1/patients/{mara.id}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await zoe.get("/api/v1/patients", params={"q": "quill"}, headers=headers)).json() == []


def test_keys_hear_and_see_alike():
    assert sound("Qwill") == sound("Quill")
    assert sound("van der Berg") == sound("Vanderberg")
    assert letters("Smtih") == letters("Smith") == "himst"
    assert after("quill") > "quilly" and not after("quill") <= "quill"
