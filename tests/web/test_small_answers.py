"""Answers arrive small and stay what they are: packed on their way, kept where they may be, a token under a mask."""

import gzip
import re

import brotli
import httpx2
import pytest
from sqlalchemy import text
from starlette.responses import JSONResponse, Response, StreamingResponse

from galen.asgi import compression
from galen.asgi.assets import FOR_EVER, STATIC, static
from galen.asgi.compression import CODINGS, FLOOR, accepted
from galen.asgi.headers import Headers
from galen.core.web.credentials import csrf_token, is_csrf, unmasked_csrf

LONG = "Mara Quill takes one tablet three times a day. " * 60
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


async def asked(answer, *, accept="br, gzip", method="GET", path="/"):
    """What goes over the wire when this answer stands behind the headers: status, headers, the bytes as they are."""
    sent = []

    async def app(scope, receive, send):
        await answer(scope, receive, send)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    headers = [(b"accept-encoding", accept.encode())] if accept is not None else []
    scope = {"type": "http", "method": method, "path": path, "scheme": "http", "headers": headers, "query_string": b""}
    await Headers(app)({**scope, "asgi": {"spec_version": "2.4"}}, receive, send)
    start = sent[0]
    said = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], said, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(
    "kind", ["text/html", "application/json", "application/problem+json", "text/css", "image/svg+xml"]
)
async def test_text_goes_in_the_coding_that_is_taken(coding, kind):
    _, said, body = await asked(Response(LONG, media_type=kind), accept=coding)
    assert said["content-encoding"] == coding
    assert said["vary"] == "Accept-Encoding"
    assert int(said["content-length"]) == len(body) < len(LONG) / 10
    assert UNPACK[coding](body).decode() == LONG


@pytest.mark.parametrize(
    "answer",
    [
        Response(LONG[: FLOOR - 1], media_type="text/html"),
        Response(LONG, media_type="application/pdf"),
        Response(LONG, media_type="image/png"),
        Response(LONG, media_type="text/html", headers={"Content-Encoding": "zstd"}),
    ],
    ids=["short", "pdf", "picture", "packed already"],
)
async def test_what_gains_nothing_goes_as_it_is(answer):
    _, said, body = await asked(answer)
    assert said.get("content-encoding") in (None, "zstd")
    assert body == answer.body


@pytest.mark.parametrize("accept", ["", "identity", "br;q=0, gzip;q=0.0", "zstd", "*;q=0"])
async def test_who_takes_no_coding_gets_none(accept):
    _, said, body = await asked(Response(LONG, media_type="text/html"), accept=accept)
    assert "content-encoding" not in said
    assert body.decode() == LONG


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("*", "br"),
        ("br;q=0.5", "br"),
        ("GZIP", "gzip"),
    ],
)
def test_the_best_coding_that_is_taken(header, coding):
    assert accepted(header.encode()) == coding


async def test_the_live_line_and_other_streams_are_sent_piece_by_piece():
    pieces = [LONG.encode(), b"data: fact\n\n"]

    async def stream():
        for piece in pieces:
            yield piece

    _, said, body = await asked(StreamingResponse(stream(), media_type="text/event-stream"))
    assert "content-encoding" not in said
    assert body == b"".join(pieces)
    length = {"Content-Length": str(sum(map(len, pieces)))}
    _, said, body = await asked(StreamingResponse(stream(), media_type="text/csv", headers=length))
    assert "content-encoding" not in said
    assert body == b"".join(pieces)


async def test_a_question_for_the_headers_alone_is_answered_with_the_plain_length():
    async def heads(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [
            (b"content-type", b"text/html"), (b"content-length", b"5000")]})  # fmt: skip
        await send({"type": "http.response.body", "body": b""})

    _, said, body = await asked(heads, method="HEAD")
    assert (said["content-length"], body) == ("5000", b"")


async def test_a_version_is_weak_when_packed_and_still_says_which_it_is(client, mara, monkeypatch):
    monkeypatch.setattr(compression, "FLOOR", 300)  # this record is short
    ada = await client("ruth")
    plain = await ada.get(f"/api/v1/patients/{mara.id}", headers={"accept-encoding": "identity"})
    packed = await ada.get(f"/api/v1/patients/{mara.id}", headers={"accept-encoding": "br"})
    assert packed.headers["content-encoding"] == "br"
    assert packed.headers["etag"] == "W/" + plain.headers["etag"]
    assert packed.json() == plain.json()
    stale = await ada.put(f"/api/v1/patients/{mara.id}", json={"family": "Quince"}, headers={"if-match": 'W/"99"'})
    assert stale.status_code == 412
    done = await ada.put(
        f"/api/v1/patients/{mara.id}", json={"family": "Quince"}, headers={"if-match": packed.headers["etag"]}
    )
    assert done.status_code == 200, done.text


async def test_an_answer_is_kept_unpacked_and_given_again_in_any_coding(client, database, monkeypatch):
    monkeypatch.setattr(compression, "FLOOR", 300)  # this record is short
    ruth = await client("ruth")
    draft = {"given": "Ann", "family": "Wetherby", "born": "1980-01-01", "sex": "female"}
    key = {"idempotency-key": "one and the same"}
    first = await ruth.post("/api/v1/patients", json=draft, headers={**key, "accept-encoding": "br"})
    assert first.status_code == 201, first.text
    assert first.headers["content-encoding"] == "br"
    query = text("SELECT headers, body FROM idempotency_key WHERE key = 'one and the same'")
    kept = (await database.one.execute(query)).one()
    assert "encoding" not in kept.headers
    assert b"Wetherby" in bytes(kept.body)
    for coding in ("gzip", "identity"):
        again = await ruth.post("/api/v1/patients", json=draft, headers={**key, "accept-encoding": coding})
        assert again.headers["idempotent-replay"] == "true"
        assert again.headers.get("content-encoding") == (coding if coding == "gzip" else None)
        assert again.json() == first.json()


@pytest.mark.parametrize(
    "name", ["galen.css", "galen.js", "vendor/tabler.min.css", "vendor/htmx.min.js", "vendor/icons.css"]
)
@pytest.mark.parametrize("coding", CODINGS)
async def test_a_file_known_by_its_hash_is_packed_and_kept_for_ever(application, name, coding):
    whole = (STATIC / name).read_bytes()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://galen.test") as browser:
        answer = await browser.get(static(name), headers={"accept-encoding": coding})
        assert answer.content == whole
        assert answer.headers["content-encoding"] == coding
        assert int(answer.headers["content-length"]) < len(whole) / 2
        assert answer.headers["cache-control"] == FOR_EVER
        assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("query", ["", "?v=0123456789ab", "?v="])
async def test_a_file_under_another_name_is_asked_for_again_and_not_sent_twice(application, query):
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://galen.test") as browser:
        path, tags = f"/static/galen.css{query}", set()
        for coding in ("br", "gzip", "identity"):
            answer = await browser.get(path, headers={"accept-encoding": coding})
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
            tags.add(answer.headers["etag"])
            again = await browser.get(
                path, headers={"accept-encoding": coding, "if-none-match": answer.headers["etag"]}
            )
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["vary"] == "Accept-Encoding"
        assert len(tags) == 3, "each coding is another representation"


async def test_there_is_nothing_outside_the_folder_of_files(application):
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://galen.test") as browser:
        for path in (
            "/static/../web/request_context.py",
            "/static/%2e%2e/web/request_context.py",
            "/static/none.js",
            "/static/vendor",
        ):
            assert (await browser.get(path)).status_code == 404


def test_each_page_has_the_token_under_a_mask_of_its_own():
    tokens = {csrf_token("session") for _ in range(50)}
    assert len(tokens) == 50
    assert all(is_csrf(token, "session") for token in tokens)
    assert not any(is_csrf(token, "another session") for token in tokens)
    secret = unmasked_csrf("session").hex()
    assert not any(secret[at : at + 8] in token for token in tokens for at in range(0, len(secret), 8))


@pytest.mark.parametrize("forged", ["", "00", "0" * 127, "0" * 128, "x" * 128, "é", unmasked_csrf("session").hex()])
def test_what_no_page_of_the_session_brought_is_no_token(forged):
    assert not is_csrf(forged, "session")


async def test_two_looks_at_one_page_share_no_token_and_each_is_good(client):
    ruth = await client("ruth", page=True)
    pages = [(await ruth.get("/patients?q=quill")).text for _ in range(2)]
    tokens = [re.search(r'name="csrf" content="([0-9a-f]{128})"', page)[1] for page in pages]
    assert tokens[0] != tokens[1]
    del ruth.headers["x-csrf"]
    for token in tokens:
        answer = await ruth.post("/patients", data={"csrf": token, "given": "", "family": ""})
        assert answer.status_code == 422, "the form is looked at"
    assert (await ruth.post("/patients", data={"csrf": tokens[0][::-1], "given": ""})).status_code == 403


async def test_a_refusal_of_some_length_is_packed_too():
    _, said, body = await asked(
        JSONResponse({"detail": LONG}, 422, media_type="application/problem+json"), accept="gzip"
    )
    assert said["content-encoding"] == "gzip"
    assert LONG in gzip.decompress(body).decode()
