"""Lines to the database: connections that stay open from one transaction to the next."""

import asyncio
from dataclasses import dataclass
from types import EllipsisType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from .errors import Busy

PATIENCE = 10.0  # seconds that a request waits for a line before it gives up


class Crowded(Busy):
    message = "Too many people are asking at this moment. Nothing was changed; please try again."


@dataclass
class Line:
    """One connection: as SQLAlchemy sees it, as the driver sees it, and the organisation that it served last."""

    connection: AsyncConnection
    raw: Any
    serves: str | EllipsisType | None = ...


class Lines:
    """So many lines at the most. The one used last is lent first, as it has the plans of its statements ready."""

    def __init__(self, engine: AsyncEngine, keep: int, most: int) -> None:
        self.engine, self.keep = engine, keep
        self.free: list[Line] = []
        self.places = asyncio.Semaphore(most)

    async def take(self) -> Line:
        """A line that is open; waits for its turn when all are lent."""
        if self.places.locked():
            try:
                async with asyncio.timeout(PATIENCE):
                    await self.places.acquire()
            except TimeoutError:
                raise Crowded from None
        else:
            await self.places.acquire()
        try:
            while self.free:
                line = self.free.pop()
                if not line.raw.is_closed():
                    return line
                await end(line)
            connection = await self.engine.connect()
            return Line(connection, (await connection.get_raw_connection()).driver_connection)
        except BaseException:
            self.places.release()
            raise

    async def give_back(self, line: Line, *, sound: bool) -> None:
        """For the next one; a line that is broken, or one too many, ends here."""
        try:
            if sound and not line.raw.is_closed() and len(self.free) < self.keep:
                self.free.append(line)
            else:
                await end(line)
        finally:
            self.places.release()

    async def close(self) -> None:
        free, self.free = self.free, []
        for line in free:
            await end(line)
        await self.engine.dispose()


async def end(line: Line) -> None:
    if line.raw.is_closed():
        await line.connection.invalidate()
    await line.connection.close()
