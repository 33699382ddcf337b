"""Half-sent requests hold nothing: a head that does not come, or does not end, is the end of its connection."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from galen.asgi import connections
from galen.asgi.connections import BoundedConnection

WHOLE = b"GET /a HTTP/1.1\r\nHost: galen\r\n\r\n"
CROWD = 300


async def hello(scope: Any, receive: Any, send: Any) -> None:
    while scope["method"] == "POST" and (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@asynccontextmanager
async def listening(protocol: Any) -> AsyncIterator[tuple[int, Any]]:
    config = uvicorn.Config(hello, http=protocol, lifespan="off", log_config=None, timeout_keep_alive=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 it tells nobody
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1], server
        server.should_exit, server.force_exit = True, True
        await task


async def closed_by_server(port: int, said: bytes, drops: bytes = b"") -> bool:
    """Whether the server hangs up on somebody who says this, and then one drop after another, but no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(said)

        async def drip() -> None:
            while drops:
                await asyncio.sleep(0.05)
                writer.write(drops)

        dripping = asyncio.create_task(drip())
        try:
            async with asyncio.timeout(3):
                while await reader.read(65536):
                    pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            dripping.cancel()
    finally:
        writer.close()


HALVES = [
    (b"", b""),
    (b"G", b""),
    (b"GET / HTTP/1.1\r\nHost: ga", b""),
    (b"GET / HTTP/1.1\r\nHost: galen\r\n", b"X-A: b\r\n"),
    (b"\r\n", b"\r\n"),
    (WHOLE, b"\r\n"),
    (WHOLE + b"GET / HT", b""),
    (WHOLE + b"POST /b HTTP/1.1\r\nHost: galen\r\nX-Long: ", b"x"),
]


@pytest.mark.parametrize(("said", "drops"), HALVES)
async def test_a_head_that_does_not_end_is_the_end_of_its_connection(said, drops, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    async with listening(BoundedConnection) as (port, _):
        assert await closed_by_server(port, said, drops)


async def test_three_hundred_half_sent_requests_are_let_go(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    async with listening(BoundedConnection) as (port, server):
        slow = b"GET / HTTP/1.1\r\nHost: ga"
        assert all(await asyncio.gather(*(closed_by_server(port, slow) for _ in range(CROWD))))
        assert not server.server_state.connections


async def test_without_the_bound_they_stay(monkeypatch):
    """The broken variant: uvicorn's own connection."""
    async with listening(HttpToolsProtocol) as (port, _):
        assert not await closed_by_server(port, b"GET / HTTP/1.1\r\nHost: ga")


@pytest.mark.parametrize("endless", [b"GET /" + b"x" * 2**20, b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 2**20])
async def test_a_head_without_end_is_cut(endless):
    async with listening(BoundedConnection) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(endless)
            assert (await reader.read(12)) in (b"HTTP/1.1 431", b"HTTP/1.1 400", b"")
        except ConnectionResetError:
            pass
        finally:
            writer.close()


async def test_whoever_sends_whole_requests_is_answered_one_after_another(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    async with listening(BoundedConnection) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        post = b"POST /b HTTP/1.1\r\nHost: galen\r\nContent-Length: 4\r\n\r\n"
        for _ in range(3):
            writer.write(WHOLE)
            assert b"200 OK" in await reader.readuntil(b"hi")
            writer.write(post)
            await asyncio.sleep(0.4)  # the head is whole; for its body the limits of limits.py hold
            writer.write(b"body")
            assert b"200 OK" in await reader.readuntil(b"hi")
        writer.close()
