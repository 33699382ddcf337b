"""More than may be sent is refused before it is taken in, by its announced length or on the way, at little memory."""

import asyncio
import os
import socket
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from galen.asgi import limits
from galen.settings import settings
from tests.files.conftest import folder  # noqa: F401 a file that is taken lies in a folder of this test's own

BLOCK = b"x" * 2**16
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'


async def too_much(megabytes: int = 200) -> AsyncIterator[bytes]:
    for _ in range(megabytes * 16):
        yield BLOCK


FORM, JSON, FILES = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b"


@pytest.mark.parametrize(
    ("who", "path", "kind", "most"),
    [
        ("ada", "/api/v1/patients/{id}/documents", FILES, f"{settings().files_mb} MB"),
        ("ada", "/api/v1/patients/{id}/documents", JSON, "1 MB"),
        ("ada", "/api/v1/patients", JSON, "1 MB"),
        ("ada", "/api/v1/patients", FORM, "1 MB"),
        ("ada", "/api/v1/patients", FILES, "1 MB"),
        ("", "/api/v1/patients/{id}/documents", FILES, "64 kB"),
        ("", "/api/v1/auth/login", JSON, "64 kB"),
        ("", "/login", FORM, "64 kB"),
        ("", "/users/register", FILES, "64 kB"),
    ],
)
async def test_what_comes_without_end_is_refused_at_the_limit(client, mara, who, path, kind, most):
    sender = await client(who)
    start, taken = PART if kind is FILES else b"", 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        yield start
        async for block in too_much():
            taken += len(block)
            yield block

    answer = await sender.post(path.format(id=mara.id), content=body(), headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_much")
    assert f"larger than {most}" in answer.json()["detail"]
    limit = int(most.split()[0]) * (2**20 if "MB" in most else 2**10)
    assert taken <= limit + 2**20 + 2 * len(BLOCK)
    assert answer.headers["connection"] == "close" and "content-security-policy" in answer.headers


@pytest.mark.parametrize("size", [200 * 2**20, 10**30])
async def test_what_is_announced_too_large_is_refused_before_any_of_it_is_taken(client, size):
    async def unsent() -> AsyncIterator[bytes]:
        raise AssertionError("somebody read what was refused already")
        yield b""

    answer = await (await client()).post("/login", content=unsent(), headers={"content-length": str(size)})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, b"{" + b",".join(b'"k%d":0' % n for n in range(6_000)) + b"}"),
        (FORM, b"&".join(b"a=1" for _ in range(6_000))),
        (JSON, b'{"roles":[' + b",".join(b'{"a":1}' for _ in range(6_000)) + b"]}"),
    ],
)
async def test_more_fields_than_any_form_has_are_refused(client, kind, body):
    answer = await (await client("iris")).post("/api/v1/accounts", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many")


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 4_000 + b"1" + b"}" * 4_000, b"\xff\xfe", b"{", b"NaN", b"1" * 9_000, b'"\\ud800"'],
)
@pytest.mark.parametrize("path", ["/api/v1/patients", "/patients"])
async def test_what_is_nested_too_deep_or_is_no_json_is_a_complaint(client, body, path):
    page = await client("ruth", page=True)
    answer = await page.post(path, content=body, headers={"content-type": JSON, "accept": JSON})
    assert answer.status_code == 422, answer.text
    assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    "fields",
    [
        {"a": "1", "a.b": "2"},
        {"a[]": "1", "a.b": "2"},
        {"a": "1", "a[]": "2"},
        {"family.x.y": "1", "family": "2", "family.z": "3"},
        {"lines.²": "1"},
        {"lines." + "9" * 6_000: "1"},
        {".": "1", "..": "2", "": "3"},
        {"a" + ".b" * 30_000: "1"},
    ],
)
async def test_names_of_fields_that_contradict_each_other_are_a_complaint(client, fields):
    page = await client("ruth", page=True)
    answer = await page.post("/patients", data=fields)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    "asked",
    [
        {"url": "/login?next=/" + "x" * 9_000},
        {"url": "/" + "x" * 9_000},
        {"url": "/login", "headers": {"x-long": "x" * 40_000}},
        {"url": "/login", "headers": [(f"x-{n}", "x" * 40) for n in range(800)]},
        {"url": "/api/v1/patients", "headers": {"authorization": "Bearer " + "x" * 33_000}},
    ],
)
async def test_a_long_address_and_long_headers_are_refused(client, asked):
    answer = await (await client()).get(**asked)
    assert (answer.status_code, answer.json()["code"]) == (431, "too_long")


@pytest.mark.parametrize("path", ["/login", "/api/v1/auth/login"])
async def test_a_body_that_stops_half_way_is_not_waited_for(client, path, monkeypatch):
    monkeypatch.setattr(limits, "SILENCE", 0.2)
    never = asyncio.Event()

    async def half() -> AsyncIterator[bytes]:
        yield b"username=ada&pass"
        await never.wait()

    answer = await (await client()).post(path, content=half(), headers={"content-type": FORM})
    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")


async def test_a_body_that_trickles_is_not_waited_for(client, monkeypatch):
    monkeypatch.setattr(limits, "SILENCE", 0.2)

    async def drops() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.02)
            yield b"a"

    answer = await (await client()).post("/login", content=drops(), headers={"content-type": FORM})
    assert answer.status_code == 408


async def test_what_is_typed_into_a_filter_may_come_in_a_header(client):
    ruth = await client("ruth", page=True)
    typed = await ruth.get("/patients", headers={"x-typed": "Quill"})
    assert "QUILL" in typed.text and "q=" not in str(typed.url)
    assert "QUILL" not in (await ruth.get("/patients", headers={"x-typed": "Zzyzx%26q"})).text


async def test_a_page_says_it_as_a_notice(client, mara):
    page = await client("ada", page=True)
    headers = {
        "hx-request": "true",
        "content-length": str(200 * 2**20),
        "content-type": "multipart/form-data; boundary=b",
    }
    answer = await page.post(f"/patients/{mara.id}/documents", content=b"", headers=headers)
    assert answer.status_code == 413 and "larger than 20 MB" in answer.text and "#notice" in answer.text


async def test_what_is_within_the_limit_is_taken(client, mara):
    doctor = await client("ada")
    answer = await doctor.post(
        f"/api/v1/patients/{mara.id}/documents",
        data={"kind": "other"},
        files={"file": ("a.txt", b"a" * (20 * 2**20), "text/plain")},
    )
    assert answer.status_code == 201, answer.text


@contextmanager
def served(application: Any) -> Iterator[int]:
    """The application behind the server that it has in the field, in a thread of its own."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([door])), daemon=True)
        thread.start()
        while not server.started:
            os.sched_yield()
        yield door.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def send(port: int, head: str, blocks: int) -> bytes:
    """What a server answers to somebody who does not stop sending."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head.encode())
        try:
            for _ in range(blocks):
                line.sendall(b"10000\r\n" + BLOCK + b"\r\n")
        except OSError:
            pass
        line.settimeout(10)
        try:
            return line.recv(65536)
        except OSError:
            return b""


async def test_two_hundred_megabytes_cost_little_memory(application, services):
    application.state.services = services
    with served(application) as port:
        head = (
            "POST /login HTTP/1.1\r\nHost: galen\r\nTransfer-Encoding: chunked\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        )
        part = PART.decode()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            answer = await asyncio.to_thread(send, port, f"{head}{len(part):x}\r\n{part}\r\n", 200 * 16)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    assert peak - before < 20 * 2**20, f"{(peak - before) / 2**20:.0f} MB"


@pytest.mark.parametrize(("megabytes", "refused"), [(40, False), (66, True)])
async def test_a_catalogue_may_be_larger_than_a_document_and_has_a_limit_of_its_own(client, megabytes, refused):
    """A price list of 40 MB is taken up for reading, where a document of that size is refused."""
    page = await client("iris", page=True)
    headers = {"content-length": str(megabytes * 2**20), "content-type": "multipart/form-data; boundary=b"}
    answer = await page.post("/medicines/imports", content=b"", headers=headers)
    assert (answer.status_code == 413) is refused, answer.text
    assert ("larger than 64 MB" in answer.text) is refused
