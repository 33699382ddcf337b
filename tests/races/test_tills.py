"""Many at once at one drawer: one till is opened, one report closes it, and no more is paid out than lies there.

Each race is also run against a careless variant, to see that the same judgement finds it out.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import func, select

from galen import billing, organizations
from galen.billing import DrawerDraft, LedgerAccount, Posting, TillSession, TillState, Transaction, ZReport
from galen.billing.service import tills
from galen.core.context import Context
from galen.demo import PASSWORD
from galen.identity import Account
from galen.values.ids import uuid7
from tests.conftest import named, on

D, CROWD = Decimal, 32
pytestmark = pytest.mark.race


@asynccontextmanager
async def desk(application: Any, services: Any) -> AsyncIterator[Any]:
    """Ruth's desk with a drawer; `send(path, said)` is a request with a key of its own."""
    async with services.as_system("north", "test") as ctx:
        site_id = await ctx.db.scalar(select(Account.site_id).where(Account.username == "ruth"))
        ctx.site = (await ctx.get(organizations.Site, site_id)).info
        drawer = await billing.add_drawer(ctx, DrawerDraft(name="Front desk"))
    before, application.state.services = application.state.services, services
    try:
        transport = httpx2.ASGITransport(application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://galen.test", timeout=60) as tab:
            signed_in = await tab.post("/api/v1/auth/login", json={"username": "ruth", "password": PASSWORD})
            tab.headers["authorization"] = f"Bearer {signed_in.json()['access_token']}"

            async def send(path: str, said: dict[str, Any]) -> Any:
                return await tab.post(f"/api/v1{path}", json=said, headers={"Idempotency-Key": str(uuid7())})

            yield drawer.id, send
    finally:
        application.state.services = before


async def at_once(send: Any, path: str, said: dict[str, Any]) -> list[Any]:
    return list(await asyncio.gather(*(send(path, said) for _ in range(CROWD))))


async def opened(drawer_id: UUID, send: Any) -> str:
    answer = await send("/till/sessions", {"drawer_id": str(drawer_id), "amount": "100"})
    assert answer.status_code == 201, answer.text
    return f"/till/sessions/{answer.json()['id']}"


async def careless(ctx: Context, session_id: UUID, *, lock: bool = False) -> TillSession:
    """How it must not be done: a till is read, and what is decided by it is not held against what others do."""
    session = await ctx.db.scalar(select(TillSession).where(TillSession.id == session_id))
    await asyncio.sleep(0.3)
    assert session
    if session.is_counted:
        ctx.db.expunge(session)
    return session


async def without(services: Any, server: str, *statements: str) -> None:
    """Take rules of the database away."""
    database = named(server, services.database.engine.url.database)
    await on(database, "SET search_path TO org_north, galen", *statements)


async def one_is_open(services: Any, answers: list[Any]) -> None:
    async with services.as_system("north", "test") as ctx:
        there = select(func.count()).select_from(TillSession).where(TillSession.status != TillState.CLOSED)
        assert await ctx.db.scalar(there) == 1
        from_safe = select(func.sum(Posting.amount)).where(Posting.account == LedgerAccount.SAFE)
        assert await ctx.db.scalar(from_safe) == D(-100)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (CROWD - 1)
    assert all("till" in answer.json()["detail"] for answer in answers if answer.status_code == 409)


async def test_of_32_who_open_one_does(application: Any, committed: Any) -> None:
    async with desk(application, committed) as (drawer_id, send):
        said = {"drawer_id": str(drawer_id), "amount": "100"}
        await one_is_open(committed, await at_once(send, "/till/sessions", said))


async def test_the_database_alone_keeps_it_to_one(application: Any, committed: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(tills, "refuse_second", nobody_looks)
    async with desk(application, committed) as (drawer_id, send):
        said = {"drawer_id": str(drawer_id), "amount": "100"}
        await one_is_open(committed, await at_once(send, "/till/sessions", said))


async def test_the_judgement_finds_out_that_several_were_opened(
    application: Any, committed: Any, server: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(tills, "refuse_second", nobody_looks)
    indexes = "DROP INDEX till_session_drawer_open_idx, till_session_person_open_idx"
    await without(committed, server, indexes)
    async with desk(application, committed) as (drawer_id, send):
        said = {"drawer_id": str(drawer_id), "amount": "100"}
        with pytest.raises(AssertionError):
            await one_is_open(committed, await at_once(send, "/till/sessions", said))


async def nobody_looks(*_: Any) -> None:
    """How it must not be done: nobody looks whether a till is open."""


async def closed_once(services: Any, answers: list[Any]) -> None:
    async with services.as_system("north", "test") as ctx:
        assert await ctx.db.scalar(select(func.count()).select_from(ZReport)) == 1
        closes = select(func.count()).select_from(Transaction).where(Transaction.kind == "close")
        assert await ctx.db.scalar(closes) == 1
        in_tills = select(func.sum(Posting.amount)).where(Posting.account == LedgerAccount.CASH)
        assert await ctx.db.scalar(in_tills) == 0
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (CROWD - 1)
    assert {answer.json()["detail"] for answer in answers if answer.status_code == 409} == {tills.ClosedTwice.message}


async def closed_by_all(application: Any, services: Any) -> list[Any]:
    async with desk(application, services) as (drawer_id, send):
        here = await opened(drawer_id, send)
        assert (await send(f"{here}/counts", {"other": "100"})).status_code == 201
        return await at_once(send, f"{here}/closing", {})


async def test_of_32_who_close_one_does(application: Any, committed: Any) -> None:
    await closed_once(committed, await closed_by_all(application, committed))


async def test_the_judgement_finds_out_who_closes_what_was_read_before(
    application: Any, committed: Any, server: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(tills, "opened", careless)
    await without(
        committed,
        server,
        "ALTER TABLE z_report DROP CONSTRAINT z_report_till_session_id_key",
    )
    with pytest.raises(AssertionError, match=r"assert \d+ == 1"):
        await closed_once(committed, await closed_by_all(application, committed))


async def never_below_nothing(services: Any, answers: list[Any]) -> None:
    async with services.as_system("north", "test") as ctx:
        assert await ctx.db.scalar(select(TillSession.cash)) == D(10)
        in_till = select(func.sum(Posting.amount)).where(Posting.account == LedgerAccount.CASH)
        assert await ctx.db.scalar(in_till) == D(10)
    assert sorted(answer.status_code for answer in answers) == [201] * 6 + [409] * (CROWD - 6)


async def paid_out_by_all(application: Any, services: Any) -> list[Any]:
    said = {"direction": "out", "purpose": "safe", "amount": "15", "reason": "To the bank", "authority": "Max"}
    async with desk(application, services) as (drawer_id, send):
        return await at_once(send, f"{await opened(drawer_id, send)}/movements", said)


async def test_32_take_out_no_more_than_lies_there(application: Any, committed: Any) -> None:
    await never_below_nothing(committed, await paid_out_by_all(application, committed))


async def test_the_judgement_finds_out_who_takes_from_what_was_read_before(
    application: Any, committed: Any, server: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(tills, "opened", careless)
    await without(committed, server, "ALTER TABLE till_session DROP CONSTRAINT till_session_cash_check")
    with pytest.raises(AssertionError):
        await never_below_nothing(committed, await paid_out_by_all(application, committed))
