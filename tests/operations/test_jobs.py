"""Iris sees what the worker has to do for her organisation, and decides on what failed; never on another's."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from galen.core import jobs
from galen.core.actor import Actor, grants
from galen.core.audit import AuditEntry
from galen.core.database import APP_ROLE
from galen.core.errors import Forbidden
from galen.core.events import JOBS
from galen.identity import ROLES, permissions_of
from galen.operations import Decision, JobDecision, discard, job_list, run_again, run_kind_again
from galen.operations.rules import spoken
from galen.operations.schemas import JobState
from galen.operations.service import NoSuchJob, StillToDo
from galen.provisioning import migrate
from galen.values.schedule import read
from galen.worker import Worker
from galen.worker import worker as own
from tests.conftest import named

PUT_IN = """INSERT INTO galen.pgqueuer (priority, entrypoint, payload, status, attempts)
    VALUES (0, :name, :payload, CAST(:status AS galen.pgqueuer_status), :attempts) RETURNING id"""
FAIL = """INSERT INTO galen.pgqueuer_log (job_id, status, priority, entrypoint, traceback)
    VALUES (:id, 'failed', 0, :name, CAST(:told AS jsonb))"""


@pytest.fixture
def put_in(database):
    """A job in the queue, as the worker left it: `await put_in("tests.send", "failed")`."""

    async def put(name="tests.send", status="failed", organization="north", trouble="ConnectionRefusedError"):
        payload = json.dumps({"organization": organization, "args": {}, "cause": "patients.register"}).encode()
        attempts = 5 if status == "failed" else 0
        await database.one.execute(text("RESET ROLE"))
        known = {"name": name, "payload": payload, "status": status, "attempts": attempts}
        job_id = await database.one.scalar(text(PUT_IN), known)
        if status == "failed":
            told = json.dumps({"exception_type": "JobFailed", "exception_message": trouble})
            await database.one.execute(text(FAIL), {"id": job_id, "name": name, "told": told})
        await database.enter("north")
        return job_id

    return put


async def states(database, *ids):
    await database.one.execute(text("RESET ROLE"))
    rows = await database.one.execute(
        text("SELECT id, status::text FROM galen.pgqueuer WHERE id = ANY(:ids)"), {"ids": [*ids]}
    )
    found = {row.id: row.status for row in rows}
    await database.enter("north")
    return [found.get(job_id) for job_id in ids]


async def test_iris_sees_what_waits_runs_and_failed(iris, put_in):
    before = await job_list(iris)
    failed, running, waiting = await put_in(), await put_in(status="picked"), await put_in(status="queued")
    seen = await job_list(iris)
    assert (seen.failed, seen.running, seen.waiting) == (before.failed + 1, before.running + 1, before.waiting + 1)
    kind = next(kind for kind in seen.failures if kind.name == "tests.send")
    assert [(j.id, j.trouble, j.tries, j.cause) for j in kind.jobs] == [
        (failed, "ConnectionRefusedError", 6, "patients.register")
    ]
    assert {j.id: j.state for j in seen.pending if j.name == "tests.send"} == {
        running: JobState.RUNNING,
        waiting: JobState.WAITING,
    }


async def test_a_failed_job_is_run_again_and_disappears(iris, put_in, catch_up, monkeypatch):
    done = []

    async def send(ctx):
        done.append(ctx.organization.slug)

    monkeypatch.setitem(JOBS, "tests.send", send)
    job_id = await put_in()
    again = await run_again(iris, job_id)
    assert (again.state, again.tries, again.trouble) == (JobState.WAITING, 0, "")
    assert "tests.send" in await catch_up() and done == ["north"]
    with pytest.raises(NoSuchJob):
        await run_again(iris, job_id)


async def test_running_it_again_twice_does_not_double_it(iris, put_in, database):
    job_id = await put_in()
    await run_again(iris, job_id)
    await run_again(iris, job_id)
    assert await states(database, job_id) == ["queued"]
    assert len(list(await iris.db.scalars(select(JobDecision).where(JobDecision.job_id == job_id)))) == 1


async def test_a_job_that_runs_is_not_run_a_second_time(iris, put_in, database):
    job_id = await put_in(status="picked")
    assert (await run_again(iris, job_id)).state is JobState.RUNNING
    assert await states(database, job_id) == ["picked"]


async def test_all_of_a_kind_are_run_again_and_no_others(iris, put_in, database):
    mine = [await put_in() for _ in range(3)]
    other, south = await put_in("tests.print"), await put_in(organization="south")
    assert [job.id for job in await run_kind_again(iris, "tests.send")] == mine
    assert await states(database, *mine, other, south) == ["queued"] * 3 + ["failed"] * 2
    assert await run_kind_again(iris, "tests.send") == []


async def test_a_discarded_job_is_gone_and_the_audit_says_who_did_it(iris, put_in, database):
    job_id = await put_in()
    await discard(iris, job_id)
    assert await states(database, job_id) == [None]
    entry = await iris.db.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    assert (entry.actor_name, entry.verb, entry.subject) == (iris.actor.name, "operations.discard", "job decision")
    assert entry.changes["job"] == [None, "tests.send"] and entry.changes["job_id"] == [None, job_id]
    decision = (await job_list(iris)).decisions[0]
    assert (decision.decision, decision.trouble) == (Decision.DISCARDED, "ConnectionRefusedError")


@pytest.mark.parametrize("status", ["queued", "picked"])
async def test_a_job_that_has_not_failed_is_not_discarded(iris, put_in, database, status):
    job_id = await put_in(status=status)
    with pytest.raises(StillToDo):
        await discard(iris, job_id)
    assert await states(database, job_id) == [status]


@pytest.mark.parametrize("verb", [run_again, discard])
async def test_another_organisations_job_is_not_found(iris, put_in, database, verb):
    before, job_id = await job_list(iris), await put_in(organization="south")
    after = await job_list(iris)
    assert (after.failed, after.failures) == (before.failed, before.failures)
    with pytest.raises(NoSuchJob):
        await verb(iris, job_id)
    assert await states(database, job_id) == ["failed"]


async def test_nor_does_the_database_let_one_organisation_touch_anothers(put_in, database):
    """The wall stands below the verb: the functions themselves look at whose role it is."""
    job_id = await put_in(organization="south")
    for again in (True, False):
        assert await database.raw.fetch("SELECT * FROM galen.decide_own_jobs($1, $2)", [job_id], again) == []
    async with database.inside("south"):
        assert len(await database.raw.fetch("SELECT * FROM galen.decide_own_jobs($1, $2)", [job_id], False)) == 1


async def test_without_a_role_nobodys_jobs_are_seen(put_in, committed):
    async with committed.database.transaction(None) as db:
        for seen in ("own_jobs('{waiting,running,failed}')", "own_clock()"):
            assert await db.scalar(text(f"SELECT count(*) FROM galen.{seen}")) == 0


@pytest.mark.parametrize("verb", [run_again, discard])
async def test_who_may_only_see_may_not_decide(iris, put_in, database, verb):
    job_id = await put_in()
    iris.actor = Actor(iris.actor.id, iris.actor.name, "staff", frozenset({"job.read"}))
    assert (await job_list(iris)).failed
    with pytest.raises(Forbidden):
        await verb(iris, job_id)
    assert await states(database, job_id) == ["failed"]


def test_administrators_alone_see_jobs():
    for permission in ("job.read", "job.manage"):
        assert [role for role in ROLES if grants(permissions_of([role]), permission)] == ["admin"]


async def test_the_clock_says_when_it_woke_a_job_and_when_it_will(iris, database, monkeypatch):
    monkeypatch.setattr(jobs, "CLOCK", {"tests.mail": read("tests.mail", "Monday 10:00")})
    monkeypatch.setattr("galen.operations.service.CLOCK", jobs.CLOCK)
    assert [(c.name, c.woken, c.next) for c in (await job_list(iris)).clock] == [
        ("tests.mail", None, datetime(2026, 11, 22, 23, tzinfo=UTC))
    ]
    await database.one.execute(text("RESET ROLE"))
    for later in (timedelta(0), timedelta(days=3)):
        await jobs.tick(database.raw, [iris.organization], iris.now + later)
    await database.enter("north")
    (clocked,) = (await job_list(iris)).clock
    assert clocked.woken and clocked.words == "Monday at 10:00"


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("10s", "every 10 seconds"), ("1m", "every minute"), ("2h", "every 2 hours"), ("08:00", "every day at 08:00"),
        ("Sat-Sun 18:00", "Saturday, Sunday at 18:00"), ("monthly on 15 06:00", "each month on day 15 at 06:00"),
        ("quarterly 06:00", "each quarter on day 1 at 06:00"), ("yearly 06:00", "each year on day 1 at 06:00"),
    ],
)  # fmt: skip
def test_a_schedule_is_said_in_words(period, words):
    assert spoken(read("tests.job", period)) == words


async def test_the_page_shows_what_failed_and_both_ways_out(client, put_in, database):
    job_id = await put_in()
    browser = await client("iris", page=True)
    page = (await browser.get("/jobs")).text
    assert "Failed: tests.send" in page and "ConnectionRefusedError" in page
    assert f'hx-put="/jobs/{job_id}/attempt"' in page and f'hx-delete="/jobs/{job_id}"' in page
    answer = await browser.put(f"/jobs/{job_id}/attempt", headers={"hx-request": "true"})
    assert answer.headers["hx-redirect"] == "/jobs"
    page = (await browser.get("/jobs")).text
    assert "Failed: tests.send" not in page and "Decided lately" in page
    assert await states(database, job_id) == ["queued"]


async def test_a_client_gets_the_same_as_json(client, put_in):
    job_id = await put_in()
    api = await client("iris")
    failures = (await api.get("/api/v1/jobs")).json()["failures"]
    assert [job["id"] for kind in failures for job in kind["jobs"] if kind["name"] == "tests.send"] == [job_id]
    assert (await api.delete(f"/api/v1/jobs/{job_id}")).json()["trouble"] == "ConnectionRefusedError"
    assert (await api.delete(f"/api/v1/jobs/{job_id}")).status_code == 404


async def test_the_worker_sets_a_failing_job_aside_with_its_kind_of_error_and_does_it_when_told_to(
    committed, monkeypatch
):
    """The whole way, with the worker itself: failed for good, seen with its reason, run again, done, gone."""
    secret, works = "Marabella Quillfeather", asyncio.Event()
    done = asyncio.Event()

    async def send(ctx):
        if not works.is_set():
            raise ValueError(secret)
        done.set()

    monkeypatch.setattr(own, "JOBS", {"tests.send": send})
    monkeypatch.setattr(jobs, "JOBS", {"tests.send": send})
    monkeypatch.setattr(jobs, "CLOCK", {})
    monkeypatch.setattr(own, "ATTEMPTS", 2)
    url = committed.database.engine.url.set(username=APP_ROLE)
    worker = Worker(url, committed.as_system, committed.list_organizations)
    connection = await worker.connect()
    said = json.dumps({"organization": "north", "args": {}, "cause": "clock"}).encode()
    await connection.execute("SELECT galen.enqueue($1::text[], $2::bytea[])", ["tests.send"], [said])
    working = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(40):
            seen = await looked_at(committed, until=lambda seen: seen.failed)
            (job,) = seen.failures[0].jobs
            assert (job.trouble, job.tries, job.cause) == ("ValueError", 2, "clock")
            kept = await connection.fetchval("SELECT string_agg(traceback::text, '') FROM pgqueuer_log")
            assert "ValueError" in kept and secret not in kept
            works.set()
            async with committed.as_system("north", "test") as ctx:
                await run_again(ctx, job.id)
            await done.wait()
            seen = await looked_at(committed, until=lambda seen: not (seen.failed or seen.running or seen.waiting))
    finally:
        worker.stopped.set()
        await working
        await connection.close()
    assert [d.decision for d in seen.decisions] == [Decision.RUN_AGAIN]


async def decisions_of_ten(services):
    """Ten press the button at once; how many decisions that made."""
    said = json.dumps({"organization": "north", "args": {}, "cause": "clock"}).encode()
    async with services.database.transaction(None) as db:
        await db.info["raw"].execute("SELECT galen.enqueue($1::text[], $2::bytea[])", ["tests.send"], [said])
        job_id = await db.scalar(text("UPDATE galen.pgqueuer SET status = 'failed' RETURNING id"))

    async def press():
        async with services.as_system("north", "test") as ctx:
            return await run_again(ctx, job_id)

    assert {job.state for job in await asyncio.gather(*(press() for _ in range(10)))} == {JobState.WAITING}
    async with services.as_system("north", "test") as ctx:
        return len((await job_list(ctx)).decisions)


@pytest.mark.race
async def test_ten_who_run_it_again_at_once_run_it_once(committed):
    assert await decisions_of_ten(committed) == 1


@pytest.mark.race
async def test_ten_would_run_it_more_than_once_if_the_row_were_not_looked_at_again(server, committed):
    """The broken variant: what was failed when it was looked for may wait by the time it is changed."""
    owner = await migrate.connect(named(server, committed.database.engine.url.database))
    sound = await owner.fetchval("SELECT pg_get_functiondef('galen.decide_own_jobs'::regproc)")
    await owner.execute(sound.replace("AND q.status = 'failed'", ""))
    await owner.close()
    assert await decisions_of_ten(committed) > 1


async def looked_at(services, until):
    """Ask again and again, as a person does."""
    while True:
        async with services.as_system("north", "test") as ctx:
            seen = await job_list(ctx)
        if until(seen):
            return seen
        await asyncio.sleep(0.1)
