"""A worker on a world in which everything commits, and somebody who ends its sessions."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from galen.core import jobs
from galen.core.database import APP_ROLE, dsn
from galen.provisioning import migrate
from galen.values.schedule import read
from galen.worker import Worker, worker
from tests.conftest import named


@pytest_asyncio.fixture
async def administrator(server, committed) -> AsyncIterator[Any]:
    """The superuser on the same database."""
    connection = await migrate.connect(dsn(named(server, committed.database.engine.url.database)))
    yield connection
    await connection.close()


@pytest.fixture
def doing(monkeypatch) -> Callable[..., None]:
    """The jobs there are: `doing(send=…)`; and those of the clock: `doing(clock={"tick": "1s"}, tick=…)`."""

    def these(clock: dict[str, str] | None = None, **verbs: Any) -> None:
        made = {f"tests.{name}": verb for name, verb in verbs.items()}
        for place in (jobs, worker):
            monkeypatch.setattr(place, "JOBS", made)
        periods = {f"tests.{name}": read(name, period) for name, period in (clock or {}).items()}
        monkeypatch.setattr(jobs, "CLOCK", periods)

    return these


@pytest.fixture
def put_in(administrator) -> Callable[..., Any]:
    """A job for north: `await put_in("send")`; its number."""

    async def put(name: str) -> int:
        told = json.dumps({"organization": "north", "args": {}, "cause": "test"}).encode()
        await administrator.execute("SELECT galen.enqueue($1::text[], $2::bytea[])", [f"tests.{name}"], [told])
        await administrator.execute("SELECT galen.wake_workers()")
        return int(await administrator.fetchval("SELECT max(id) FROM galen.pgqueuer"))

    return put


@pytest.fixture
def at_work(committed) -> Callable[..., Any]:
    """`async with at_work() as worker`: it works until the block ends."""

    @asynccontextmanager
    async def work(kind: type[Worker] = Worker) -> AsyncIterator[Worker]:
        url = committed.database.engine.url.set(username=APP_ROLE)
        one_worker = kind(url, committed.as_system, committed.list_organizations)
        running = asyncio.create_task(one_worker.run())
        try:
            yield one_worker
        finally:
            one_worker.stopped.set()
            await asyncio.wait_for(running, 20)

    return work


async def until(true: Callable[[], Any], seconds: float = 20) -> Any:
    """As soon as it holds; the test fails when it never does."""
    async with asyncio.timeout(seconds):
        while not (found := await said if hasattr(said := true(), "__await__") else said):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found
