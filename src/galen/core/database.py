"""The one PostgreSQL: connections, and the wall between organisations.

An organisation lives in its own schema and is served under its own role. A connection switches role and search path
when it last served another organisation, and not otherwise. The application's login role has no rights of its own.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
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


class NotCommitted(Exception):
    """A transaction that was thought done was rolled back: an error in it had been swallowed."""


class Database:
    """Transactions for organisations on one server.

    SQLAlchemy's connections are in autocommit here, and the transaction is begun and ended by this class: BEGIN travels
    with the switch of organisation, and fixed statements may go to the driver itself (`Context.raw`), at half the cost.
    """

    def __init__(self, url: str | URL, *, pool: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            async_url(url) if isinstance(url, str) else url,
            pool_size=pool,
            max_overflow=pool,
            pool_timeout=10,
            pool_reset_on_return=None,
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
            connect_args={"server_settings": SESSION},
        )

    @asynccontextmanager
    async def transaction(
        self, organization: str | None = None, *, reading: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """One session in one transaction, inside one organisation (None: only what all share).

        `reading` only looks: each statement stands alone, which saves a beginning and an end, and the session refuses
        to flush a change. What it opened is still audited, in one statement of its own.
        """
        async with self.engine.connect() as connection:
            pooled = await connection.get_raw_connection()
            raw = await (enter if reading else begin)(pooled, organization)
            try:
                async with AsyncSession(connection, expire_on_commit=False) as db:
                    db.info.update(raw=raw, reading=reading)
                    yield db
                    await db.flush()
                if not reading:
                    if await raw.execute("COMMIT") != "COMMIT":
                        raise NotCommitted  # PostgreSQL answers ROLLBACK when a statement had failed unnoticed
                    pooled.info["organization"] = organization  # not before: a rollback takes the switch back, too
            except BaseException:
                await give_up(connection, raw, began=not reading)
                raise

    async def close(self) -> None:
        await self.engine.dispose()


async def begin(pooled: Any, organization: str | None) -> asyncpg.Connection:
    """BEGIN in one message with the switch of role and search path, which a connection that is there already skips."""
    raw: Any = pooled.driver_connection
    if pooled.info.get("organization", ...) == organization:
        await raw.execute("BEGIN")
    else:
        pooled.info.pop("organization", None)
        await raw.execute(f"{switch_to(organization)}; BEGIN")
    return raw


async def enter(pooled: Any, organization: str | None) -> asyncpg.Connection:
    """The switch alone, where nothing is begun."""
    raw: Any = pooled.driver_connection
    if pooled.info.get("organization", ...) != organization:
        pooled.info.pop("organization", None)
        await raw.execute(switch_to(organization))
        pooled.info["organization"] = organization
    return raw


async def give_up(connection: AsyncConnection, raw: asyncpg.Connection, *, began: bool) -> None:
    """Roll back; a connection that cannot even do that is thrown away."""
    try:
        if began:
            await asyncio.shield(raw.execute("ROLLBACK"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncio.CancelledError):
        await connection.invalidate()


def switch_to(organization: str | None) -> str:
    if organization is None:
        return f"RESET ROLE; SET search_path TO {SHARED}"
    schema = schema_of(organization)
    return f"RESET ROLE; SET ROLE {schema}; SET search_path TO {schema}, {SHARED}"
