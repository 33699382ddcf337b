"""Databases with few connections, and what the server sees of them."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy import text

from galen.core.database import APP_ROLE, Database
from galen.core.fast.connection_pool import PooledConnection

WHERE = "SELECT current_user, current_schema()"
NORTH, SOUTH = ("org_north", "org_north"), ("org_south", "org_south")


class Stumble(Exception):
    """Something goes wrong in the middle of a transaction."""


Over = Callable[[int], Database]


class ServerSessions:
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


async def where(db: Any) -> tuple[str, str]:
    return tuple((await db.execute(text(WHERE))).one())


async def process_of(database: Database, organization: str = "north") -> int:
    """The server process that serves a transaction."""
    async with database.transaction(organization) as db:
        return (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()


async def connections(database: Database, most: int) -> list[PooledConnection]:
    """As many connections as there are places; one too few or one too many is refused."""
    taken = [await database.pool.acquire() for _ in range(most)]
    assert database.pool.slots.locked()
    for connection in taken:
        await database.pool.release(connection, healthy=True)
    return taken
