"""One ended session of the database stops nothing: the worker and the live pages go on with another one."""

import asyncio
import json

import pytest

from galen.core.database import APP_ROLE
from galen.core.web.live import Live
from galen.worker import Worker
from tests.worker.conftest import until

OURS = """SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'galen_app'
    AND pid <> pg_backend_pid() AND query LIKE $1"""
QUEUE, CLOCK, LIVE = "%pgqueuer%", "%clock_timestamp%", "%clock_timestamp%"


async def end_sessions(administrator, like="%"):
    """As a restart of the server would: how many there were."""
    pids = [row["pid"] for row in await administrator.fetch(OURS, like)]
    for pid in pids:
        await administrator.execute("SELECT pg_terminate_backend($1, 5000)", pid)
    return len(pids)


@pytest.fixture
def counted(doing):
    """A job that counts how often it was done, and one that the clock wakes each second."""
    done = {"send": 0, "tick": 0}

    async def send(ctx):
        done["send"] += 1

    async def tick(ctx):
        done["tick"] += 1

    doing({"tick": "1s"}, send=send, tick=tick)
    return done


@pytest.mark.race
@pytest.mark.parametrize("which", [QUEUE, CLOCK, "%"], ids=["the queue's", "the clock's", "all"])
async def test_a_worker_whose_session_was_ended_goes_on(counted, at_work, put_in, administrator, which):
    async with at_work():
        await until(lambda: counted["tick"] >= 2)
        for round in range(1, 4):
            ticks = counted["tick"]
            await until(lambda: end_sessions(administrator, which))
            await put_in("send")
            await until(lambda: counted["send"] == round)  # noqa: B023 done before the next round
            await until(lambda: counted["tick"] > ticks)  # noqa: B023
    assert await administrator.fetchval("SELECT count(*) FROM galen.pgqueuer WHERE entrypoint = 'tests.send'") == 0


@pytest.mark.race
async def test_a_worker_that_holds_on_to_one_connection_would_stop(counted, at_work, put_in, administrator):
    """The broken variant: the queue's connection is opened once."""

    class Once(Worker):
        def __init__(self, *given):
            super().__init__(*given)
            self.driver.keep_open = self.driver.hold_one

    async with at_work(Once):
        await until(lambda: counted["tick"] >= 1)
        await until(lambda: end_sessions(administrator, QUEUE))
        await put_in("send")
        await asyncio.sleep(3)
        assert counted["send"] == 0


@pytest.mark.race
async def test_a_lock_on_the_clocks_rows_costs_ticks_and_nothing_else(counted, at_work, put_in, administrator):
    async with at_work() as worker:
        await until(lambda: counted["tick"] >= 1)
        holding = administrator.transaction()
        await holding.start()
        await administrator.execute("SELECT FROM galen.clock_slot FOR UPDATE")
        before = counted["tick"]
        await asyncio.sleep(6)  # longer than a statement waits for a lock
        assert counted["tick"] <= before + 1 and not worker.stopped.is_set()
        await holding.rollback()
        await until(lambda: counted["tick"] > before + 1)


@pytest.mark.race
async def test_live_pages_hear_again_and_look_for_what_they_missed(committed, administrator):
    live = Live(committed.database.engine.url.set(username=APP_ROLE))
    live.start()
    await until(lambda: administrator.fetch(OURS, LIVE))
    page = live.stream(None, "north", "")
    assert "hello" in await anext(page)
    try:
        await until(lambda: end_sessions(administrator, LIVE))
        assert await asyncio.wait_for(anext(page), 10) == "event: fact\ndata: line-restored\n\n"
        await administrator.execute("SELECT pg_notify('galen_live', $1)", json.dumps({"north": ["kettle-boiled"]}))
        assert await asyncio.wait_for(anext(page), 10) == "event: fact\ndata: kettle-boiled\n\n"
    finally:
        await page.aclose()
        await live.stop()
