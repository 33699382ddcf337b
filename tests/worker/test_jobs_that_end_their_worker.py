"""A job that ends its worker twice is set aside with its reason, a stuck one is ended; the other jobs go on."""

import asyncio
import subprocess
import sys
import textwrap

import pytest

from galen.core.database import dsn
from galen.operations import job_list, run_again
from galen.worker import worker
from tests.worker.conftest import until

DEADLY = """
import asyncio, os, sys
from datetime import timedelta
from galen.app import services_for
from galen.core import jobs
from galen.core.database import Database
from galen.modules import discover
from galen.worker import Worker, worker

discover()
worker.HEARTBEAT = timedelta(seconds=1)
worker.STILL = 5.0

async def kill(ctx):
    os.kill(os.getpid(), 9)

async def spin(ctx):
    while True:
        pass

async def good(ctx):
    await asyncio.sleep(0.2)

for place in (jobs, worker):
    place.JOBS = {"tests.kill": kill, "tests.spin": spin, "tests.good": good}
jobs.CLOCK = {}
DEATHS

async def main():
    services = services_for(Database(sys.argv[1]))
    await Worker(services.database.engine.url, services.as_system, services.list_organizations).run()

asyncio.run(main())
"""


class Supervised:
    """A worker that is started again whenever it ends, as the supervisor does it."""

    def __init__(self, url, variant=""):
        self.program = textwrap.dedent(DEADLY.replace("DEATHS", variant))
        self.url, self.deaths, self.child = url, 0, None

    def look(self):
        if self.child is None or self.child.poll() is not None:
            self.deaths += self.child is not None
            self.child = subprocess.Popen([sys.executable, "-c", self.program, self.url], stderr=subprocess.DEVNULL)
        return self.deaths

    def end(self):
        self.child.kill()
        self.child.wait()


@pytest.fixture
def supervised(committed):
    made = []

    def start(variant=""):
        made.append(Supervised(dsn(committed.database.engine.url), variant))
        return made[-1]

    yield start
    for worker_process in made:
        worker_process.end()


async def seen_by_an_administrator(services):
    async with services.as_system("north", "test") as ctx:
        return await job_list(ctx)


@pytest.mark.race
@pytest.mark.parametrize("deadly", ["kill", "spin"])
async def test_it_is_set_aside_after_the_second_time_and_the_others_are_done(
    committed, administrator, put_in, supervised, deadly
):
    bad = await put_in(deadly)
    good = [await put_in("good") for _ in range(6)]
    house = supervised()

    async def settled():
        house.look()
        left = await administrator.fetch("SELECT id, status::text FROM galen.pgqueuer WHERE id >= $1", bad)
        return {row["id"]: row["status"] for row in left} == {bad: "failed"}

    await until(settled, 120)
    assert house.look() == 2
    house.end()
    assert not set(good) & {row["id"] for row in await administrator.fetch("SELECT id FROM galen.pgqueuer")}
    seen = await seen_by_an_administrator(committed)
    (job,) = [job for kind in seen.failures for job in kind.jobs if job.id == bad]
    assert job.trouble == "WorkerDied" and job.reason == "Its worker ended twice while it ran"
    async with committed.as_system("north", "test") as ctx:
        await run_again(ctx, bad)
    assert await administrator.fetchval("SELECT headers FROM galen.pgqueuer WHERE id = $1", bad) is None


@pytest.mark.race
async def test_without_a_count_it_would_end_every_worker_for_ever(administrator, put_in, supervised):
    """The broken variant: a worker that takes up the job as if nothing had happened."""
    bad = await put_in("kill")
    house = supervised("worker.DEATHS = 1000")
    await until(lambda: house.look() >= 4, 120)
    assert await administrator.fetchval("SELECT status::text FROM galen.pgqueuer WHERE id = $1", bad) != "failed"


async def test_a_job_that_takes_too_long_is_stopped_and_says_so(
    committed, doing, at_work, put_in, administrator, monkeypatch
):
    async def wait(ctx):
        await asyncio.sleep(60)

    doing(wait=wait)
    monkeypatch.setattr(worker, "LIMIT", 0.2)
    monkeypatch.setattr(worker, "ATTEMPTS", 1)
    job_id = await put_in("wait")
    async with at_work():
        await until(
            lambda: administrator.fetchval("SELECT status = 'failed' FROM galen.pgqueuer WHERE id = $1", job_id)
        )
    seen = await seen_by_an_administrator(committed)
    (job,) = [job for kind in seen.failures for job in kind.jobs]
    assert job.reason == "It took longer than a job may take, and was stopped"


async def test_a_job_that_is_interrupted_by_a_stop_waits_for_the_next_worker(
    doing, at_work, put_in, administrator, monkeypatch
):
    began, rounds = asyncio.Event(), []

    async def wait(ctx):
        rounds.append(1)
        began.set()
        await asyncio.sleep(60 if len(rounds) == 1 else 0)

    doing(wait=wait)
    monkeypatch.setattr(worker, "GRACE", 0.2)
    job_id = await put_in("wait")
    async with at_work():
        await asyncio.wait_for(began.wait(), 10)
    row = await administrator.fetchrow("SELECT status::text, headers FROM galen.pgqueuer WHERE id = $1", job_id)
    assert tuple(row) == ("queued", None)
    async with at_work():
        await until(lambda: len(rounds) == 2)
    assert await administrator.fetchval("SELECT count(*) FROM galen.pgqueuer WHERE id = $1", job_id) == 0


async def test_the_queues_log_is_kept_for_a_week_and_removed_in_batches(committed, administrator, put_in):
    job_id = await put_in("good")
    await administrator.execute(
        "INSERT INTO galen.pgqueuer_log (job_id, status, priority, entrypoint, created) "
        "SELECT n, 'successful', 0, 'tests.old', now() - interval '8 days' FROM generate_series(900001, 900025) n"
    )
    await administrator.execute(
        "UPDATE galen.pgqueuer_log SET created = now() - interval '9 days' WHERE job_id = $1", job_id
    )
    pruned = []
    for _ in range(4):
        async with committed.as_system("north", "test") as ctx:
            pruned.append(await ctx.raw.fetchval("SELECT galen.prune_queue(10)"))
    assert pruned == [10, 10, 5, 0]
    assert await administrator.fetchval("SELECT count(*) FROM galen.pgqueuer_log WHERE job_id = $1", job_id) == 1
