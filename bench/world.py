"""The database of a run: the cast, and 100,000 invented patients."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from galen import identity, inventory, medicines, organizations, scheduling
from galen.app import services_for
from galen.core.context import Context
from galen.core.database import Database, dsn
from galen.demo import seed
from galen.inventory import BatchDraft
from galen.modules import discover
from galen.organizations import SiteDraft, country_of
from galen.patients.keys import found_by
from galen.provisioning import migrate, server
from galen.settings import settings
from galen.values.ids import uuid7
from galen.values.search_key import search_key

from .crowded import crowd
from .journey import MEDICINES

PATIENTS = 100_000
SYLLABLES = """
    ba be bo da de do fa fe ga go ha he ka ke ko la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se si so
    ta te ti to va ve wi
""".split()


def invented(dice: random.Random) -> str:
    return "".join(dice.choice(SYLLABLES) for _ in range(dice.choice((2, 3, 3, 4)))).capitalize()


@contextmanager
def world(var: Path, patients: int, rows: int = 0) -> Iterator[str]:
    """A running database with the cast and many invented patients, and so many rows of all else; kept between runs."""
    settings().var = var
    with server.running() as url:
        asyncio.run(build(url, patients, rows))
        yield url


async def build(url: str, patients: int, rows: int) -> None:
    owner = await server.owner_url(url)
    await migrate.prepare(owner)
    discover()
    database = Database(server.app_url(owner), pool=2)
    if not await migrate.slugs(owner):
        profile = country_of("AU")
        await migrate.add_organization(owner, "north", "Harbour Health", "AU", profile.currency, profile.zone)
        async with services_for(database).as_system("north", "bench") as ctx:
            await seed(ctx, bulk=rows > 0)
    async with services_for(database).as_system("north", "bench") as ctx:
        await open_all_day(ctx)
        await fill_shelves(ctx)
    connection = await migrate.connect(dsn(server.app_url(owner)))
    await connection.execute("SET ROLE org_north; SET search_path TO org_north, galen")
    there = await connection.fetchval("SELECT count(*) FROM patient WHERE number LIKE 'X%'")
    if there < patients:
        await connection.copy_records_to_table("patient", records=people(patients)[there:], columns=COLUMNS)
    await connection.close()
    await database.close()
    owner_connection = await migrate.connect(owner)
    await crowd(owner_connection, "org_north", rows)
    await owner_connection.execute("ANALYZE")
    await owner_connection.close()


async def open_all_day(ctx: Context) -> None:
    """A clinic where it is early morning now, with a slot every five minutes: so that a run finds a day ahead of it."""
    offset = (ctx.now.hour - 3) % 24
    zone = f"Etc/GMT{offset if offset <= 12 else offset - 24:+d}"
    name = f"Bench by fives {zone}"
    known = {s.name: s for s in await organizations.sites(ctx)}
    site = known.get(name) or await organizations.add_site(ctx, SiteDraft(name=name, zone=zone))
    for account in await ctx.db.scalars(
        select(identity.Account).where(identity.Account.username.in_(["ada", "nora", "ruth"]))
    ):
        account.site_id = site.id
    ctx.site = site.info
    doctor = next(p for p in await scheduling.practitioners(ctx) if "Okafor" in p.name)
    found = await ctx.db.scalars(select(scheduling.Availability).where(scheduling.Availability.site_id == site.id))
    if not list(found):
        hours = {"site_id": site.id, "start": "00:00", "end": "23:55", "minutes": 5, "weekdays": range(7)}
        await scheduling.add_slots(ctx, scheduling.SlotsDraft(practitioner_id=doctor.id, **hours))


async def fill_shelves(ctx: Context) -> None:
    """Enough of the two medicines for any number of journeys, in two batches each."""
    ctx.site = next(s for s in await organizations.pharmacies(ctx)).info
    for words in MEDICINES:
        product = (await medicines.find_medicines(ctx, words, limit=1))[0]
        for number, days in (("BENCH-A", 200), ("BENCH-B", 400)):
            draft = BatchDraft(
                product_id=product.id,
                number=number,
                expires=(ctx.today + timedelta(days=days)).isoformat(),
                units=100_000,
            )
            await inventory.receive(ctx, draft)


COLUMNS = """
    id version number family given preferred prefix suffix gender search given_search words pieces sex born born_known
    phone phone_e164 email street suburb state postcode country language label_large contact telecoms contact_persons
    allergy_state registered_at
""".split()


def people(count: int) -> list[tuple[object, ...]]:
    dice, now = random.Random(7), datetime.now(UTC)
    made: list[tuple[object, ...]] = []
    for number in range(count):
        family, given = invented(dice), invented(dice)
        keys = search_key(family), search_key(given)
        phone = f"614{dice.randrange(10**8):08}"
        born = date(1930, 1, 1) + timedelta(days=dice.randrange(34000))
        made.append(
            (uuid7(), 1, f"X{number:06}", family, given, *[""] * 4, f"{keys[0]} {keys[1]}", keys[1],
             *found_by((family, given), (phone, f"{number:06}")), dice.choice(("female", "male")), born, "day",
             f"0{phone[2:]}", f"+{phone}", *[""] * 5, "AU", "en", False, "{}", "[]", "[]", "not asked", now)
        )  # fmt: skip
    return made
