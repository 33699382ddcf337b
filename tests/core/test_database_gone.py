"""A database that goes away: 503, what is known of it, and the answer of then under the same key when it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import select

from galen.app import services_for
from galen.core.database import Database
from galen.demo import PASSWORD
from galen.patients import Patient

BODY = {"family": "Lost", "given": "Line", "anyway": True}


class Wire:
    """Stands between Galen and PostgreSQL, and is cut when a word passes: before the server hears it, or after."""

    def __init__(self) -> None:
        self.word, self.heard, self.down, self.lines = b"", True, False, set()
        self.answered = asyncio.Event()
        """The server has done what nobody is told of."""

    async def carry(self, reader, writer, host: str, port: int) -> None:
        if self.down:
            return writer.close()
        place = f"{host}/.s.PGSQL.{port}"  # the embedded server listens on a socket in a folder
        opening = asyncio.open_unix_connection(place) if host[0] == "/" else asyncio.open_connection(host, port)
        far_reader, far_writer = await opening
        both = {writer, far_writer}
        self.lines |= both

        async def forth() -> None:
            while data := await reader.read(65536):
                cut = self.word and self.word in data
                if not cut or self.heard:
                    far_writer.write(data)
                if cut:
                    self.word, self.down = b"", True
                    if self.heard:
                        await self.answered.wait()
                    return self.cut()

        with suppress(OSError):
            ways = {asyncio.create_task(forth()), asyncio.create_task(self.back_unless_cut(far_reader, writer))}
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for end in both:
            end.close()

    async def back_unless_cut(self, reader, writer) -> None:
        while data := await reader.read(65536):
            if self.down:
                return self.answered.set()
            writer.write(data)

    def cut(self) -> None:
        for line in self.lines:
            line.transport.abort()
        self.lines.clear()


@pytest_asyncio.fixture
async def wire(server, committed, application) -> AsyncIterator[Wire]:
    wire, url = Wire(), committed.database.engine.url
    host, port = url.host or url.query.get("host"), url.port or 5432

    async def carry(reader, writer):
        await wire.carry(reader, writer, host, port)

    listener = await asyncio.start_server(carry, "127.0.0.1", 0)
    near = url.set(host="127.0.0.1", port=listener.sockets[0].getsockname()[1], query={})
    database = Database(near, pool=2)
    application.state.services = services_for(database)
    yield wire
    wire.cut()
    await database.close()
    listener.close()


@pytest_asyncio.fixture
async def desk(wire, application):
    transport = httpx2.ASGITransport(application, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://galen.test") as http:
        answer = await http.post("/api/v1/auth/login", json={"username": "ruth", "password": PASSWORD})
        http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield http


async def kept(committed) -> int:
    async with committed.as_system("north", "test") as ctx:
        return len(list(await ctx.db.scalars(select(Patient.id).where(Patient.family == "Lost"))))


@pytest.mark.parametrize("heard", [True, False], ids=["committed, and nobody told", "never heard"])
async def test_a_commit_without_an_answer_is_not_known_and_the_same_key_finds_out(desk, wire, committed, heard):
    once = {"json": BODY, "headers": {"idempotency-key": "k-lost"}}
    wire.word, wire.heard = b"COMMIT", heard
    lost = await desk.post("/api/v1/patients", **once)
    assert (lost.status_code, lost.json()["code"], lost.headers["retry-after"]) == (503, "outcome_unknown", "1")
    assert "it is not known whether this was done" in lost.json()["detail"]
    wire.down = False
    again = await desk.post("/api/v1/patients", **once)
    assert again.status_code == 201 and ("idempotent-replay" in again.headers) is heard
    assert await kept(committed) == 1


@pytest.mark.parametrize("word", [b"BEGIN", b"INSERT INTO", b"SELECT"])
async def test_what_was_lost_before_the_commit_is_known_to_be_undone(desk, wire, committed, word):
    wire.word = word
    lost = await desk.post("/api/v1/patients", json=BODY, headers={"idempotency-key": "k-before"})
    assert (lost.status_code, lost.json()["code"], lost.headers["retry-after"]) == (503, "database_gone", "1")
    assert "Nothing was changed" in lost.json()["detail"]
    wire.down = False
    assert await kept(committed) == 0
    assert (await desk.post("/api/v1/patients", json=BODY)).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/api/v1/patients", None),
        ("POST", "/api/v1/auth/login", {"username": "ruth", "password": PASSWORD}),
        ("POST", "/api/v1/auth/password-reset", {"email": "ruth@north.example"}),
        ("GET", "/", None),
        ("GET", "/login", None),
        ("POST", "/login", None),
    ],
)
async def test_while_there_is_no_database_every_door_says_so(desk, wire, method, path, said):
    wire.down = True
    wire.cut()
    answer = await desk.request(method, path, json=said, headers={"accept": "text/html"})
    assert answer.status_code == 503, answer.text
    assert "retry-after" in answer.headers and "does not answer" in answer.text
