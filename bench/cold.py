"""bin/bench cold: a day of readings of 200 sensors, one a minute, stored as a worker does it; some fridges get warm."""

import argparse
import asyncio
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from sqlalchemy import func, select

from galen import coldchain, organizations
from galen.app import services_for
from galen.coldchain import Excursion, PlaceDraft, PlaceKind, ReadingDraft, SensorDraft
from galen.core.database import Database
from galen.core.services import Services
from galen.provisioning import server

from . import world

TOGETHER = 1000
"""Readings in one transaction: what a worker takes at once when so many wait."""


def main(given: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench cold", description=__doc__)
    parser.add_argument("--sensors", type=int, default=200)
    parser.add_argument("--minutes", type=int, default=24 * 60)
    options = parser.parse_args(given)
    with world.world(Path("var/bench").absolute(), 0) as url:
        asyncio.run(measure(url, options.sensors, options.minutes))


async def measure(url: str, sensors: int, minutes: int) -> None:
    database = Database(server.app_url(await server.owner_url(url)), pool=2)
    services = services_for(database)
    serials = await set_up(services, sensors)
    start = datetime.now(UTC) - timedelta(minutes=minutes)
    sent = [(serial, reading(start, turn, minute)) for minute in range(minutes) for turn, serial in enumerate(serials)]
    began, stored = perf_counter(), 0
    for first in range(0, len(sent), TOGETHER):
        async with services.as_system("north", "bench") as ctx:
            piece = sent[first : first + TOGETHER]
            devices = await coldchain.devices(ctx, [serial for serial, _ in piece])
            given = [(devices[serial], said, None) for serial, said in piece]
            stored += (await coldchain.store_readings(ctx, given)).stored
    took = perf_counter() - began
    async with services.as_system("north", "bench") as ctx:
        threads = await ctx.db.scalar(select(func.count()).select_from(Excursion))
    print(f"{stored} readings of {sensors} sensors in {took:.1f} s: {stored / took:.0f}/s, {threads} threads in all")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    await database.close()


async def set_up(services: Services, sensors: int) -> list[str]:
    """So many fridges with a sensor each; new ones at each run."""
    run = uuid4().hex[:6]
    async with services.as_system("north", "bench") as ctx:
        ctx.site = (await organizations.pharmacies(ctx))[0].info
        for turn in range(sensors):
            name = f"{run}-{turn}"
            place = await coldchain.add_place(ctx, PlaceDraft(name=name, kind=PlaceKind.FRIDGE, bins=[name]))
            await ctx.flush()
            await coldchain.add_sensor(ctx, place.id, SensorDraft(serial=name))
        await ctx.flush()
    return [f"{run}-{turn}" for turn in range(sensors)]


def reading(start: datetime, turn: int, minute: int) -> ReadingDraft:
    """Most fridges breathe; every twentieth stands open for an hour."""
    wave = Decimal((minute * 7 + turn * 3) % 20) / 10
    warm = Decimal(9) if turn % 20 == 0 and 600 <= minute < 660 else Decimal(0)
    return ReadingDraft(at=start + timedelta(minutes=minute), c=Decimal(4) + wave + warm, seq=minute)
