"""One table that is held stops its own pages, and no others: no class of work has more than half the connections."""

import asyncio
from contextlib import asynccontextmanager

import httpx2
import pytest
import pytest_asyncio

from galen.app import services_for
from galen.core import pool
from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database, schema_of
from galen.core.pool import PoolTimeout, Shares
from galen.core.web import pages
from galen.demo import PASSWORD
from galen.provisioning import migrate
from tests.conftest import named


@pytest_asyncio.fixture
async def small(server, committed, application):
    """The application with four connections in all."""
    url = named(server, committed.database.engine.url.database, username=APP_ROLE, password=password_for(APP_ROLE))
    database = Database(url, pool=2)
    application.state.services = services_for(database)
    yield database
    await database.close()


@asynccontextmanager
async def held(server, database, table: str):
    """Nobody reads this table of north."""
    connection = await migrate.connect(named(server, database.engine.url.database))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"LOCK TABLE {schema_of('north')}.{table} IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        await transaction.rollback()
        await connection.close()


async def asked_at_once(application, who: str, stuck: str, other: str, many: int) -> tuple[list[int], int]:
    """What many get who ask for what is held, and one who asks for something else meanwhile."""
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://galen.test") as http:
        answer = await http.post("/api/v1/auth/login", json={"username": who, "password": PASSWORD})
        http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        assert (await http.get(other)).status_code == 200
        waiting = [asyncio.create_task(http.get(stuck)) for _ in range(many)]
        await asyncio.sleep(0.3)
        answered = (await http.get(other)).status_code
        assert not any(task.done() for task in waiting[: many // 2]) or not answered
        return [reply.status_code for reply in await asyncio.gather(*waiting)], answered


async def test_unrelated_pages_go_on_while_a_table_is_held(server, small, application, monkeypatch):
    monkeypatch.setattr("galen.core.fast.connection_pool.TIMEOUT", 1.0)
    async with held(server, small, "invoice"):
        stuck, other = await asked_at_once(application, "max", "/api/v1/invoices", "/api/v1/sites", 8)
    assert set(stuck) == {503} and other == 200


async def test_without_shares_they_do_not(server, small, application, monkeypatch):
    """The broken variant: whoever comes first has all connections."""
    monkeypatch.setattr("galen.core.fast.connection_pool.TIMEOUT", 1.0)
    small.shares = Shares(1000)
    async with held(server, small, "invoice"):
        _, other = await asked_at_once(application, "max", "/api/v1/invoices", "/api/v1/sites", 8)
    assert other == 503


@pytest.mark.parametrize(("path", "shown"), [("/sites", "Harbour"), ("/", "Home"), ("/patients", "Patients")])
async def test_a_page_goes_on_without_a_part_whose_table_is_held(server, small, application, monkeypatch, path, shown):
    """The side bar counts unpaid invoices on every page: the first one waits for the lock, the next ones do not."""
    monkeypatch.setattr(pages, "HELD_UNTIL", {})
    transport = httpx2.ASGITransport(application)
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://galen.test", headers=headers) as max_page:
        await max_page.post("/login", data={"username": "max", "password": PASSWORD})
        async with held(server, small, "invoice"):
            for _ in range(2):
                answer = await max_page.get(path)
                assert answer.status_code == 200 and shown in answer.text
            assert "/invoices" in pages.HELD_UNTIL
            assert (await max_page.get("/invoices")).status_code == 503


async def test_a_share_is_given_back_and_whoever_waits_too_long_has_none(monkeypatch):
    monkeypatch.setattr(pool, "SHARE_TIMEOUT", 0.05)
    shares = Shares(4)
    async with shares.of("billing"), shares.of("billing"):
        with pytest.raises(PoolTimeout):
            async with shares.of("billing"):
                pass
        async with shares.of("queue"), shares.of(""), shares.of(""), shares.of(""):
            pass
    async with shares.of("billing"), shares.of("billing"):
        pass
