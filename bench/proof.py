"""bin/bench proof: how many rows of the audit log are verified in a second, as the worker does it."""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from galen.app import services_for
from galen.compliance import anchor, seal_log, verify_log
from galen.core.context import Context
from galen.core.database import Database
from galen.core.services import Services
from galen.provisioning import server

from . import world

ROWS = """
INSERT INTO audit_entry (at, actor_id, actor_name, verb, action, subject, subject_id, patient_id, changes, site_id,
  request_id, origin, reason, id, version)
SELECT clock_timestamp(), md5((n % 40)::text)::uuid, 'Person ' || n % 40, 'queue.call_next', 'changed', 'token',
  gen_random_uuid(), md5((n % 9000)::text)::uuid, CASE WHEN n % 2 = 0 THEN '{}'::jsonb ELSE
  jsonb_build_object('status', jsonb_build_array('waiting', 'called'), 'called_at', jsonb_build_array(null, n)) END,
  md5('site')::uuid, gen_random_uuid(), '10.0.0.' || n % 90, '', gen_random_uuid(), 1 FROM generate_series(1, $1) n
"""


def main(given: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench proof", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    options = parser.parse_args(given)
    with world.world(Path("var/bench").absolute(), 0) as url:
        asyncio.run(measure(url, options.rows))


async def measure(url: str, rows: int) -> None:
    database = Database(server.app_url(await server.owner_url(url)), pool=2)
    services = services_for(database)
    there = await done(services, lambda ctx: ctx.raw.fetchval("SELECT count(*) FROM audit_entry"))
    if there < rows:
        await done(services, lambda ctx: ctx.raw.execute(ROWS, rows - there))
    while await done(services, seal_log):
        await done(services, anchor)
    await done(services, anchor)
    for _ in range(3):
        read = 0

        async def step(count: int) -> None:
            nonlocal read
            read += count

        began, spent = perf_counter(), process_time()
        damages = await done(services, lambda ctx: verify_log(ctx, step=step))
        took, spent = perf_counter() - began, process_time() - spent
        print(
            f"{read} rows, {len(damages)} damages: {read / took:.0f} rows/s; {spent / read * 1e6:.1f} µs of CPU a row"
        )
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    await database.close()


async def done(services: Services, work: Callable[[Context], Awaitable[Any]]) -> Any:
    async with services.as_system("north", "bench") as ctx:
        return await work(ctx)
