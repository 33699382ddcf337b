"""The one PostgreSQL: connections, and the wall between organisations.

An organisation lives in its own schema and is served under its own role. A connection switches role and search path
when it last served another organisation, and not otherwise. The application's login role has no rights of its own.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from .lines import Line, Lines
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


PLANS = {"statement_cache_size": 300, "max_cacheable_statement_size": 64 * 1024}
"""How many statements a connection keeps ready, and how long they may be: what ends an action is one long statement."""


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


RefusedByDatabase = (DBAPIError, asyncpg.PostgresError)
"""An error of the database's own, whichever way the statement went."""


LOST = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver says when a line is no longer one."""


def code_of(error: Any) -> str:
    """The code (SQLSTATE) of the database's error, empty for any other."""
    return getattr(driver_error(error), "sqlstate", None) or ""


def rule_of(error: Any) -> str:
    """The name of the constraint that was broken."""
    return getattr(driver_error(error), "constraint_name", None) or ""


def driver_error(error: Any) -> Any:
    own = getattr(error, "orig", None)
    return error if own is None else own.__cause__ or own


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
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
            connect_args={"server_settings": SESSION, **PLANS},
        )
        self.lines = Lines(self.engine, keep=pool, most=2 * pool)

    @asynccontextmanager
    async def transaction(
        self, organization: str | None = None, *, reading: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """One session in one transaction, inside one organisation (None: only what all share).

        `reading` only looks: each statement stands alone, which saves a beginning and an end, and the session refuses
        to flush a change. What it opened is still audited, in one statement of its own.
        """
        line, sound = await self.lines.take(), False
        try:
            await (enter if reading else begin)(line, organization)
            db = AsyncSession(line.connection, expire_on_commit=False)
            db.info.update(raw=line.raw, reading=reading)
            try:
                yield db
                if unwritten(db):
                    await db.flush()
            finally:
                if not reading or db.sync_session.in_transaction():
                    db.sync_session.close()  # in autocommit it has nothing to tell the server, so nothing to wait for
            if not reading:
                if await line.raw.execute("COMMIT") != "COMMIT":
                    raise NotCommitted  # PostgreSQL answers ROLLBACK when a statement had failed unnoticed
                line.serves = organization  # not before: a rollback takes the switch back, too
            sound = True
        except BaseException as error:
            sound = not isinstance(error, LOST) if reading else await rolled_back(line)
            raise
        finally:
            await self.lines.give_back(line, sound=sound)

    async def close(self) -> None:
        await self.lines.close()


async def begin(line: Line, organization: str | None) -> None:
    """BEGIN in one message with the switch of role and search path, which a line that is there already skips."""
    if line.serves == organization:
        await line.raw.execute("BEGIN")
    else:
        line.serves = ...
        await line.raw.execute(f"{switch_to(organization)}; BEGIN")


async def enter(line: Line, organization: str | None) -> None:
    """The switch alone, where nothing is begun."""
    if line.serves != organization:
        line.serves = ...
        await line.raw.execute(switch_to(organization))
        line.serves = organization


async def rolled_back(line: Line) -> bool:
    """Roll back; a line that cannot even do that is no longer sound."""
    try:
        await asyncio.shield(line.raw.execute("ROLLBACK"))
    except (*LOST, asyncpg.PostgresError, asyncio.CancelledError):
        return False
    return True


def unwritten(db: AsyncSession) -> bool:
    """Whether there may be something to write: cheaper than asking for it."""
    session = db.sync_session
    return bool(session._new or session._deleted or session._dirty_states)


def pending(db: AsyncSession) -> Iterator[Any]:
    """What the session has not written yet."""
    yield from db.new
    yield from db.dirty
    yield from db.deleted


def switch_to(organization: str | None) -> str:
    if organization is None:
        return f"RESET ROLE; SET search_path TO {SHARED}"
    schema = schema_of(organization)
    return f"RESET ROLE; SET ROLE {schema}; SET search_path TO {schema}, {SHARED}"
