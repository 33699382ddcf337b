"""Two commands that prepare the same server at the same moment both succeed."""

import asyncio
from uuid import uuid4

import pytest

from galen.core.database import dsn
from galen.provisioning import migrate
from tests.conftest import named, on

pytestmark = pytest.mark.race


async def test_eight_at_once_make_roles_and_none_is_refused(server: str) -> None:
    names = [f"galen_at_once_{uuid4().hex[:8]}" for _ in range(8)]
    for name in names:
        await on(server, f"CREATE DATABASE {name}")
    try:
        connections = await asyncio.gather(*(migrate.connect(dsn(named(server, name))) for name in names))
        for _ in range(5):
            await asyncio.gather(*(migrate.patiently(connection, migrate.app_role()) for connection in connections))
        for connection in connections:
            await connection.close()
    finally:
        for name in names:
            await on(server, f"DROP DATABASE {name} WITH (FORCE)")


async def test_without_patience_one_of_them_is_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: nobody tries again."""
    monkeypatch.setattr(migrate, "PATIENCE", 1)
    connections = await asyncio.gather(*(migrate.connect(server) for _ in range(8)))
    refused = []
    for _ in range(20):
        said = await asyncio.gather(
            *(migrate.patiently(connection, migrate.app_role()) for connection in connections), return_exceptions=True
        )
        refused += [error for error in said if error is not None]
    for connection in connections:
        await connection.close()
    assert refused
