"""Finding people the way they are asked for at a desk."""

import pytest

from galen import patients
from galen.patients import PatientDraft


@pytest.mark.parametrize("typed", ["quill", "Quill, Mara", "mara quill", "Quyl", "mara", "P000001", "09/03/1984", "0400 000 111"])
async def test_a_person_is_found_by_whatever_is_known(ruth, mara, typed):
    assert mara.id in [p.id for p in await patients.find_patients(ruth, typed)]


async def test_the_same_person_is_not_registered_twice_by_accident(ruth, mara):
    again = PatientDraft(family="Quil", given="Mara", born="1984-03-09", phone="0400000111")
    with pytest.raises(patients.service.LikelyDuplicate) as refused:
        await patients.register(ruth, again)
    assert refused.value.about["number"] == mara.number


async def test_another_organisation_finds_nobody(client, mara):
    zoe = await client()
    token = (await zoe.post("/api/v1/auth/login", json={"username": "zoe", "password": "try-galen-today", "organization": "south"})).json()
    answer = await zoe.get(f"/api/v1/patients/{mara.id}", headers={"authorization": f"Bearer {token['access_token']}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
