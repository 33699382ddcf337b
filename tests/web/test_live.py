"""Live lines: so many from one address, of one account and in all; they end with the session, and keep none awake."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import select, text

from galen import identity
from galen.core.web import live
from galen.identity.service import end_account_sessions
from galen.patients import Patient
from galen.queue.events import QueueMoved
from galen.settings import settings
from tests.web.test_sockets import ROW, bearer, connected, end_of, said


@pytest_asyncio.fixture
async def served(serve: Any) -> Any:
    async with serve() as served:
        yield served


@asynccontextmanager
async def line(served: Any, cookie: str = "", path: str = "/live") -> Any:
    """What the server says on a live line, piece by piece."""
    timeout = httpx2.Timeout(5)
    async with (
        httpx2.AsyncClient(base_url=served.url, headers={"cookie": cookie}, timeout=timeout) as browser,
        browser.stream("GET", path) as answer,
    ):
        yield answer.status_code, answer.aiter_text()


async def ended(said: Any) -> bool:
    """Whether the server ends this line within a few seconds."""
    try:
        async with asyncio.timeout(4):
            async for _ in said:
                pass
    except (TimeoutError, httpx2.TimeoutException):
        return False
    return True


async def test_signing_out_ends_the_lines_of_that_session_and_no_others(served):
    mine, other = await served.cookie("ruth"), await served.cookie("ruth")
    async with line(served, mine) as (_, said), line(served, other) as (_, kept):
        await anext(said)
        await anext(kept)
        async with httpx2.AsyncClient(base_url=served.url, headers={"cookie": mine}) as browser:
            page = (await browser.get("/profile")).text
            csrf = page.split('name="csrf" content="')[1].split('"')[0]
            assert (await browser.post("/logout", data={"csrf": csrf})).status_code == 303
        assert await ended(said)
        assert not await ended(kept)


async def test_an_administrator_who_signs_somebody_out_ends_their_lines(served):
    async with line(served, await served.cookie("ruth")) as (_, said):
        await anext(said)
        async with served.services.as_system("north", "test") as ctx:
            ruth = await ctx.db.scalar(select(identity.Account).where(identity.Account.username == "ruth"))
            await end_account_sessions(ctx, ruth.id)
        assert await ended(said)


async def test_a_line_is_told_nothing_of_sessions(served):
    async with line(served, await served.cookie("ruth")) as (_, said):
        await anext(said)
        async with served.services.as_system("north", "test") as ctx:
            nora = await ctx.db.scalar(select(identity.Account).where(identity.Account.username == "nora"))
            await served.cookie("nora")
            await end_account_sessions(ctx, nora.id)
            ctx.emit(QueueMoved(nora.id))
        heard = await asyncio.wait_for(anext(said), 4)
    assert "queue-moved" in heard and "ended" not in heard


async def test_a_line_ends_when_its_session_has_not_been_used_for_too_long(served, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT", 0.1)
    monkeypatch.setattr(live, "CHECK", 0.3)
    async with line(served, await served.cookie("ruth")) as (_, said):
        await anext(said)
        async with served.services.as_system("north", "test") as ctx:
            await ctx.db.execute(text("UPDATE session SET last_seen = last_seen - interval '31 minutes'"))
        assert await ended(said)


async def test_a_line_keeps_no_session_awake(served, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT", 0.1)
    monkeypatch.setattr(live, "CHECK", 0.1)
    cookie = await served.cookie("ruth")
    async with served.services.as_system("north", "test") as ctx:
        await ctx.db.execute(text("UPDATE session SET last_seen = last_seen - interval '10 minutes'"))
        before = await ctx.db.scalar(text("SELECT max(last_seen) FROM session"))
    async with line(served, cookie) as (_, said):
        assert not await ended(said), "ten minutes are not too long"
    async with served.services.as_system("north", "test") as ctx:
        assert await ctx.db.scalar(text("SELECT max(last_seen) FROM session")) == before


@pytest.mark.parametrize(
    ("who", "streams", "most"),
    [("ruth", 300, 3), ("", 1500, 3), ("", 150, 0)],
    ids=["an account", "displays at one address", "displays on a small server"],
)
async def test_lines_have_an_end_and_are_given_back(served, monkeypatch, who, streams, most):
    monkeypatch.setattr(settings(), "streams", streams)
    cookie, path = (await served.cookie(who), "/live") if who else ("", "/live?organization=north")
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(line(served, cookie, path)) for _ in range(most)]
        assert [status for status, _ in lines] == [200] * most
        for _, heard in lines:  # whoever is forgotten hangs up
            await anext(heard)
        async with line(served, cookie, path) as (status, _):
            assert status == 429
        async with line(served, await served.cookie("nora")) as (status, _):
            assert status == 200, "somebody else has lines of their own"
    for _ in range(40):
        async with line(served, cookie, path) as (status, _):
            if status == 200 or not most:
                break
        await asyncio.sleep(0.1)
    assert status == (200 if most else 429)


async def test_displays_together_leave_the_most_for_people(served, monkeypatch):
    monkeypatch.setattr(settings(), "streams", 100)
    monkeypatch.setitem(live.HELD, "displays", 2)
    async with line(served, "", "/live?organization=north") as (status, _):
        assert status == 429
    async with line(served, await served.cookie("ruth")) as (status, _):
        assert status == 200


async def test_a_socket_takes_a_line_and_gives_it_back(serve, monkeypatch, committed):
    async with committed.as_system("north", "test") as ctx:
        patient = await ctx.db.scalar(select(Patient.id).where(Patient.given == "Mara"))
    monkeypatch.setattr(settings(), "streams", 100)
    async with serve(ROW) as served:
        token = await bearer(served, "ruth")
        async with connected(served, str(patient), **token) as ws:
            await said(ws)
            async with connected(served, str(patient), **token) as second:
                assert (await end_of(second))[0] == 4429
        while live.HELD:  # noqa: ASYNC110 the server notices that it was left a moment later
            await asyncio.sleep(0.02)
        async with connected(served, str(patient), **token) as again:
            assert (await said(again))["family"] == "Quill"
