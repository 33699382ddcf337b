"""Background work: jobs that the clock wakes, and how one job is done. The worker that does them is galen.worker.

Jobs wait in the same PostgreSQL (pgqueuer), put there by the transaction that needs them. A job runs at least once,
in a transaction of its own.
"""

import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import asyncpg

from galen.values.schedule import NoSuchPeriod, NoSuchZone, Schedule, read, slot

from .context import Context, OrganizationInfo
from .errors import Refusal
from .events import JOBS
from .finish import finish

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
    lies before is noted as if it had been taken. A slot that passed while no worker ran is taken late, once. A clock
    that was set back stops nothing: what had been noted for a moment to come is forgotten.
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
    return int(await connection.fetchval(TICK, now, *map(list, zip(*asked, strict=True))))


TICK = "SELECT galen.tick($1::timestamptz, $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::bytea[])"


def payload(organization: OrganizationInfo) -> bytes:
    return json.dumps({"organization": organization.slug, "args": {}, "cause": "clock"}).encode()


async def perform(open_system: OpenSystem, name: str, payload: bytes) -> None:
    """One job in one transaction of its organisation, as the system itself."""
    message = json.loads(payload)
    async with open_system(message["organization"], f"job:{name}") as ctx:
        ctx.origin = f"job after {message['cause']}"
        await JOBS[name](ctx, **message["args"])
        await finish(ctx)
