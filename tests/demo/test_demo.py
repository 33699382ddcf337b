"""The demo: whatever day it is opened, something is to be done today, and there is a last week to compare with."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select

from galen import analytics, identity, medicines, organizations, patients, scheduling
from galen.app import services_for
from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database, dsn
from galen.demo import DEMO, demo_is_due, open_demo, seed
from galen.modules import discover
from galen.opening import greet
from galen.patients import Patient
from galen.provisioning import migrate
from tests.conftest import named, on

FICTIONAL = r"0491 57\d \d{3}|(\+61 2|\(02\)) 5550 \d{4}|\+1 \d{3} 555 01\d\d"
SATURDAY, FRIDAY = datetime(2026, 11, 21, 2, tzinfo=UTC), datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest_asyncio.fixture
async def empty(server: str) -> Any:
    """A database at the present without any organisation: its owner's address, and services over it."""
    name = f"galen_demo_{uuid4().hex[:8]}"
    await on(server, f"CREATE DATABASE {name}")
    owner = dsn(named(server, name))
    await migrate.prepare(owner)
    discover()
    database = Database(named(server, name, username=APP_ROLE, password=password_for(APP_ROLE)), pool=2)
    yield owner, services_for(database)
    await database.close()
    await on(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("today", [FRIDAY, SATURDAY])
async def test_there_is_work_today_and_a_week_to_compare_with(empty: Any, today: datetime) -> None:
    owner, home = empty
    await migrate.add_organization(owner, *DEMO[0], "AUD", "Australia/Sydney")
    async with home.as_system("north", "demo") as ctx:
        ctx.now = today
        await seed(ctx)
    async with home.as_system("north", "test") as ctx:
        ctx.now = today
        ctx.site = (await organizations.sites(ctx))[0].info
        assert len(await scheduling.free_slots(ctx, day=ctx.today)) > 5
        figures = {figure.word: figure for figure in (await analytics.days_report(ctx)).figures}
        for word in ("Appointments", "Visits", "Billed"):
            assert figures[word].today and figures[word].last_week, word
        registered = list(await ctx.db.scalars(select(Patient.registered_at)))
        assert len({at.date() for at in registered}) > 20
        assert ctx.now.date() <= today.date()
        phones = list(await ctx.db.scalars(select(Patient.phone).where(Patient.phone != "")))
        phones += [site.phone for site in await organizations.sites(ctx)]
        assert [phone for phone in phones if not re.fullmatch(FICTIONAL, phone)] == []


@pytest.mark.parametrize("now", ["2026-11-27T21:32Z", "2026-11-29T20:46Z", "2026-11-30T03:59Z", "2026-11-30T12:50Z"])
async def test_it_opens_at_whatever_hour_and_nobody_is_asked_to_be_in_two_rooms(empty: Any, now: str) -> None:
    owner, home = empty
    await migrate.add_organization(owner, *DEMO[0], "AUD", "Australia/Sydney")
    async with home.as_system("north", "demo") as ctx:
        ctx.now = datetime.fromisoformat(now)
        await seed(ctx)
    async with home.as_system("north", "test") as ctx:
        assert len((await ctx.db.scalars(select(scheduling.Appointment.id))).all()) > 40


async def test_a_demo_that_was_cut_short_is_finished_at_the_next_start(empty: Any) -> None:
    owner, home = empty
    assert await demo_is_due(home)
    await migrate.add_organization(owner, *DEMO[0], "AUD", "Australia/Sydney")
    assert await demo_is_due(home)
    await open_demo(owner, home)
    assert not await demo_is_due(home)
    async with home.as_system("south", "test") as ctx:
        assert [account.username for account in await identity.accounts(ctx)] == ["zoe", "ian", "pia", "rex"]


async def test_whoever_begins_with_an_organisation_of_their_own_gets_no_demo(
    empty: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    owner, home = empty
    await migrate.add_organization(owner, "hill", "Hill Street Practice", "AU", "AUD", "Australia/Sydney")
    assert not await demo_is_due(home)
    greet(await home.list_organizations())
    assert "sign-ins" not in capsys.readouterr().out
    async with home.as_system("hill", "test") as ctx:
        assert await patients.find_patients(ctx, "a") == []
        assert (await medicines.medicines(ctx)).items == []


async def test_the_greeting_names_the_sign_ins_of_the_demo(services: Any, capsys: pytest.CaptureFixture[str]) -> None:
    greet(await services.list_organizations())
    assert "ada      Dr Ada Okafor, doctor" in capsys.readouterr().out
