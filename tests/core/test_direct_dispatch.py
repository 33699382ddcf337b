"""Direct dispatch reads from a request what FastAPI would have read; what does not fit, FastAPI complains about."""

import asyncio
from uuid import UUID

import pytest
from fastapi import Request
from prometheus_client import REGISTRY
from sqlalchemy import text

from galen.asgi.headers import FIXED
from galen.core.fast import dispatch
from tests.core.both_ways import (
    JSON,
    MADE_NEW,
    NOBODY_HAS,
    count,
    on_both,
    practitioner_of,
    shown,
    standing,
    undone_between,
    version_of,
)

# What fits


@pytest.mark.parametrize(
    "path",
    [
        "/patients/{mara}",
        "/patients/{mara}/allergies",
        "/patients",
        "/patients?q=Mara&limit=5",
        "/patients?limit=1&limit=2",
        "/patients?q=M%C3%A1ra+%26+Tom&unasked=for",
        "/appointments",
        "/appointments?day=2026-11-20&status=booked",
        "/appointments?practitioner_id={doctor}&patient_id={mara}",
        "/appointments/doctor/{doctor}?day=2026-11-20",
        "/appointments/availabilities?kind=teleconsultation&days=2&day=2026-11-23",
        "/inventory/movements?kind=receive&since=2026-01-01",
        "/sites?closed=yes",
    ],
)
async def test_what_is_read_fits_and_is_answered_the_same_on_both_ways(client, ways, mara, path):
    ada = await client("ada")
    path = path.format(mara=mara.id, doctor=await practitioner_of(ada))
    ways.went.clear()
    direct, plain = await on_both(ways, ada, "GET", "/api/v1" + path)
    assert ways.went == ["direct", "FastAPI's"]
    assert shown(direct) == shown(plain)
    assert direct.status_code == 200


@pytest.mark.parametrize(
    "method, path, body, status",
    [
        ("POST", "/patients", {"family": "Direct", "given": "On", "born": "1980-05", "sex": "female"}, 201),
        ("POST", "/patients/{tom}/allergies", {"substance": "Latex", "kind": "other", "noted_on": "2026-11-01"}, 201),
        ("PATCH", "/patients/{mara}", {"phone": "+61 400 000 000"}, 200),
        ("PATCH", "/patients/{mara}", {}, 200),
        ("DELETE", "/patients/{mara}/allergies/{allergy}", None, 200),
        ("PUT", "/patients/{mara}/allergies/none", None, 409),
    ],
)
async def test_what_changes_something_is_answered_the_same_on_both_ways(
    client, ways, database, mara, tom, method, path, body, status
):
    ada = await client("ada")
    allergy = (await ada.post(f"/api/v1/patients/{mara.id}/allergies", json={"substance": "Penicillin"})).json()
    path = path.format(mara=mara.id, tom=tom.id, allergy=allergy["id"])
    ways.went.clear()
    direct, plain = await undone_between(ways, database, ada, method, "/api/v1" + path, json=body)
    assert ways.went == ["direct", "FastAPI's"]
    assert direct.status_code == plain.status_code == status, direct.text
    assert MADE_NEW.sub("…", direct.text) == MADE_NEW.sub("…", plain.text)
    assert direct.headers.get("etag") == plain.headers.get("etag")


async def test_what_was_done_by_direct_dispatch_is_not_done_again_by_fastapi(client, ways, database):
    ruth, before = await client("ruth"), await count(database, "patient")
    direct, plain = await on_both(
        ways, ruth, "POST", "/api/v1/patients", json={"family": "Once"}, headers={"idempotency-key": "k-direct"}
    )
    assert (direct.status_code, direct.content) == (plain.status_code, plain.content)
    assert ("idempotent-replay" in direct.headers, "idempotent-replay" in plain.headers) == (False, True)
    assert await count(database, "patient") == before + 1


async def test_a_stale_version_is_refused_on_both_ways(client, ways, database, mara):
    ada, before = await client("ada"), await version_of(database, mara.id)
    path, stale = f"/api/v1/patients/{mara.id}", {"if-match": '"999"'}
    direct, plain = await on_both(ways, ada, "PATCH", path, json={"phone": "1"}, headers=stale)
    assert direct.status_code == 412
    assert shown(direct) == shown(plain)
    assert await version_of(database, mara.id) == before


# What does not fit

UNFIT = [
    ("GET", "/patients/not-an-id", {}),
    ("GET", f"/patients/{NOBODY_HAS}0", {}),
    ("PATCH", "/patients/not-an-id", {"json": {"phone": "1"}}),
    ("GET", "/patients?limit=many", {}),
    ("GET", "/patients?limit=", {}),
    ("GET", "/patients?limit=1&limit=many", {}),
    ("GET", "/appointments?day=tomorrow", {}),
    ("GET", "/appointments?day=2026-02-30&status=nowhere&practitioner_id=x", {}),
    ("GET", "/sites?closed=perhaps", {}),
    ("POST", "/patients", {"content": b'{"family": "Half', "headers": JSON}),
    ("POST", "/patients", {"content": b"", "headers": JSON}),
    ("POST", "/patients", {"content": b"null", "headers": JSON}),
    ("POST", "/patients", {"content": b"[]", "headers": JSON}),
    ("POST", "/patients", {}),
    ("POST", "/patients", {"content": b'{"family": "Plain"}', "headers": {"content-type": "text/plain"}}),
    ("POST", "/patients", {"content": b'{"family": "Bare"}'}),
    ("POST", "/patients", {"data": {"family": "Form"}}),
    ("POST", "/patients", {"json": {"given": "Familyless"}}),
    ("POST", "/patients", {"json": {"family": ""}}),
    ("POST", "/patients", {"json": {"family": "Odd", "sex": "maybe", "born": "once", "email": "nowhere"}}),
    ("PATCH", "/patients/{mara}", {"json": {"family": "", "sex": 7}}),
    ("PUT", "/patients/{mara}", {"json": {}}),
]


@pytest.mark.parametrize("method, path, asked", UNFIT)
async def test_what_does_not_fit_is_complained_about_as_by_fastapi_and_nothing_is_done(
    client, ways, database, mara, method, path, asked
):
    ada = await client("ada")
    before = await standing(database, mara.id)
    ways.went.clear()
    direct, plain = await on_both(ways, ada, method, "/api/v1" + path.format(mara=mara.id), **asked)
    assert ways.went == ["FastAPI's", "FastAPI's"]
    assert direct.status_code == 422
    assert direct.headers["content-type"] == "application/problem+json"
    assert direct.json()["errors"] and all(e["detail"] for e in direct.json()["errors"])
    assert shown(direct) == shown(plain)
    assert await standing(database, mara.id) == before


async def test_a_body_that_is_no_text_is_complained_about_on_both_ways(client, ways, database):
    ruth, before = await client("ruth"), await count(database, "patient")
    direct, plain = await on_both(ways, ruth, "POST", "/api/v1/patients", content=b"\xff\xfe{", headers=JSON)
    assert direct.status_code == 422
    assert shown(direct) == shown(plain)
    assert await count(database, "patient") == before


@pytest.mark.parametrize("kind", ["application/jsonx", "application/json foo", "application/json,text/plain"])
async def test_a_content_type_that_only_begins_like_json_is_not_json(client, ways, database, kind):
    ruth, before = await client("ruth"), await count(database, "patient")
    body, headers = b'{"family": "Nearly"}', {"content-type": kind}
    direct, plain = await on_both(ways, ruth, "POST", "/api/v1/patients", content=body, headers=headers)
    assert (direct.status_code, plain.status_code) == (422, 422)
    assert await count(database, "patient") == before


async def test_json_in_another_encoding_is_left_to_fastapi_which_reads_it(client, ways, database):
    ruth, body = await client("ruth"), '{"family": "Sixteen"}'.encode("utf-16")
    ways.went.clear()
    answer = await ruth.post("/api/v1/patients", content=body, headers=JSON)
    assert ways.went == ["FastAPI's"]
    assert (answer.status_code, answer.json()["family"]) == (201, "Sixteen")


async def in_pieces(*pieces: bytes):
    for piece in pieces:
        yield piece
        await asyncio.sleep(0)


async def test_a_body_that_comes_in_pieces_is_read_whole_and_once_more(client, ways, database):
    ruth, before = await client("ruth"), await count(database, "patient")
    async with asyncio.timeout(10):
        good = await ruth.post(
            "/api/v1/patients", content=in_pieces(b'{"family"', b': "Piece', b'meal"}'), headers=JSON
        )
        bad = await ruth.post("/api/v1/patients", content=in_pieces(b'{"family"', b": ", b'""}'), headers=JSON)
    assert (good.status_code, good.json()["family"]) == (201, "Piecemeal")
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "family")
    assert await count(database, "patient") == before + 1


async def test_without_the_second_reading_a_body_that_does_not_fit_would_hang(client, monkeypatch):
    """The broken variant: the next reader waits for a body that was read already."""
    ruth = await client("ruth")
    monkeypatch.setattr(dispatch, "replay", lambda request, receive: receive)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await ruth.post("/api/v1/patients", json={"family": ""})


async def test_behind_the_body_stands_what_comes_next():
    came = [
        {"type": "http.request", "body": b"whole", "more_body": False},
        {"type": "http.disconnect"},
    ]

    async def receive():
        return came.pop(0)

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    assert await request.body() == b"whole"
    once_more = dispatch.replay(request, receive)
    assert [(await once_more()).get("body"), (await once_more())["type"]] == [b"whole", "http.disconnect"]


async def test_what_was_not_read_is_handed_on_unread():
    async def receive():
        return {"type": "http.request", "body": b"untouched", "more_body": False}

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    assert (await dispatch.replay(request, receive)())["body"] == b"untouched"


# Routes that direct dispatch leaves alone


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("PATCH", "/roles", 405),
        ("DELETE", "/patients", 405),
        ("HEAD", "/patients", 405),
        ("OPTIONS", f"/patients/{NOBODY_HAS}", 405),
        ("GET", "/nothing/of/the/kind", 404),
        ("GET", f"/patients/{NOBODY_HAS}/nothing", 404),
        ("GET", "", 404),
        ("GET", "/patients/a/b/c/d/e", 404),
    ],
)
async def test_a_wrong_method_and_an_unknown_path_reach_no_verb(client, ways, method, path, status):
    ada = await client("ada")
    ways.went.clear()
    answer = await ada.request(method, "/api/v1" + path)
    assert (answer.status_code, ways.went) == (status, [])
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_verb_that_takes_any_object_goes_fastapis_way(client, ways):
    nobody = await client()
    answer = await nobody.post("/api/v1/cds-services/galen-prescribe", json={"hook": "order-select"})
    assert ways.went == []
    assert answer.status_code != 405


# Refusals


async def test_a_refusal_has_the_same_form_on_both_ways(client, ways, database, mara):
    ada, ruth, nobody, liar = await client("ada"), await client("ruth"), await client(), await client()
    liar.headers["authorization"] = "Bearer not.a.token"
    before = await version_of(database, mara.id), await count(database, "prescription")
    asked = [
        (nobody, "GET", f"/patients/{mara.id}", {}, 401, "sign_in_needed"),
        (liar, "GET", f"/patients/{mara.id}", {}, 401, "sign_in_needed"),
        (ruth, "GET", "/audit", {}, 403, "forbidden"),
        (ruth, "POST", f"/prescriptions/{NOBODY_HAS}/renewals", {}, 403, "forbidden"),
        (ada, "GET", f"/patients/{NOBODY_HAS}", {}, 404, "not_found"),
        (ada, "PATCH", f"/patients/{NOBODY_HAS}", {"json": {"phone": "1"}}, 404, "not_found"),
    ]
    for who, method, path, more, status, code in asked:
        ways.went.clear()
        direct, plain = await on_both(ways, who, method, "/api/v1" + path, **more)
        assert ways.went == ["direct", "FastAPI's"]
        assert shown(direct) == shown(plain)
        said = direct.json()
        assert (direct.status_code, said["status"], said["code"], said["type"]) == (status, status, code, "about:blank")
        assert said["detail"].endswith(".")
        assert direct.headers["content-type"] == "application/problem+json"
        assert direct.headers["cache-control"] == "no-store"
        assert {k: direct.headers[k] for k in FIXED} == FIXED
        assert UUID(direct.headers["x-request-id"]) != UUID(plain.headers["x-request-id"])
    assert before == (await version_of(database, mara.id), await count(database, "prescription"))


async def test_whoever_may_not_do_a_thing_is_refused_and_not_told_what_is_wrong_with_it(client, ways):
    ruth, nobody = await client("ruth"), await client()
    assert [a.status_code for a in await on_both(ways, ruth, "GET", "/api/v1/audit?since=never")] == [403, 403]
    assert [a.status_code for a in await on_both(ways, nobody, "POST", "/api/v1/patients", json={})] == [401, 401]


async def test_a_request_is_counted_by_its_route_and_its_id_stands_in_the_audit_log(client, ways, database, mara):
    ada = await client("ada")
    ways.went.clear()
    counted = {"method": "PATCH", "route": "/api/v1/patients/{patient_id}", "status": "200"}
    before = REGISTRY.get_sample_value("galen_requests_total", counted) or 0
    answer = await ada.patch(f"/api/v1/patients/{mara.id}", json={"phone": "+61 400 111 222"})
    assert REGISTRY.get_sample_value("galen_requests_total", counted) == before + 1
    rows = await database.one.execute(
        text("SELECT verb FROM audit_entry WHERE request_id = :id"), {"id": UUID(answer.headers["x-request-id"])}
    )
    assert ways.went == ["direct"]
    assert {verb for (verb,) in rows} == {"patients.change_patient"}
