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

from galen.settings import settings
from tests.files.conftest import folder  # noqa: F401 a file that is taken lies in a folder of this test's own

BLOCK = b"x" * 2**16
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'


async def too_much(megabytes: int = 200) -> AsyncIterator[bytes]:
    for _ in range(megabytes * 16):
        yield BLOCK


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]
)
async def test_what_comes_without_end_is_refused_at_the_limit(client, mara, kind):
    doctor = await client("ada")
    start, taken = PART if kind.startswith("multipart") else b"", 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        yield start
        async for block in too_much():
            taken += len(block)
            yield block

    path = f"/api/v1/patients/{mara.id}/documents"
    answer = await doctor.post(path, content=body(), headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_much")
    assert f"larger than {settings().files_mb} MB" in answer.json()["detail"]
    assert taken <= 22 * 2**20
    assert answer.headers["connection"] == "close" and "content-security-policy" in answer.headers


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
