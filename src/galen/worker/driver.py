"""The queue's connection to the database: opened again when it was lost, as if it had never been away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import Relay
from pgqueuer.core.tm import TaskManager
from pgqueuer.ports.driver import NotifyCallback

from galen.core.database import CONNECTION_LOST
from galen.lasting import lasting

T = TypeVar("T")
LOST = (
    *CONNECTION_LOST,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)


class QueueDriver:
    """What pgqueuer asks of a driver. A statement that met a lost connection is sent again: all of them may be."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self.connect, self.ended = connect, asyncio.Event()
        self.connection: asyncpg.Connection | None = None
        self.heard: list[tuple[str, NotifyCallback]] = []
        self.lock, self.lost, self.opened = asyncio.Lock(), asyncio.Event(), asyncio.Event()
        self.shutdown = asyncio.Event()
        self.tm = TaskManager()

    async def keep_open(self) -> None:
        """Until the end: one connection after another. What came meanwhile is looked for as soon as one is there."""
        await lasting("queue", self.hold_one, self.ended)

    def close(self) -> None:
        """Whoever still waits for a connection waits no longer."""
        for event in (self.ended, self.lost, self.opened):
            event.set()

    async def hold_one(self) -> None:
        self.lost.clear()
        connection = await self.connect()
        try:
            connection.add_termination_listener(lambda _: self.lost.set())
            for channel, callback in self.heard:
                await connection.add_listener(channel, Relay(callback))
            await connection.execute("SELECT galen.wake_workers()")
            self.connection = connection
            self.opened.set()
            await self.lost.wait()
            if not self.ended.is_set():
                raise ConnectionResetError
        finally:
            self.opened.clear()
            self.connection = None
            connection.terminate()

    async def sent(self, send: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        while not self.ended.is_set():
            await self.opened.wait()
            async with self.lock:
                if (connection := self.connection) is not None:
                    try:
                        return await send(connection)
                    except LOST:
                        self.lost.set()
            await asyncio.sleep(0.05)
        raise ConnectionResetError

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return [dict(row) for row in await self.sent(lambda connection: connection.fetch(query, *args))]

    async def execute(self, query: str, *args: object) -> str:
        return str(await self.sent(lambda connection: connection.execute(query, *args)))

    async def notify(self, channel: str, payload: str) -> None:
        await self.execute("SELECT pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        self.heard.append((channel, callback))
        await self.sent(lambda connection: connection.add_listener(channel, Relay(callback)))

    async def remove_listener(self, channel: str, callback: NotifyCallback) -> None:
        self.heard = [listener for listener in self.heard if listener != (channel, callback)]
        await self.sent(lambda connection: connection.remove_listener(channel, Relay(callback)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: Any) -> None: ...
