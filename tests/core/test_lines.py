"""Lines to the database: lent, given back sound, replaced when broken, and never lent to more than there are places."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from galen.app import house_of
from galen.core import database as ground
from galen.core import lines, migrate
from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database, NotCommitted
from galen.core.lines import Crowded, Line, Lines
from tests.conftest import named

WHERE = "SELECT current_user, current_schema()"
NORTH, SOUTH = ("org_north", "org_north"), ("org_south", "org_south")


class Stumble(Exception):
    """Something goes wrong in the middle of a transaction."""


Over = Callable[[int], Database]


@pytest_asyncio.fixture
async def over(server: str, workshop: str) -> AsyncIterator[Over]:
    """A database that keeps so many lines, and lends twice as many at the most: `over(1)`."""
    opened: list[Database] = []

    def open_one(pool: int) -> Database:
        url = named(server, workshop, username=APP_ROLE, password=password_for(APP_ROLE))
        opened.append(Database(url, pool=pool))
        return opened[-1]

    yield open_one
    for database in opened:
        await database.close()


class Watch:
    """What the server itself sees of the application's sessions."""

    def __init__(self, connection: asyncpg.Connection, database: str) -> None:
        self.connection, self.database = connection, database

    async def sessions(self) -> list[tuple[int, str, str]]:
        query = "SELECT pid, state, query FROM pg_stat_activity WHERE usename = $1 AND datname = $2"
        return [tuple(row) for row in await self.connection.fetch(query, APP_ROLE, self.database)]

    async def until(self, holds: Callable[[list[tuple[int, str, str]]], bool]) -> list[tuple[int, str, str]]:
        """The sessions as soon as this holds of them; or as they are after five seconds."""
        for _ in range(250):
            if holds(found := await self.sessions()):
                break
            await asyncio.sleep(0.02)
        return found

    async def end(self, pid: int) -> None:
        """End a session's process, as an administrator or a restart would."""
        await self.connection.execute("SELECT pg_terminate_backend($1, 5000)", pid)


@pytest_asyncio.fixture
async def watch(server: str, workshop: str) -> AsyncIterator[Watch]:
    connection = await migrate.connect(server)
    yield Watch(connection, workshop)
    await connection.close()


async def where(db: Any) -> tuple[str, str]:
    return tuple((await db.execute(text(WHERE))).one())


async def process_of(database: Database, organization: str = "north") -> int:
    """The server process that serves a transaction."""
    async with database.transaction(organization) as db:
        return (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()


async def places(database: Database, most: int) -> list[Line]:
    """As many lines as there are places; one too few or one too many is refused."""
    taken = [await database.lines.take() for _ in range(most)]
    assert database.lines.places.locked()
    for line in taken:
        await database.lines.give_back(line, sound=True)
    return taken


# Lending


async def test_the_line_used_last_is_lent_first(over):
    lent = over(2).lines
    one, other = await lent.take(), await lent.take()
    await lent.give_back(one, sound=True)
    await lent.give_back(other, sound=True)
    assert await lent.take() is other
    assert await lent.take() is one
    for line in (one, other):
        await lent.give_back(line, sound=True)


async def test_one_transaction_after_another_needs_one_line(over, watch):
    database = over(3)
    assert len({await process_of(database, o) for o in ("north", "south", "north")}) == 1
    assert len(await watch.sessions()) == 1


async def test_no_more_than_are_kept_stay_open(over, watch):
    database = over(1)
    one, other = await database.lines.take(), await database.lines.take()
    assert len(await watch.sessions()) == 2
    await database.lines.give_back(one, sound=True)
    await database.lines.give_back(other, sound=True)
    assert [line is one for line in database.lines.free] == [True]
    assert other.raw.is_closed()
    assert len(await watch.until(lambda found: len(found) == 1)) == 1


async def test_closing_ends_every_line(over, watch):
    database = over(2)
    await places(database, 4)
    await database.close()
    assert await watch.until(lambda found: not found) == []


# Broken lines


async def test_a_line_whose_process_was_ended_is_replaced(over, watch):
    database = over(1)
    before = await process_of(database)
    await watch.end(before)
    after = await process_of(database)
    assert after != before
    assert [pid for pid, *_ in await watch.sessions()] == [after]
    await places(database, 2)


async def test_a_pool_that_does_not_look_lends_a_line_that_was_ended(over, watch, monkeypatch):
    """The broken variant: whatever is free is lent."""
    database = over(1)
    await watch.end(await process_of(database))

    async def take(self):
        await self.places.acquire()
        return self.free.pop()

    monkeypatch.setattr(Lines, "take", take)
    with pytest.raises((asyncpg.InterfaceError, asyncpg.PostgresError, OSError)):
        await process_of(database)


@pytest.mark.parametrize("reading", [False, True])
async def test_a_line_that_is_ended_while_it_is_lent_fails_once_and_the_next_one_works(over, watch, reading):
    database = over(1)
    with pytest.raises(DBAPIError):
        async with database.transaction("north", reading=reading) as db:
            pid = (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await watch.end(pid)
            await db.execute(text("SELECT 1"))
    async with database.transaction("north", reading=reading) as db:
        assert await where(db) == NORTH
    await places(database, 2)


async def test_a_commit_that_the_server_never_answered_is_an_error(over, watch):
    database = over(1)
    with pytest.raises((asyncpg.InterfaceError, asyncpg.PostgresError, OSError)):
        async with database.transaction("north") as db:
            await watch.end((await db.execute(text("SELECT pg_backend_pid()"))).scalar_one())
    assert database.lines.free == []
    await places(database, 2)


async def left_busy(database: Database) -> tuple[int, asyncio.Task[Any]]:
    """A transaction stumbles while a statement is still under way, so that it cannot be rolled back."""
    with pytest.raises(Stumble):
        async with database.transaction("north") as db:
            pid = (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            straggler = asyncio.create_task(db.info["raw"].execute("SELECT pg_sleep(1)"))
            await asyncio.sleep(0.05)
            raise Stumble
    return pid, straggler


async def test_a_line_that_cannot_roll_back_is_not_kept(over, watch):
    database = over(1)
    pid, straggler = await left_busy(database)
    assert database.lines.free == []
    async with database.transaction("south") as db:
        assert await where(db) == SOUTH
    await asyncio.gather(straggler, return_exceptions=True)
    assert pid not in [p for p, *_ in await watch.until(lambda found: pid not in [p for p, *_ in found])]
    await places(database, 2)


async def test_a_pool_that_keeps_unsound_lines_lends_one_to_the_next(over, monkeypatch):
    """The broken variant: whatever comes back is kept."""
    database, careful = over(1), Lines.give_back

    async def careless(self, line, *, sound):
        await careful(self, line, sound=True)

    monkeypatch.setattr(Lines, "give_back", careless)
    _, straggler = await left_busy(database)
    with pytest.raises(asyncpg.InterfaceError):
        await process_of(database)
    await asyncio.gather(straggler, return_exceptions=True)


async def test_a_server_that_lets_nobody_in_costs_no_places(server, workshop):
    database = Database(named(server, workshop, username="galen_stranger", password="wrong"), pool=1)
    for _ in range(5):
        with pytest.raises((asyncpg.PostgresError, DBAPIError)):
            await process_of(database)
    assert not database.lines.places.locked()
    await database.close()


# Waiting


async def test_when_all_are_lent_the_next_one_waits_for_its_turn(over):
    database = over(1)
    one, other = await database.lines.take(), await database.lines.take()
    waiting = [asyncio.create_task(database.lines.take()) for _ in range(2)]
    await asyncio.sleep(0.05)
    assert not any(w.done() for w in waiting)
    await database.lines.give_back(other, sound=True)
    assert await waiting[0] is other
    assert not waiting[1].done()
    await database.lines.give_back(one, sound=True)
    assert await waiting[1] is one
    for line in (one, other):
        await database.lines.give_back(line, sound=True)
    await places(database, 2)


async def test_whoever_waits_too_long_is_refused_and_takes_no_place(over, monkeypatch):
    monkeypatch.setattr(lines, "PATIENCE", 0.05)
    database = over(1)
    lent = [await database.lines.take(), await database.lines.take()]
    for _ in range(3):
        with pytest.raises(Crowded) as refused:
            await process_of(database)
    assert refused.value.status == 503
    assert str(refused.value) == ("Too many people are asking at this moment. Nothing was changed; please try again.")
    for line in lent:
        await database.lines.give_back(line, sound=True)
    await places(database, 2)


async def test_whoever_leaves_the_queue_takes_no_place(over, monkeypatch):
    database = over(1)
    lent = [await database.lines.take(), await database.lines.take()]
    leaving, staying = (asyncio.create_task(process_of(database)) for _ in range(2))
    await asyncio.sleep(0.05)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await database.lines.give_back(lent.pop(), sound=True)
    assert await asyncio.wait_for(staying, 5)
    await database.lines.give_back(lent.pop(), sound=True)
    await places(database, 2)


async def test_a_client_hears_that_it_is_crowded_and_when_to_come_again(over, application, monkeypatch):
    monkeypatch.setattr(lines, "PATIENCE", 0.05)
    database = over(1)
    application.state.house = house_of(database)
    lent = [await database.lines.take(), await database.lines.take()]
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://galen.test") as client:
        crowded = await client.get("/api/v1/roles")
        for line in lent:
            await database.lines.give_back(line, sound=True)
        later = await client.get("/api/v1/roles")
    assert (crowded.status_code, crowded.json()["code"], crowded.headers["retry-after"]) == (503, "crowded", "1")
    assert crowded.headers["content-type"] == "application/problem+json"
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


async def test_a_line_that_is_given_back_as_it_is_shows_the_next_one_what_was_not_kept(over, watch, monkeypatch):
    """The broken variant: an error is not rolled back."""

    async def forgotten(line):
        return True

    monkeypatch.setattr(ground, "rolled_back", forgotten)
    database = over(1)
    with pytest.raises(Stumble):
        async with database.transaction("north") as db:
            await db.execute(text("UPDATE site SET suburb = 'Elsewhere'"))
            raise Stumble
    assert [state for _, state, _ in await watch.sessions()] == ["idle in transaction"]
    async with database.transaction("north", reading=True) as db:
        assert (await db.execute(text("SELECT count(*) FROM site WHERE suburb = 'Elsewhere'"))).scalar_one() > 0
    await database.lines.free[0].raw.execute("ROLLBACK")


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
        async with database.transaction(organization, reading=True) as db:
            assert await where(db) == found
            assert [state for _, state, _ in await watch.sessions()] == ["idle"]


# Cancelling


def asleep(found: list[tuple[int, str, str]]) -> bool:
    return any(state == "active" and "pg_sleep" in query for _, state, query in found)


def resting(found: list[tuple[int, str, str]]) -> bool:
    return all(state == "idle" for _, state, _ in found)


@pytest.mark.parametrize("reading", [False, True])
@pytest.mark.parametrize("by", ["session", "driver"])
async def test_a_task_cancelled_in_a_statement_leaves_no_line_lent_and_none_in_a_transaction(over, watch, reading, by):
    database = over(1)

    async def sleeper():
        async with database.transaction("north", reading=reading) as db:
            slow = "SELECT pg_sleep(30)"
            await (db.execute(text(slow)) if by == "session" else db.info["raw"].execute(slow))

    task = asyncio.create_task(sleeper())
    assert asleep(await watch.until(asleep))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    async with asyncio.timeout(5), database.transaction("south", reading=reading) as db:
        assert await where(db) == SOUTH
    async with asyncio.timeout(5):
        await places(database, 2)
    assert resting(await watch.until(resting))


@pytest.mark.race
@pytest.mark.parametrize("seed", range(3))
async def test_a_storm_of_cancelling_loses_no_line_and_mixes_up_nobody(over, watch, seed):
    database, dice = over(2), random.Random(seed)
    seen: list[tuple[Any, Any]] = []

    async def visit(organization: str, reading: bool, pause: float, stumbles: bool) -> None:
        async with database.transaction(organization, reading=reading) as db:
            found = await db.info["raw"].fetchrow(f"{WHERE}, pg_sleep({pause})")
            seen.append((f"org_{organization}", found[0]))
            seen.append((await where(db), (f"org_{organization}",) * 2))
            if stumbles:
                raise Stumble

    tasks = [
        asyncio.create_task(
            visit(dice.choice(["north", "south"]), dice.random() < 0.4, dice.random() / 300, dice.random() < 0.2)
        )
        for _ in range(120)
    ]
    for task in dice.sample(tasks, 60):
        await asyncio.sleep(dice.random() / 200)
        task.cancel()
    async with asyncio.timeout(30):
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(end) for end in ends} <= {type(None), Stumble, asyncio.CancelledError}
    assert {type(None), asyncio.CancelledError} <= {type(end) for end in ends}
    assert [pair for pair in seen if pair[0] != pair[1]] == []
    async with asyncio.timeout(5):
        await places(database, 4)
    assert resting(await watch.until(resting))


# Many at once


async def fifty(database: Database) -> list[BaseException | tuple[str, Any]]:
    """Fifty transactions at once over a few lines; every fifth one stumbles. Each says where it was, and should be."""

    async def visit(number: int) -> tuple[str, Any]:
        organization = "north" if number % 2 else "south"
        async with database.transaction(organization, reading=number % 7 == 0) as db:
            await db.info["raw"].execute("SELECT pg_sleep(0.002)")
            found = await where(db)
            if number % 5 == 0:
                raise Stumble
        return organization, found

    async with asyncio.timeout(30):
        return await asyncio.gather(*(visit(n) for n in range(50)), return_exceptions=True)


def misled(ends: list[BaseException | tuple[str, Any]]) -> list[Any]:
    """Those that were elsewhere than they should be, or failed in another way than they were told to."""
    right = {"north": NORTH, "south": SOUTH}
    return [e for e in ends if not isinstance(e, Stumble) and (isinstance(e, BaseException) or e[1] != right[e[0]])]


@pytest.mark.race
async def test_fifty_at_once_over_few_lines_all_finish_and_none_is_elsewhere(over, watch):
    database = over(2)
    ends = await fifty(database)
    assert misled(ends) == []
    assert sum(isinstance(e, Stumble) for e in ends) == 10
    assert len(await watch.until(lambda found: len(found) <= 2)) <= 2
    assert resting(await watch.sessions())
    await places(database, 4)


@pytest.mark.race
async def test_a_line_that_trusts_a_switch_that_was_rolled_back_misleads_some_of_the_fifty(over, monkeypatch):
    """The broken variant: where a line is, is noted when the switch is sent, and not when it is committed."""
    honest = ground.begin

    async def hasty(line, organization):
        await honest(line, organization)
        line.serves = organization

    monkeypatch.setattr(ground, "begin", hasty)
    assert misled(await fifty(over(2))) != []
