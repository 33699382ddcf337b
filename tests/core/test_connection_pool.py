"""Connections to the database: lent, given back sound, replaced when broken, and never more than there are places."""

import asyncio
from typing import Any

import asyncpg
import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from galen.app import services_for
from galen.core import database as transactions
from galen.core.database import APP_ROLE, Database, NotCommitted
from galen.core.fast import connection_pool
from galen.core.fast.connection_pool import ConnectionPool, PoolTimeout
from galen.core.pool import DatabaseGone, OutcomeUnknown
from tests.conftest import named
from tests.core.server_sessions import NORTH, SOUTH, Stumble, connections, process_of, where

# Lending


async def test_the_connection_used_last_is_lent_first(over):
    lent = over(2).pool
    first, second = await lent.acquire(), await lent.acquire()
    await lent.release(first, healthy=True)
    await lent.release(second, healthy=True)
    assert await lent.acquire() is second
    assert await lent.acquire() is first
    for connection in (first, second):
        await lent.release(connection, healthy=True)


async def test_one_transaction_after_another_needs_one_connection(over, watch):
    database = over(3)
    assert len({await process_of(database, o) for o in ("north", "south", "north")}) == 1
    assert len(await watch.sessions()) == 1
    assert [connection.organization for connection in database.pool.idle] == [
        "north"
    ]  # which the next one of north need not say again


async def test_no_more_than_are_kept_stay_open(over, watch):
    database = over(1)
    first, second = await database.pool.acquire(), await database.pool.acquire()
    assert len(await watch.sessions()) == 2
    await database.pool.release(first, healthy=True)
    await database.pool.release(second, healthy=True)
    assert [connection is first for connection in database.pool.idle] == [True]
    assert second.raw.is_closed()
    assert len(await watch.until(lambda found: len(found) == 1)) == 1


async def test_closing_ends_every_connection(over, watch):
    database = over(2)
    await connections(database, 4)
    await database.close()
    assert await watch.until(lambda found: not found) == []


# Broken connections


async def test_a_connection_whose_process_was_ended_is_replaced(over, watch):
    database = over(1)
    before = await process_of(database)
    await watch.end(before)
    after = await process_of(database)
    assert after != before
    assert [pid for pid, *_ in await watch.sessions()] == [after]
    await connections(database, 2)


async def test_a_pool_that_does_not_look_lends_a_connection_that_was_ended(over, watch, monkeypatch):
    """The broken variant: whatever is free is lent."""
    database = over(1)
    await watch.end(await process_of(database))

    async def acquire(self):
        await self.slots.acquire()
        return self.idle.pop()

    monkeypatch.setattr(ConnectionPool, "acquire", acquire)
    with pytest.raises(DatabaseGone):
        await process_of(database)


@pytest.mark.parametrize("reading", [False, True])
async def test_a_connection_that_is_ended_while_it_is_lent_fails_once_and_the_next_one_works(over, watch, reading):
    database = over(1)
    with pytest.raises(DatabaseGone):
        async with database.transaction("north", read_only=reading) as db:
            pid = (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await watch.end(pid)
            await db.execute(text("SELECT 1"))
    async with database.transaction("north", read_only=reading) as db:
        assert await where(db) == NORTH
    await connections(database, 2)


async def test_a_commit_that_the_server_never_answered_is_not_known(over, watch):
    database = over(1)
    with pytest.raises(OutcomeUnknown):
        async with database.transaction("north") as db:
            await watch.end((await db.execute(text("SELECT pg_backend_pid()"))).scalar_one())
    assert database.pool.idle == []
    await connections(database, 2)


async def left_busy(database: Database) -> tuple[int, asyncio.Task[Any]]:
    """A transaction stumbles while a statement is still under way, so that it cannot be rolled back."""
    with pytest.raises(Stumble):
        async with database.transaction("north") as db:
            pid = (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            straggler = asyncio.create_task(db.info["raw"].execute("SELECT pg_sleep(1)"))
            await asyncio.sleep(0.05)
            raise Stumble
    return pid, straggler


async def test_a_connection_that_cannot_roll_back_is_not_kept(over, watch):
    database = over(1)
    pid, straggler = await left_busy(database)
    assert database.pool.idle == []
    async with database.transaction("south") as db:
        assert await where(db) == SOUTH
    await asyncio.gather(straggler, return_exceptions=True)
    assert pid not in [p for p, *_ in await watch.until(lambda found: pid not in [p for p, *_ in found])]
    await connections(database, 2)


async def test_a_pool_that_keeps_unsound_connections_lends_one_to_the_next(over, monkeypatch):
    """The broken variant: whatever comes back is kept."""
    database, careful = over(1), ConnectionPool.release

    async def careless(self, pooled, *, healthy):
        await careful(self, pooled, healthy=True)

    monkeypatch.setattr(ConnectionPool, "release", careless)
    _, straggler = await left_busy(database)
    with pytest.raises(asyncpg.InterfaceError):
        await process_of(database)
    await asyncio.gather(straggler, return_exceptions=True)


async def test_a_server_that_lets_nobody_in_costs_no_places(server, workshop):
    database = Database(named(server, workshop, username="galen_stranger", password="wrong"), pool=1)
    for _ in range(5):
        with pytest.raises(DatabaseGone):
            await process_of(database)
    assert not database.pool.slots.locked()
    await database.close()


# Waiting


async def test_when_all_are_lent_the_next_one_waits_for_its_turn(over):
    database = over(1)
    first, second = await database.pool.acquire(), await database.pool.acquire()
    waiting = [asyncio.create_task(database.pool.acquire()) for _ in range(2)]
    await asyncio.sleep(0.05)
    assert not any(w.done() for w in waiting)
    await database.pool.release(second, healthy=True)
    assert await waiting[0] is second
    assert not waiting[1].done()
    await database.pool.release(first, healthy=True)
    assert await waiting[1] is first
    for connection in (first, second):
        await database.pool.release(connection, healthy=True)
    await connections(database, 2)


async def test_whoever_waits_too_long_is_refused_and_takes_no_place(over, monkeypatch):
    monkeypatch.setattr(connection_pool, "TIMEOUT", 0.05)
    database = over(1)
    lent = [await database.pool.acquire(), await database.pool.acquire()]
    for _ in range(3):
        with pytest.raises(PoolTimeout) as refused:
            await process_of(database)
    assert refused.value.status == 503
    assert str(refused.value) == ("Too many people are asking at this moment. Nothing was changed; please try again.")
    for connection in lent:
        await database.pool.release(connection, healthy=True)
    await connections(database, 2)


async def test_whoever_leaves_the_queue_takes_no_place(over, monkeypatch):
    database = over(1)
    lent = [await database.pool.acquire(), await database.pool.acquire()]
    leaving, staying = (asyncio.create_task(process_of(database)) for _ in range(2))
    await asyncio.sleep(0.05)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await database.pool.release(lent.pop(), healthy=True)
    assert await asyncio.wait_for(staying, 5)
    await database.pool.release(lent.pop(), healthy=True)
    await connections(database, 2)


async def test_a_client_hears_that_all_are_lent_and_when_to_come_again(over, application, monkeypatch):
    monkeypatch.setattr(connection_pool, "TIMEOUT", 0.05)
    database = over(1)
    application.state.services = services_for(database)
    lent = [await database.pool.acquire(), await database.pool.acquire()]
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://galen.test") as client:
        refused = await client.get("/api/v1/roles")
        for connection in lent:
            await database.pool.release(connection, healthy=True)
        later = await client.get("/api/v1/roles")
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "pool_timeout", "1")
    assert refused.headers["content-type"] == "application/problem+json"
    assert later.status_code == 401


# What one transaction leaves to the next


@pytest.mark.parametrize("second", ["north", "south"])
@pytest.mark.parametrize("wrong", [Stumble, DBAPIError])
async def test_after_an_error_the_next_transaction_sees_nothing_of_it(over, watch, second, wrong):
    database = over(1)
    async with database.transaction("north") as db:
        suburbs = (await db.execute(text("SELECT id, suburb FROM site ORDER BY id"))).all()
        pid = (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    with pytest.raises(wrong):
        async with database.transaction("north") as db:
            assert (await db.execute(text("UPDATE site SET suburb = 'Elsewhere'"))).rowcount == len(suburbs) > 0
            if wrong is Stumble:
                raise Stumble
            await db.execute(text("SELECT 1 / 0"))
    assert [(p, state) for p, state, _ in await watch.sessions()] == [(pid, "idle")]
    async with database.transaction(second) as db:
        assert await where(db) == (NORTH if second == "north" else SOUTH)
        assert (await db.execute(text("SELECT count(*) FROM site WHERE suburb = 'Elsewhere'"))).scalar_one() == 0
        assert (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one() == pid
    async with database.transaction("north") as db:
        assert (await db.execute(text("SELECT id, suburb FROM site ORDER BY id"))).all() == suburbs


async def test_a_connection_that_is_given_back_as_it_is_shows_the_next_one_what_was_not_kept(over, watch, monkeypatch):
    """The broken variant: an error is not rolled back."""

    async def forgotten(connection):
        return True

    monkeypatch.setattr(transactions, "rolled_back", forgotten)
    database = over(1)
    with pytest.raises(Stumble):
        async with database.transaction("north") as db:
            await db.execute(text("UPDATE site SET suburb = 'Elsewhere'"))
            raise Stumble
    assert [state for _, state, _ in await watch.sessions()] == ["idle in transaction"]
    async with database.transaction("north", read_only=True) as db:
        assert (await db.execute(text("SELECT count(*) FROM site WHERE suburb = 'Elsewhere'"))).scalar_one() > 0
    await database.pool.idle[0].raw.execute("ROLLBACK")


async def test_an_error_that_was_swallowed_is_not_taken_for_done(over, watch):
    database = over(1)
    with pytest.raises(NotCommitted):
        async with database.transaction("south") as db:
            with pytest.raises(asyncpg.PostgresError):
                await db.info["raw"].execute("SELECT 1 / 0")
    assert [state for _, state, _ in await watch.sessions()] == ["idle"]
    async with database.transaction("south") as db:
        assert await where(db) == SOUTH


async def test_reading_leaves_no_transaction_and_the_right_organisation(over, watch):
    database = over(1)
    for organization, found in (("north", NORTH), ("south", SOUTH), (None, (APP_ROLE, "galen")), ("north", NORTH)):
        async with database.transaction(organization, read_only=True) as db:
            assert await where(db) == found
            assert [state for _, state, _ in await watch.sessions()] == ["idle"]
