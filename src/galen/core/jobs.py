"""Background work: jobs that the clock wakes, and the worker that does what facts and the clock ask for.

Jobs wait in the same PostgreSQL (pgqueuer), put there by the transaction that needs them. A job runs at least once,
in a transaction of its own; a failing one is tried again later and, after `ATTEMPTS`, kept as failed for people to see.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime, timedelta

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job as Row
from sqlalchemy import URL

from galen.logs import log, traced
from galen.values.schedule import NoSuchPeriod, NoSuchZone, Schedule, read, slot

from .context import Context, OrganizationInfo
from .database import SESSION, dsn
from .errors import Refusal
from .events import JOBS
from .finish import finish

ATTEMPTS = 6
CLOCK: dict[str, Schedule] = {}
OpenSystem = Callable[[str, str], AbstractAsyncContextManager[Context]]


class NoSuchSchedule(Refusal):
    """Met when a module is loaded: a misspelt period or zone ends the start."""

    message = "{says}"


def every(
    period: str, *, zone: str = ""
) -> Callable[[Callable[[Context], Awaitable[None]]], Callable[[Context], Awaitable[None]]]:
    """Run a job for each organisation: every "10s", "08:00", "Monday 10:00", "quarterly 06:00".

    `schedule.py` has them all. The wall clock is that of `zone`, by default the organisation's own.
    """

    def keep(fn: Callable[[Context], Awaitable[None]]) -> Callable[[Context], Awaitable[None]]:
        name = f"{fn.__module__.split('.')[1]}.{fn.__name__}"
        try:
            CLOCK[name] = read(name, period, zone)
        except (NoSuchPeriod, NoSuchZone) as error:
            raise NoSuchSchedule(says=str(error)) from None
        JOBS[name] = fn
        return fn

    return keep


async def tick(connection: asyncpg.Connection, organizations: list[OrganizationInfo], now: datetime) -> int:
    """Enqueue what the clock asks for. Each slot of each organisation is taken once, however many workers tick.

    What is seen for the first time (an organisation, a job, another period of a job) waits for its next slot: one that
    lies before is noted as if it had been taken. A slot that passed while no worker ran is taken late, once.
    """
    asked = [
        (
            f"{organization.slug} {name}",
            slot(schedule, now, organization.zone),
            schedule.said,
            name,
            payload(organization),
        )
        for organization in organizations
        for name, schedule in CLOCK.items()
    ]
    if not asked:
        return 0
    return int(await connection.fetchval(TICK, *map(list, zip(*asked, strict=True))))


TICK = "SELECT galen.tick($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bytea[])"


def payload(organization: OrganizationInfo) -> bytes:
    return json.dumps({"organization": organization.slug, "args": {}, "cause": "clock"}).encode()


async def perform(open_system: OpenSystem, name: str, payload: bytes) -> None:
    """One job in one transaction of its organisation, as the system itself."""
    message = json.loads(payload)
    async with open_system(message["organization"], f"job:{name}") as ctx:
        ctx.origin = f"job after {message['cause']}"
        await JOBS[name](ctx, **message["args"])
        await finish(ctx)


class JobFailed(Exception):
    """A job that failed for good, with nothing but the kind of its last error."""


class Worker:
    """Does jobs until told to stop. Start as many as you like, on as many machines."""

    def __init__(
        self, url: URL, open_system: OpenSystem, list_organizations: Callable[[], Awaitable[list[OrganizationInfo]]]
    ):
        self.url, self.open_system, self.list_organizations = url, open_system, list_organizations
        self.stopped = asyncio.Event()

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            dsn(self.url), server_settings={**SESSION, "search_path": "galen", "statement_timeout": "5min"}
        )

    async def run(self) -> None:
        connection, clock = await self.connect(), await self.connect()
        queue = PgQueuer(AsyncpgDriver(connection))
        for name in JOBS:
            self.subscribe(queue, name)
        ticking = asyncio.create_task(self.keep_time(clock))
        working = asyncio.create_task(
            queue.run(dequeue_timeout=timedelta(seconds=5), batch_size=20, heartbeat_timeout=timedelta(seconds=20))
        )
        stopping = asyncio.create_task(self.stopped.wait())
        await asyncio.wait({ticking, working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        ticking.cancel()
        queue.shutdown.set() if hasattr(queue, "shutdown") else working.cancel()
        for task in (ticking, working):
            with suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(task, 20)
        for open_connection in (connection, clock):
            await open_connection.close()

    def subscribe(self, queue: PgQueuer, name: str) -> None:
        @queue.entrypoint(name, on_failure="hold")
        async def do(job: Row) -> None:
            try:
                await perform(self.open_system, name, job.payload or b"{}")
            except Exception as error:
                details = {"job": name, "id": job.id, "attempt": job.attempts, "error": type(error).__name__}
                log.warning("job failed", **details, exception=traced(error))
                # from None: the queue keeps tracebacks in a table that organisations share, and errors may quote rows
                if job.attempts + 1 < ATTEMPTS:
                    raise RetryRequested(
                        delay=timedelta(seconds=2**job.attempts), reason=type(error).__name__
                    ) from None
                raise JobFailed(type(error).__name__) from None

    async def keep_time(self, connection: asyncpg.Connection) -> None:
        while not self.stopped.is_set():
            await tick(connection, await self.list_organizations(), datetime.now(UTC))
            await asyncio.sleep(1)
