"""Which way a request of the API went; databases with few connections, and a watch over them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database
from galen.core.fast.request_reader import DirectRoute
from galen.provisioning import migrate
from tests.conftest import named
from tests.core.both_ways import Ways
from tests.core.server_sessions import Over, ServerSessions


@pytest.fixture
def ways(monkeypatch):
    ways, read = Ways(), DirectRoute.read

    async def given_or_not(self, request, words):
        found = None if ways.gate == "shut" else await read(self, request, words)
        ways.went.append("FastAPI's" if found is None else "direct")
        return found

    monkeypatch.setattr(DirectRoute, "read", given_or_not)
    return ways


@pytest_asyncio.fixture
async def over(server: str, workshop: str) -> AsyncIterator[Over]:
    """A database that keeps so many connections, and lends twice as many at the most: `over(1)`."""
    opened: list[Database] = []

    def open_one(pool: int) -> Database:
        url = named(server, workshop, username=APP_ROLE, password=password_for(APP_ROLE))
        opened.append(Database(url, pool=pool))
        return opened[-1]

    yield open_one
    for database in opened:
        await database.close()


@pytest_asyncio.fixture
async def watch(server: str, workshop: str) -> AsyncIterator[ServerSessions]:
    connection = await migrate.connect(server)
    yield ServerSessions(connection, workshop)
    await connection.close()
