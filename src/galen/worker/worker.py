"""Jobs, done side by side; one that fails is tried again, one that ends its worker twice is set aside."""

import asyncio
import faulthandler
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job as Row
from sqlalchemy import URL

from galen import room
from galen.core.context import OrganizationInfo
from galen.core.database import SESSION, dsn
from galen.core.events import JOBS
from galen.core.jobs import OpenSystem, perform, tick
from galen.lasting import lasting
from galen.logs import log, traced
from galen.values.clock import CLOCK

from .driver import QueueDriver

ATTEMPTS = 6
DEATHS = 2
"""So many times a job may be there when its worker ends without a word."""
TOGETHER = 8
"""Jobs at the same time; each has a transaction of its own."""
LIMIT = 600.0
"""Seconds that a job may take."""
STILL = 120.0
"""Seconds after which a worker that does nothing but one endless step ends itself, so that the other jobs go on."""
HEARTBEAT = timedelta(seconds=20)
"""After so long without a sign of life of its worker a job is given to another one."""
GRACE = 5.0
"""Seconds that jobs are given to come to their end when the worker is stopped; then they are rolled back, and wait."""

BEGUN = "UPDATE galen.pgqueuer SET headers = jsonb_build_object('begun', $2::int) WHERE id = $1"
ENDED = "UPDATE galen.pgqueuer SET headers = NULL WHERE id = $1"
SKIPPED = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError, asyncpg.DeadlockDetectedError)


class JobFailed(Exception):
    """A job that failed for good, with nothing but the kind of its last error."""


class WorkerDied(Exception):
    """Why a job is set aside that was there when its worker ended, twice."""


class Room:
    """Jobs are in it together. One that was there when its worker ended is in it alone: then it shows who did it."""

    def __init__(self) -> None:
        self.inside, self.turn, self.empty = 0, asyncio.Lock(), asyncio.Event()

    @asynccontextmanager
    async def entered(self, alone: bool) -> AsyncIterator[None]:
        async with self.turn:
            while alone and self.inside:
                self.empty.clear()
                await self.empty.wait()
            if alone:
                yield
                return
            self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
            if not self.inside:
                self.empty.set()


class Worker:
    """Does jobs until told to stop. Start as many as you like, on as many machines."""

    def __init__(
        self, url: URL, open_system: OpenSystem, list_organizations: Callable[[], Awaitable[list[OrganizationInfo]]]
    ):
        self.url, self.open_system, self.list_organizations = url, open_system, list_organizations
        self.stopped, self.room = asyncio.Event(), Room()
        self.driver = QueueDriver(self.connect)

    async def connect(self) -> asyncpg.Connection:
        own = {**SESSION, "search_path": "galen", "statement_timeout": "5min"}
        return await asyncpg.connect(dsn(self.url), server_settings=own, timeout=10, command_timeout=60)

    async def run(self) -> None:
        """All that it does, side by side: the queue, its connection, the clock, and the watch over itself."""
        opening = asyncio.create_task(self.driver.keep_open())
        others = [asyncio.create_task(lasting("clock", self.keep_time, self.stopped)), asyncio.create_task(self.beat())]
        working = asyncio.create_task(lasting("jobs", self.work, self.stopped))
        await self.stopped.wait()
        for task in others:
            task.cancel()
        await asyncio.wait({working}, timeout=GRACE)
        working.cancel()
        await asyncio.wait({working}, timeout=GRACE)
        self.driver.close()
        await asyncio.gather(*others, working, opening, return_exceptions=True)

    async def work(self) -> None:
        queue = PgQueuer(self.driver)
        for name in JOBS:
            self.subscribe(queue, name)
        doing = asyncio.create_task(
            queue.run(
                dequeue_timeout=timedelta(seconds=5),
                batch_size=TOGETHER // 2,
                max_concurrent_tasks=TOGETHER,
                heartbeat_timeout=HEARTBEAT,
            )
        )
        stopping = asyncio.create_task(self.stopped.wait())
        try:
            await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            queue.shutdown.set()
            await doing
        finally:
            stopping.cancel()
            doing.cancel()

    def subscribe(self, queue: PgQueuer, name: str) -> None:
        @queue.entrypoint(name, on_failure="hold")
        async def do(job: Row) -> None:
            begun = int(str((job.headers or {}).get("begun", 0)))
            if begun >= DEATHS:
                log.warning("job set aside", job=name, id=job.id, error=WorkerDied.__name__)
                raise JobFailed(WorkerDied.__name__)
            async with self.room.entered(alone=begun > 0):
                await self.driver.execute(BEGUN, job.id, begun + 1)
                await self.attempt(name, job)

    async def attempt(self, name: str, job: Row) -> None:
        """Do it, or tell the queue when to try again; not why, as it keeps tracebacks in a table that all share."""
        began = monotonic()
        try:
            async with asyncio.timeout(LIMIT):
                return await perform(self.open_system, name, job.payload or b"{}")
        except asyncio.CancelledError:
            await self.driver.execute(ENDED, job.id)
            raise RetryRequested(reason="stopped") from None
        except Exception as error:
            kind, words = type(error).__name__, traced(error)
        details = {"job": name, "id": job.id, "attempt": job.attempts, "seconds": round(monotonic() - began)}
        log.warning("job failed", **details, error=kind, exception=words)
        await self.driver.execute(ENDED, job.id)
        if job.attempts + 1 < ATTEMPTS:
            raise RetryRequested(delay=timedelta(seconds=2**job.attempts), reason=kind) from None
        raise JobFailed(kind) from None

    async def keep_time(self) -> None:
        """By the database's clock. A tick that meets a lock, or takes too long, is left out: the next one makes up."""
        connection = await self.connect()
        try:
            while not self.stopped.is_set():
                now = await connection.fetchval("SELECT clock_timestamp()")
                CLOCK.set(now)
                try:
                    if not room.is_full():
                        await tick(connection, await self.list_organizations(), now)
                except SKIPPED as error:
                    log.warning("tick left out", error=type(error).__name__)
                await asyncio.sleep(1)
        finally:
            connection.terminate()

    async def beat(self) -> None:
        """While the loop turns, the alarm is put off. It needs neither the loop nor the interpreter to go off."""
        try:
            while True:
                faulthandler.dump_traceback_later(STILL, exit=True)
                await asyncio.sleep(STILL / 12)
        finally:
            faulthandler.cancel_dump_traceback_later()
