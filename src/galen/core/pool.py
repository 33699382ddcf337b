"""Connections to the database: what is lent for a transaction, and the plain way to lend it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, Protocol

from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from .errors import Busy

TIMEOUT = 10.0  # seconds that a request waits for a connection before it gives up
SHARE_TIMEOUT = 5.0  # and for one of those that its class of work may have


class PoolTimeout(Busy):
    message = "Too many people are asking at this moment. Nothing was changed; please try again."


class DatabaseGone(Busy):
    message = "The database does not answer at the moment. Nothing was changed; please try again in a minute."


class OutcomeUnknown(Busy):
    message = (
        "The database was lost at the last moment, so it is not known whether this was done. Send the same again: "
        "it is done once. Or look whether it was done."
    )


class Shares:
    """No class of work has more than half of the connections, so a table that is held stops only its own pages."""

    def __init__(self, connections: int) -> None:
        self.each = max(1, connections // 2)
        self.held: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def of(self, work: str) -> AsyncIterator[None]:
        """A share for as long as this lasts; what has no class, such as a job, needs none."""
        if not work:
            yield
            return
        share = self.held.setdefault(work, asyncio.Semaphore(self.each))
        try:
            async with asyncio.timeout(SHARE_TIMEOUT) if share.locked() else nullcontext():
                await share.acquire()
        except TimeoutError:
            raise PoolTimeout from None
        try:
            yield
        finally:
            share.release()


@dataclass
class PooledConnection:
    """One connection: as SQLAlchemy sees it, as the driver sees it, and the organisation it is switched to."""

    connection: AsyncConnection
    raw: Any
    organization: str | EllipsisType | None = ...  # `...` when that is not known


class Pool(Protocol):
    """Lends connections: no more than it has, each to one transaction at a time."""

    async def acquire(self) -> PooledConnection: ...

    async def release(self, pooled: PooledConnection, *, healthy: bool) -> None: ...

    async def close(self) -> None: ...


class EnginePool:
    """SQLAlchemy's own pool; each transaction switches to its organisation anew."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def acquire(self) -> PooledConnection:
        try:
            return await pooled(self.engine)
        except NoConnection:
            raise PoolTimeout from None

    async def release(self, pooled: PooledConnection, *, healthy: bool) -> None:
        if not healthy or pooled.raw.is_closed():
            await pooled.connection.invalidate()
        await pooled.connection.close()

    async def close(self) -> None:
        await self.engine.dispose()


async def pooled(engine: AsyncEngine) -> PooledConnection:
    """A connection of the engine, with the driver's own beneath it."""
    connection = await engine.connect()
    return PooledConnection(connection, (await connection.get_raw_connection()).driver_connection)
