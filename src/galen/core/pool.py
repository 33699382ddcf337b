"""Connections to the database: what is lent for a transaction, and the plain way to lend it."""

from dataclasses import dataclass
from types import EllipsisType
from typing import Any, Protocol

from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from .errors import Busy

TIMEOUT = 10.0  # seconds that a request waits for a connection before it gives up


class PoolTimeout(Busy):
    message = "Too many people are asking at this moment. Nothing was changed; please try again."


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
