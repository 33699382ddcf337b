"""Idempotency: fifty equal POSTs with one key have one effect, and get one answer."""

import asyncio
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select, text

from galen.core.web import idempotency
from galen.core.web.credentials import csrf_token
from galen.demo import PASSWORD
from galen.identity.service import tries
from galen.patients import Patient
from tests.files.conftest import folder  # noqa: F401 a file lies in a folder of this test's own

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


# Demanded, where nothing may be done twice

ID = "01890000-0000-7000-8000-000000000000"
DEMANDING = [
    ("max", f"/billing/{ID}/pay"),
    ("max", f"/payments/{ID}/refunds"),
    ("max", "/billing"),
    ("max", "/till/closings"),
    ("ben", "/inventory/batches"),
    ("ben", "/inventory/update"),
    ("ben", "/inventory/counts"),
    ("ben", f"/dispensing/{ID}/supply"),
    ("ben", f"/dispensing/{ID}/collection"),
    ("ada", "/prescriptions"),
    ("ada", f"/prescriptions/{ID}/email"),
]
VALID = {
    f"/billing/{ID}/pay": {"method": "cash", "amount": "5"},
    f"/payments/{ID}/refunds": {"amount": "5", "reason": "paid twice"},
    "/till/closings": {"counted": "10"},
    f"/dispensing/{ID}/supply": {"lines": []},
}


@pytest.mark.parametrize(("who", "path"), [row for row in DEMANDING if row[1] in VALID])
async def test_without_a_key_nothing_is_done_and_the_sentence_says_what_to_send(client, who, path):
    person = await client(who)
    answer = await person.post(f"/api/v1{path}", json=VALID[path], headers={"idempotency-key": ""})
    assert (answer.status_code, answer.json()["code"]) == (428, "key_needed"), answer.text
    assert "Idempotency-Key" in answer.json()["detail"] and "Nothing was done" in answer.json()["detail"]
    assert (await person.post(f"/api/v1{path}", json=VALID[path])).status_code != 428


async def test_whoever_may_not_do_it_is_told_that_first(client):
    path = f"/api/v1/billing/{ID}/pay"
    for who, status in (("", 401), ("ada", 403)):
        answer = await (await client(who)).post(path, json=VALID[path[7:]], headers={"idempotency-key": ""})
        assert answer.status_code == status


def test_the_description_says_where_a_key_is_demanded(application):
    paths = application.openapi()["paths"]

    def keys(path: str, method: str = "post") -> list[bool]:
        parameters = paths[path][method].get("parameters", [])
        return [p["required"] for p in parameters if p["name"] == "Idempotency-Key"]

    for _, path in DEMANDING:
        assert keys(f"/api/v1{path.replace(ID, '{' + field_of(path) + '}')}") == [True], path
    assert keys("/api/v1/patients") == [False] and keys("/api/v1/patients", "get") == []
    assert keys("/api/v1/auth/login") == []


def field_of(path: str) -> str:
    return {"billing": "invoice_id", "payments": "payment_id", "dispensing": "dispensing_id"}.get(
        path.split("/")[1], "prescription_id"
    )


async def test_the_forms_of_pages_bring_a_key_of_their_own(client):
    page = await (await client("max", page=True)).get("/invoices/new")
    assert page.status_code == 200 and 'name="idempotency_key" value="' in page.text


@pytest.mark.parametrize("key", ["k" * 201, "k" * 60_000])
async def test_a_key_without_end_is_refused(client, key):
    answer = await (await client("ruth")).post("/api/v1/patients", json=BODY, headers={"idempotency-key": key})
    assert answer.status_code in (422, 431) and answer.json()["code"] in ("key_too_long", "too_long")


PARTS = {"kind": "other", "title": "Letter"}
FILE = ("a.txt", b"first", "text/plain")


@pytest.mark.parametrize(
    ("parts", "file"),
    [
        (PARTS, ("a.txt", b"second", "text/plain")),
        (PARTS, ("b.txt", b"first", "text/plain")),
        (PARTS, ("a.txt", b"first", "text/csv")),
        ({**PARTS, "title": "Other"}, FILE),
        ({**PARTS, "note": "more"}, FILE),
        ({"kind": "other"}, FILE),
    ],
)
async def test_the_same_key_with_any_other_part_of_a_form_is_refused(client, mara, parts, file):
    path = f"/api/v1/patients/{mara.id}/documents"
    ada = await client("ada")
    once = {"headers": {"idempotency-key": "k-file"}}
    first = await ada.post(path, data=PARTS, files={"file": FILE}, **once)
    assert first.status_code == 201, first.text
    again = await ada.post(path, data=PARTS, files={"file": FILE}, **once)
    assert again.headers["idempotent-replay"] == "true" and again.json() == first.json()
    other = await ada.post(path, data=parts, files={"file": file}, **once)
    assert (other.status_code, other.json()["code"]) == (422, "key_used")


async def test_a_page_loaded_anew_has_another_token_and_is_the_same_request(client):
    ruth = await client("ruth", page=True)
    del ruth.headers["x-csrf"]
    session, no_header = ruth.cookies["galen"].partition(".")[2], {"idempotency-key": ""}
    form = {**BODY, "anyway": "true", "idempotency_key": "k-page"}
    sent = [await ruth.post("/patients", data={**form, "csrf": csrf_token(session)}, headers=no_header) for _ in "12"]
    assert [answer.status_code for answer in sent] == [303, 303]
    assert sent[0].headers["location"] == sent[1].headers["location"]


async def test_the_query_belongs_to_what_was_asked(desk):
    once = {"json": BODY, "headers": {"idempotency-key": "k-query"}}
    assert (await desk.post("/api/v1/patients", **once)).status_code == 201
    assert (await desk.post("/api/v1/patients?a=1", **once)).json()["code"] == "key_used"


async def test_answers_are_kept_for_three_days_and_forgotten_in_batches(desk, committed, monkeypatch):
    monkeypatch.setattr(tries, "BATCH", 2)
    for number in range(4):
        await desk.post("/api/v1/patients", json=BODY, headers={"idempotency-key": f"k-{number}"})
    left = []
    for days in (2, 4, 4, 4):
        async with committed.as_system("north", "test") as ctx:
            ctx.now += timedelta(days=days)
            await tries.forget_tries(ctx)
        async with committed.as_system("north", "test") as ctx:
            left.append(await ctx.db.scalar(text("SELECT count(*) FROM idempotency_key")))
    assert left == [4, 2, 0, 0]
