"""The database of a run: the cast, and 100,000 invented patients."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from galen.app import house_of, load
from galen.core import migrate, server
from galen.core.database import Database, dsn
from galen.core.record import uuid7
from galen.core.search_key import search_key, sounds_like
from galen.core.settings import settings
from galen.demo import furnish
from galen.organizations import country_of

CROWD = 100_000
SYLLABLES = "ba be bo da de do fa fe ga go ha he ka ke ko la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se si so ta te ti to va ve wi".split()


def invented(dice: random.Random) -> str:
    return "".join(dice.choice(SYLLABLES) for _ in range(dice.choice((2, 3, 3, 4)))).capitalize()


@contextmanager
def world(var: Path, crowd: int) -> Iterator[None]:
    """A running database with the cast and the crowd; kept between runs."""
    settings().var = var
    with server.running() as url:
        asyncio.run(build(url, crowd))
        yield


async def build(url: str, crowd: int) -> None:
    owner = await server.owner_url(url)
    await migrate.prepare(owner)
    load()
    database = Database(server.app_url(owner), pool=2)
    if not await migrate.slugs(owner):
        profile = country_of("AU")
        await migrate.add_organization(owner, "north", "Harbour Health", "AU", profile.currency, profile.zone)
        async with house_of(database).as_system("north", "bench") as ctx:
            await furnish(ctx, crowd=False)
    connection = await migrate.connect(dsn(server.app_url(owner)))
    await connection.execute("SET ROLE org_north; SET search_path TO org_north, galen")
    missing = crowd - await connection.fetchval("SELECT count(*) FROM patient WHERE number LIKE 'X%'")
    if missing > 0:
        await connection.copy_records_to_table("patient", records=people(missing), columns=COLUMNS)
    await connection.close()
    await database.close()
    owner_connection = await migrate.connect(owner)
    await owner_connection.execute("ANALYZE org_north.patient")
    await owner_connection.close()


COLUMNS = """id version number family given preferred search given_search sound sex born born_known phone email street suburb
state postcode country language label_large contact allergy_state registered_at""".split()


def people(count: int) -> list[tuple[object, ...]]:
    dice, now = random.Random(7), datetime.now(UTC)
    made: list[tuple[object, ...]] = []
    for number in range(count):
        family, given = invented(dice), invented(dice)
        keys = search_key(family), search_key(given)
        born = date(1930, 1, 1) + timedelta(days=dice.randrange(34000))
        made.append(
            (uuid7(), 1, f"X{number:06}", family, given, "", f"{keys[0]} {keys[1]}", keys[1], sounds_like(family),
             dice.choice(("female", "male")), born, "day", "", "", "", "", "", "", "AU", "en", False, "{}", "not asked", now)
        )  # fmt: skip
    return made
