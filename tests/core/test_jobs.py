"""Facts become jobs in the transaction that made them true; the clock takes each of its slots once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from galen.core import jobs
from galen.core.context import OrganizationInfo
from galen.core.database import APP_ROLE
from galen.core.events import JOBS, SUBSCRIBERS
from galen.core.finish import finish
from galen.core.jobs import every
from galen.patients import PatientDraft, PatientRegistered, register
from galen.values.schedule import read
from galen.worker import Worker


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
    with pytest.raises(Exception, match="only its own jobs"):
        async with committed.database.transaction("north") as db:
            await db.info["raw"].execute("SELECT galen.enqueue_own($1::text[], $2::bytea[])", ["x"], [forged])


@pytest.fixture
async def clocks(committed):
    """Two workers' connections, and the organisation that they tick for."""
    worker = Worker(
        committed.database.engine.url.set(username=APP_ROLE), committed.as_system, committed.list_organizations
    )
    one, two = await worker.connect(), await worker.connect()
    yield one, two
    await one.close()
    await two.close()


NORTH = [OrganizationInfo("north", "Harbour Health")]
NOON = datetime(2026, 11, 20, 1, 0, 5, tzinfo=UTC)  # Friday 12:00:05 in Sydney


async def waiting(connection, name="tests.tick"):
    return await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", name)


def clock(monkeypatch, **jobs_by_period):
    monkeypatch.setattr(jobs, "CLOCK", {f"tests.{name}": read(name, period) for name, period in jobs_by_period.items()})


async def test_two_workers_take_each_slot_once(clocks, monkeypatch):
    clock(monkeypatch, tick="10s")
    one, two = clocks
    assert await jobs.tick(one, NORTH, NOON) == 0
    assert await jobs.tick(one, NORTH, NOON.replace(second=15)) == 1
    assert await jobs.tick(two, NORTH, NOON.replace(second=16)) == 0
    both = await asyncio.gather(*(jobs.tick(c, NORTH, NOON.replace(second=25)) for c in clocks))
    assert sorted(both) == [0, 1]
    assert await waiting(one) == 2


async def test_a_job_that_is_new_is_not_woken_for_what_lies_before_it(clocks, monkeypatch):
    clock(monkeypatch, tick="Monday 10:00")
    worker, _ = clocks
    assert await jobs.tick(worker, NORTH, NOON) == 0
    assert await jobs.tick(worker, NORTH, NOON + timedelta(days=2)) == 0
    assert await jobs.tick(worker, NORTH, datetime(2026, 11, 22, 22, 59, tzinfo=UTC)) == 0
    assert await jobs.tick(worker, NORTH, datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == 1  # Monday 10:00 in Sydney
    assert await waiting(worker) == 1


async def test_an_organisation_that_is_new_is_not_woken_for_what_lies_before_it(clocks, monkeypatch):
    clock(monkeypatch, tick="08:00")
    worker, _ = clocks
    await jobs.tick(worker, NORTH, NOON)
    south = OrganizationInfo("south", "Riverside Health")
    assert await jobs.tick(worker, [*NORTH, south], NOON + timedelta(hours=1)) == 0
    assert await jobs.tick(worker, [*NORTH, south], NOON + timedelta(hours=21)) == 2


async def test_a_job_that_gets_another_period_waits_for_the_next_slot_of_it(clocks, monkeypatch):
    worker, _ = clocks
    clock(monkeypatch, tick="Monday 10:00")
    await jobs.tick(worker, NORTH, NOON)
    clock(monkeypatch, tick="08:00")
    assert await jobs.tick(worker, NORTH, NOON) == 0
    assert await jobs.tick(worker, NORTH, NOON + timedelta(days=1)) == 1


async def test_what_passed_while_no_worker_ran_is_woken_late_and_once(clocks, monkeypatch):
    worker, _ = clocks
    clock(monkeypatch, tick="08:00")
    await jobs.tick(worker, NORTH, NOON)
    assert await jobs.tick(worker, NORTH, NOON + timedelta(days=3)) == 1
    assert await jobs.tick(worker, NORTH, NOON + timedelta(days=3, seconds=1)) == 0


async def test_the_upgrade_neither_loses_a_slot_nor_takes_one_twice(clocks, monkeypatch):
    """Rows of before say no period: they are neither new nor changed."""
    worker, _ = clocks
    clock(monkeypatch, tick="08:00", tock="08:00")
    await worker.execute(
        "INSERT INTO galen.clock_slot (key, due) VALUES ('north tests.tick', $1), ('north tests.tock', $2)",
        jobs.slot(jobs.CLOCK["tests.tick"], NOON, "Australia/Sydney"),
        jobs.slot(jobs.CLOCK["tests.tick"], NOON - timedelta(days=1), "Australia/Sydney"),
    )
    assert await jobs.tick(worker, NORTH, NOON) == 1
    assert await waiting(worker) == 0 and await waiting(worker, "tests.tock") == 1


@pytest.mark.parametrize("period", ["Moonday 10:00", "25:00", "0s", "fortnightly", "monthly on 32 06:00"])
def test_a_misspelt_period_is_refused_when_the_job_is_written_down(period):
    with pytest.raises(jobs.NoSuchSchedule, match=r"The job core\.seal is to run every “"):
        every(period)(seal)
    assert "core.seal" not in JOBS and "core.seal" not in jobs.CLOCK


def test_a_misspelt_zone_is_refused_when_the_job_is_written_down():
    with pytest.raises(jobs.NoSuchSchedule, match=r"core\.seal.*Europe/Berln"):
        every("08:00", zone="Europe/Berln")(seal)


async def seal(ctx):
    """A job that is never kept."""


async def test_a_clock_that_is_set_back_stops_no_interval(clocks, monkeypatch):
    clock(monkeypatch, tick="10s", tock="15m")
    worker, _ = clocks
    await jobs.tick(worker, NORTH, NOON)
    assert await jobs.tick(worker, NORTH, NOON + timedelta(hours=2)) == 2
    back = NOON + timedelta(hours=1)
    assert await jobs.tick(worker, NORTH, back) == 2
    assert await jobs.tick(worker, NORTH, back) == 0
    assert await jobs.tick(worker, NORTH, back + timedelta(seconds=10)) == 1


async def test_a_clock_that_is_set_back_wakes_no_daily_job_a_second_time(clocks, monkeypatch):
    clock(monkeypatch, tick="08:00")
    worker, _ = clocks
    await jobs.tick(worker, NORTH, NOON)
    eight = datetime(2026, 11, 20, 21, 0, 5, tzinfo=UTC)  # Saturday 08:00:05 in Sydney
    assert await jobs.tick(worker, NORTH, eight) == 1
    assert await jobs.tick(worker, NORTH, eight - timedelta(hours=1)) == 0
    assert await jobs.tick(worker, NORTH, eight) == 0
    assert await jobs.tick(worker, NORTH, eight + timedelta(days=1)) == 1


async def test_a_clock_that_was_a_month_ahead_does_not_silence_a_daily_job_for_a_month(clocks, monkeypatch):
    clock(monkeypatch, tick="08:00")
    worker, _ = clocks
    await jobs.tick(worker, NORTH, NOON + timedelta(days=30))
    assert await jobs.tick(worker, NORTH, NOON) == 0
    assert await jobs.tick(worker, NORTH, NOON + timedelta(days=1)) == 1


async def test_what_was_to_be_tried_again_at_a_time_that_was_taken_back_waits_no_longer(clocks, monkeypatch):
    clock(monkeypatch, tick="10s")
    worker, _ = clocks
    await jobs.tick(worker, NORTH, NOON + timedelta(hours=2))
    await worker.execute("SELECT galen.enqueue('{tests.late}', ARRAY['{}'::bytea])")
    await worker.execute("UPDATE galen.pgqueuer SET execute_after = $1", NOON + timedelta(hours=2))
    await jobs.tick(worker, NORTH, NOON)
    assert await worker.fetchval("SELECT execute_after FROM galen.pgqueuer WHERE entrypoint = 'tests.late'") == NOON
