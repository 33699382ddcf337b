"""The one PostgreSQL: connections, and the wall between organisations.

An organisation lives in its own schema and is served under its own role. A connection switches role and search path when it
last served another organisation, and not otherwise. The application's login role has no rights of its own.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from .record import SHARED

APP_ROLE = "galen_app"
SESSION = {
    "application_name": "galen",
    "jit": "off",
    "lock_timeout": "4s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}


def schema_of(organization: str) -> str:
    """The schema, and the role, of an organisation: its short name with `org_` before it."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,30}", organization):
        raise ValueError("An organisation's short name has 2 to 31 small letters, digits and hyphens.")
    return "org_" + organization.replace("-", "_")


def async_url(url: str, **parts: Any) -> URL:
    """Any postgresql:// address as one for asyncpg; a socket folder may stand in `?host=`."""
    return make_url(url).set(drivername="postgresql+asyncpg", **parts)


def dsn(url: str | URL) -> str:
    """The same address for asyncpg itself."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class Database:
    """Transactions for organisations on one server."""

    def __init__(self, url: str | URL, *, pool: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            async_url(url) if isinstance(url, str) else url,
            pool_size=pool,
            max_overflow=pool,
            pool_timeout=10,
            connect_args={"server_settings": SESSION},
        )

    @asynccontextmanager
    async def connection(self, organization: str | None) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection:
            await step_into(connection, organization)
            yield connection

    @asynccontextmanager
    async def transaction(self, organization: str | None = None) -> AsyncIterator[AsyncSession]:
        """One session in one transaction, inside one organisation (None: only what all share)."""
        async with (
            self.connection(organization) as connection,
            AsyncSession(connection, expire_on_commit=False) as db,
            db.begin(),
        ):
            yield db

    async def close(self) -> None:
        await self.engine.dispose()


async def step_into(connection: AsyncConnection, organization: str | None) -> None:
    """Role and search path in one message, outside a transaction; skipped when the connection is there already."""
    info = (await connection.get_raw_connection()).info
    if info.get("organization", ...) == organization:
        return
    info.pop("organization", None)
    if organization is None:
        switch = f"RESET ROLE; SET search_path TO {SHARED}"
    else:
        schema = schema_of(organization)
        switch = f"RESET ROLE; SET ROLE {schema}; SET search_path TO {schema}, {SHARED}"
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    await raw.execute(switch)
    info["organization"] = organization
