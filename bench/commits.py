"""Commits per second of 32 writers: silent ones whose notices are gathered, and ones with a NOTIFY in each of them."""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galen.app import services_for
from galen.core.database import Database
from galen.core.events import Event
from galen.core.services import Services
from galen.notices import CHANNEL
from galen.provisioning import server

from . import world

WRITERS, SECONDS, ROUNDS = 32, 3.0, 5


@dataclass(frozen=True)
class BenchWritten(Event):
    """Something happened that screens hear of."""


async def gathered(services: Services) -> None:
    """An action as it is: its notice is sent after the commit, with those of others."""
    async with services.as_system("north", "bench") as ctx:
        await ctx.raw.execute("INSERT INTO bench_row (words) VALUES ('written')")
        ctx.emit(BenchWritten())


async def notifying(services: Services) -> None:
    """The same with the NOTIFY inside the transaction."""
    async with services.as_system("north", "bench") as ctx:
        await ctx.raw.execute("INSERT INTO bench_row (words) VALUES ('written')")
        await ctx.raw.execute("SELECT pg_notify($1, $2)", CHANNEL, '{"north": ["bench-written"]}')


async def silent(services: Services) -> None:
    """The reference: nobody is told."""
    async with services.as_system("north", "bench") as ctx:
        await ctx.raw.execute("INSERT INTO bench_row (words) VALUES ('written')")


async def rate(services: Services, write: Callable[[Services], Any]) -> float:
    done, end = 0, time.monotonic() + SECONDS

    async def writer() -> None:
        nonlocal done
        while time.monotonic() < end:
            await write(services)
            done += 1

    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    return done / SECONDS


async def measure(url: str) -> dict[str, float]:
    owner = await server.owner_url(url)
    table = Database(owner, pool=1)
    async with table.transaction(None) as db:
        await db.info["raw"].execute("CREATE TABLE IF NOT EXISTS org_north.bench_row (words text)")
        await db.info["raw"].execute("TRUNCATE org_north.bench_row; GRANT INSERT ON org_north.bench_row TO org_north")
    services = services_for(Database(server.app_url(owner), pool=WRITERS))
    rates: dict[str, list[float]] = {"silent": [], "gathered": [], "notifying": []}
    for _ in range(ROUNDS):
        for name, write in (("silent", silent), ("gathered", gathered), ("notifying", notifying)):
            rates[name].append(await rate(services, write))
    await services.database.close()
    async with table.transaction(None) as db:
        await db.info["raw"].execute("DROP TABLE org_north.bench_row")
    await table.close()
    return {name: sorted(found)[len(found) // 2] for name, found in rates.items()}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench commits", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
    options = parser.parse_args(arguments)
    with world.world(Path("var/bench").absolute(), 0) as url:
        found = asyncio.run(measure(url))
    for name, commits in found.items():
        print(f"{name:10} {commits:7.0f} commits a second, {commits / found['silent']:.2f} of silent ones")
    if options.json:
        print(json.dumps(found))
