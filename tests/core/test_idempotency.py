"""Idempotency: fifty equal POSTs with one key have one effect, and get one answer."""

import asyncio

import httpx2
import pytest
from sqlalchemy import select

from galen.core.web import idempotency
from galen.demo import PASSWORD
from galen.patients import Patient

BODY = {"family": "Fifty", "given": "Times", "anyway": True}


@pytest.fixture
async def desk(application, committed):
    """A receptionist's client over services that commit."""
    application.state.services = committed
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://galen.test") as client:
        answer = await client.post("/api/v1/auth/login", json={"username": "ruth", "password": PASSWORD})
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


async def registered(services) -> int:
    async with services.as_system("north", "count") as ctx:
        return len(list(await ctx.db.scalars(select(Patient.id).where(Patient.family == "Fifty"))))


async def test_fifty_equal_posts_register_one_patient(desk, committed):
    posts = (desk.post("/api/v1/patients", json=BODY, headers={"idempotency-key": "k-1"}) for _ in range(50))
    answers = await asyncio.gather(*posts)
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sum("idempotent-replay" not in a.headers for a in answers) == 1
    assert await registered(committed) == 1


async def test_without_the_key_table_the_same_posts_register_fifty(desk, committed, monkeypatch):
    """The broken variant: a key that is looked at and not kept."""

    async def forgetful(request):
        return ""

    monkeypatch.setattr(idempotency, "key_of", forgetful)
    posts = (desk.post("/api/v1/patients", json=BODY, headers={"idempotency-key": "k-1"}) for _ in range(10))
    await asyncio.gather(*posts)
    assert await registered(committed) == 10


async def test_a_key_used_for_something_else_is_refused(desk, committed):
    await desk.post("/api/v1/patients", json=BODY, headers={"idempotency-key": "k-2"})
    other = await desk.post("/api/v1/patients", json={**BODY, "given": "Else"}, headers={"idempotency-key": "k-2"})
    assert (other.status_code, other.json()["code"]) == (422, "key_used")
    assert await registered(committed) == 1


async def test_a_refused_request_leaves_its_key_free(desk, committed):
    wrong = await desk.post(
        "/api/v1/patients", json={"family": "Fifty", "born": "1980-13"}, headers={"idempotency-key": "k-3"}
    )
    assert wrong.status_code == 422
    right = await desk.post("/api/v1/patients", json=BODY, headers={"idempotency-key": "k-3"})
    assert right.status_code == 201


async def test_another_person_may_use_the_same_key(desk, application, committed):
    await desk.post("/api/v1/patients", json=BODY, headers={"idempotency-key": "k-4"})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://galen.test") as nora:
        answer = await nora.post("/api/v1/auth/login", json={"username": "nora", "password": PASSWORD})
        nora.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        again = await nora.post("/api/v1/patients", json=BODY, headers={"idempotency-key": "k-4"})
    assert again.status_code == 201
    assert await registered(committed) == 2
