"""Facts become jobs in the transaction that made them true; the clock takes each of its slots once."""

from datetime import UTC, datetime

import pytest
from galen.core.finish import finish
from sqlalchemy import text

from galen.core import jobs
from galen.core.context import OrganizationInfo
from galen.core.database import APP_ROLE
from galen.core.events import JOBS, SUBSCRIBERS
from galen.core.jobs import Worker, slot
from galen.patients import PatientDraft, PatientRegistered, register


@pytest.fixture
def subscriber(monkeypatch):
    """Something above patients that wants to know of each registration."""
    heard = []

    async def listen(ctx, **args):
        heard.append((ctx.actor.name, args["patient_id"]))

    monkeypatch.setitem(JOBS, "tests.listen", listen)
    monkeypatch.setitem(SUBSCRIBERS, PatientRegistered, ["tests.listen"])
    return heard


async def test_a_fact_wakes_its_subscriber_as_the_system(ruth, subscriber, catch_up):
    patient = await register(ruth, PatientDraft(family="Heard", given="Of"))
    await catch_up()
    assert ("Galen", str(patient.id)) in subscriber


async def test_nothing_is_enqueued_for_work_that_rolled_back(committed, subscriber):
    with pytest.raises(RuntimeError):
        async with committed.as_system("north", "test") as ctx:
            await register(ctx, PatientDraft(family="Never", given="Was"))
            await finish(ctx)
            raise RuntimeError
    async with committed.database.transaction(None) as db:
        waiting = await db.scalar(text("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'tests.listen'"))
    assert waiting == 0


async def test_a_job_carries_ids_and_never_a_name(committed, subscriber):
    async with committed.as_system("north", "test") as ctx:
        await register(ctx, PatientDraft(family="Secretname", given="Of", phone="0400 123 456"))
    async with committed.database.transaction(None) as db:
        payloads = await db.scalars(text("SELECT convert_from(payload, 'UTF8') FROM pgqueuer"))
        assert not [p for p in payloads if "secretname" in p.casefold() or "123456" in p]


async def test_an_organisation_cannot_enqueue_work_for_another(committed):
    forged = b'{"organization": "south", "args": {}, "cause": "x"}'
    with pytest.raises(Exception, match="only its own facts"):
        async with committed.database.transaction("north") as db:
            await db.info["raw"].execute(
                "SELECT galen.announce($1::text[], $2::bytea[], $3)", ["x"], [forged], '{"organization": "north"}'
            )


@pytest.mark.parametrize(
    ("period", "now", "zone", "due"),
    [
        ("10s", "2026-11-20T00:00:19+00:00", "UTC", "2026-11-20T00:00:10+00:00"),
        ("15m", "2026-11-20T00:44:59+00:00", "UTC", "2026-11-20T00:30:00+00:00"),
        ("08:00", "2026-11-20T20:59:00+00:00", "Australia/Sydney", "2026-11-19T21:00:00+00:00"),
        ("08:00", "2026-11-20T21:00:00+00:00", "Australia/Sydney", "2026-11-20T21:00:00+00:00"),
        ("08:00", "2026-04-05T21:59:00+00:00", "Australia/Sydney", "2026-04-04T22:00:00+00:00"),  # the clock went back
    ],
)
def test_a_slot_is_the_latest_moment_that_is_due(period, now, zone, due):
    assert slot(period, datetime.fromisoformat(now), zone) == datetime.fromisoformat(due)


async def test_two_workers_take_each_slot_once(committed, monkeypatch):
    monkeypatch.setattr(jobs, "CLOCK", {"tests.tick": "10s"})
    worker = Worker(
        committed.database.engine.url.set(username=APP_ROLE), committed.as_system, committed.list_organizations
    )
    one, two = await worker.connect(), await worker.connect()
    north = [OrganizationInfo("north", "Harbour Health")]
    now = datetime(2026, 11, 20, 0, 0, 5, tzinfo=UTC)
    try:
        assert await jobs.tick(one, north, now) + await jobs.tick(two, north, now) == 1
        assert await jobs.tick(two, north, now.replace(second=15)) == 1
    finally:
        await one.close()
        await two.close()
