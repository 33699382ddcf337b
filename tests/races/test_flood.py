"""A flood of sign-ins costs whoever is in the house nothing: strangers wait for a hash, the desk works and signs in."""

import asyncio
import threading
from collections import Counter
from contextlib import asynccontextmanager

import httpx2
import pytest

from galen.app import services_for
from galen.core.database import Database
from galen.demo import PASSWORD
from galen.identity import passwords

pytestmark = pytest.mark.race
STRANGERS, CONNECTIONS = 60, 2
REFUSED = STRANGERS - passwords.DOOR.each
WRONG = "not this one"


async def nothing_ahead(*_: object) -> None:
    """The broken variant: the verb hashes, while it holds a connection, and as many wait as come."""


async def sign_in(desk: httpx2.AsyncClient) -> int:
    """At the form, on a device that is known from then on."""
    return (await desk.post("/login", data={"username": "ruth", "password": PASSWORD})).status_code


@asynccontextmanager
async def strangers_at_the_door(application, committed, monkeypatch, ahead=None):
    """No stranger's hash ever ends; yields the desk, where somebody is signed in, and what strangers are told."""
    never, begun, whole = threading.Event(), threading.Event(), passwords.is_hash_of

    def hash_of(stored: str, password: str) -> bool:
        if password == WRONG:
            begun.set()
            never.wait()
        return whole(stored, password)

    monkeypatch.setattr(passwords, "is_hash_of", hash_of)
    database = Database(committed.database.engine.url, pool=CONNECTIONS)
    application.state.services = services = services_for(database)
    services.ahead = ahead or services.ahead
    transport = httpx2.ASGITransport(application, raise_app_exceptions=False)
    told: Counter[int] = Counter()
    refused = asyncio.Event()
    async with (
        httpx2.AsyncClient(transport=transport, base_url="http://galen.test", timeout=60) as desk,
        httpx2.AsyncClient(transport=transport, base_url="http://galen.test", timeout=60) as stranger,
    ):

        async def guess(number: int) -> None:
            body = {"username": f"guess-{number}", "password": WRONG}
            told[(await stranger.post("/api/v1/auth/login", json=body)).status_code] += 1
            if told.total() == REFUSED:
                refused.set()

        assert await sign_in(desk) == 303
        crowd = [asyncio.create_task(guess(number)) for number in range(STRANGERS)]
        try:
            assert await asyncio.to_thread(begun.wait, 30)
            yield desk, told, refused
        finally:
            never.set()
            await asyncio.gather(*crowd)
    await database.close()


async def test_strangers_wait_for_their_hashes_and_the_desk_does_not(application, committed, monkeypatch):
    async with strangers_at_the_door(application, committed, monkeypatch) as (desk, told, refused):
        for _ in range(10):
            assert (await desk.get("/patients?q=quill")).status_code == 200
            assert await sign_in(desk) == 303
        await refused.wait()
        assert told == {429: REFUSED}
    assert told[401] == passwords.DOOR.each


async def test_hashing_while_a_connection_is_held_keeps_the_desk_from_signing_in(application, committed, monkeypatch):
    """The broken variant."""
    async with strangers_at_the_door(application, committed, monkeypatch, nothing_ahead) as (desk, *_):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sign_in(desk), 3)
