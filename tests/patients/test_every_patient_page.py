"""Whatever is asked about one patient: an unknown one is not found, and the page says whose it is."""

from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select

from galen.app import build
from galen.core.web.routes import TABLE, Route
from galen.identity.roles import ROLES, permissions_of
from galen.patients import Patient

CAST = {"doctor": "ada", "receptionist": "ruth", "pharmacist": "ben", "manager": "max", "admin": "iris"}
WHOLE = "/patients/{patient_id}"


@cache
def asked_of_a_patient() -> list[Route]:
    """Every way to read something of one patient, but those that open a single thing of theirs."""
    build(None)  # type: ignore[arg-type]
    return [
        r
        for r in TABLE
        if r.method == "GET"
        and r.path.startswith(WHOLE)
        and {name for name in r.path.split("/") if "{" in name} <= {"{patient_id}", "{kind}"}
    ]


def who_may(route: Route) -> str:
    from galen.core.actor import grants

    return next(CAST[role] for role in CAST if role in ROLES and grants(permissions_of([role]), route.permission))


@pytest_asyncio.fixture
async def somewhere_else(services: Any) -> UUID:
    """A patient of the other organisation."""
    async with services.as_system("south", "test") as ctx:
        found = await ctx.db.scalar(select(Patient.id).limit(1))
    assert found
    return found


@pytest.mark.parametrize("route", asked_of_a_patient(), ids=lambda r: f"{r.path} {'page' if r.html else 'json'}")
async def test_a_patient_who_is_not_here_is_not_found(route, client, somewhere_else):
    person = who_may(route)
    for stranger in (uuid4(), somewhere_else):
        path = route.path.format(patient_id=stranger, kind="Procedure")
        if route.json:
            answer = await (await client(person)).get("/api/v1" + path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        if route.html:
            answer = await (await client(person, page=True)).get(path)
            assert answer.status_code == 404, path
            assert "There is no such patient here." in answer.text


@pytest.mark.parametrize("route", [r for r in asked_of_a_patient() if r.html], ids=lambda r: f"{r.path} {r.html}")
async def test_every_page_of_a_patient_says_whose_it_is(route, client, mara):
    path = route.path.format(patient_id=mara.id, kind="Procedure")
    answer = await (await client(who_may(route), page=True)).get(path)
    if answer.status_code == 404:  # nothing came from another system for her
        assert "Nothing from another system" in answer.text
        return
    assert answer.status_code == 200
    assert answer.text.count('id="banner"') == 1
    banner = answer.text.split('id="banner"')[1].split("</section>")[0]
    for words in (mara.family.upper(), mara.given, "years", "Sex", "llerg"):
        assert words in banner, words


@pytest.mark.parametrize("path", ["/appointments", "/visits", "/prescriptions"])
async def test_a_list_narrowed_to_nobody_is_not_an_empty_list(path, client, mara, somewhere_else):
    ada = await client("ada")
    for stranger in (uuid4(), somewhere_else):
        answer = await ada.get(f"/api/v1{path}", params={"patient_id": str(stranger)})
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such patient here.")
    assert (await ada.get(f"/api/v1{path}", params={"patient_id": str(mara.id)})).status_code == 200
