"""Connections that stay open, and stay in their organisation, from one transaction to the next."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from ..pool import TIMEOUT, PooledConnection, PoolTimeout, pooled


class ConnectionPool:
    """At most `limit` connections. The one used last is lent first, as it has the plans of its statements ready."""

    def __init__(self, engine: AsyncEngine, size: int, limit: int) -> None:
        self.engine, self.size = engine, size
        self.idle: list[PooledConnection] = []
        self.slots = asyncio.Semaphore(limit)

    async def acquire(self) -> PooledConnection:
        """A connection that is open; waits for its turn when all are lent."""
        if self.slots.locked():
            try:
                async with asyncio.timeout(TIMEOUT):
                    await self.slots.acquire()
            except TimeoutError:
                raise PoolTimeout from None
        else:
            await self.slots.acquire()
        try:
            while self.idle:
                connection = self.idle.pop()
                if not connection.raw.is_closed():
                    return connection
                await close(connection)
            return await pooled(self.engine)
        except BaseException:
            self.slots.release()
            raise

    async def release(self, pooled: PooledConnection, *, healthy: bool) -> None:
        """For the next one; a connection that is broken, or one too many, is closed."""
        try:
            if healthy and not pooled.raw.is_closed() and len(self.idle) < self.size:
                self.idle.append(pooled)
            else:
                await close(pooled)
        finally:
            self.slots.release()

    async def close(self) -> None:
        idle, self.idle = self.idle, []
        for connection in idle:
            await close(connection)
        await self.engine.dispose()


async def close(pooled: PooledConnection) -> None:
    if pooled.raw.is_closed():
        await pooled.connection.invalidate()
    await pooled.connection.close()
