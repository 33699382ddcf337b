"""The one PostgreSQL: transactions, and the isolation between organisations.

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

from galen.logs import log
from galen.notices import CHANNEL, Notices

from .errors import Refusal
from .fast import enabled
from .fast.connection_pool import ConnectionPool
from .fast.pending import is_clean
from .pool import TIMEOUT, DatabaseGone, EnginePool, OutcomeUnknown, Pool, PooledConnection, Shares
from .record import SHARED
from .session_hooks import open_session

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


CONNECTION_LOST = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises when a connection is broken."""


TELL = "SELECT pg_notify($1, told) FROM unnest($2::text[]) AS told UNION ALL SELECT galen.wake_workers() WHERE $3"
BUSY = {"55P03", "57014"}  # lock timeout, statement timeout
ENDED = {"57P01", "57P02", "57P03", "08000", "08003", "08006"}  # by an administrator, a crash; while it starts


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
        own: dict[str, Any] = {"poolclass": NullPool}
        sqlalchemys: dict[str, Any] = {"pool_size": pool, "max_overflow": pool, "pool_timeout": TIMEOUT}
        self.engine: AsyncEngine = create_async_engine(
            async_url(url) if isinstance(url, str) else url,
            **(own if enabled("pool") else sqlalchemys),
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
            connect_args={"server_settings": SESSION, **PLANS},
        )
        self.notices = Notices(self.send_notices)
        self.shares = Shares(2 * pool)
        self.pool: Pool = (
            ConnectionPool(self.engine, size=pool, limit=2 * pool) if enabled("pool") else EnginePool(self.engine)
        )

    @asynccontextmanager
    async def transaction(
        self, organization: str | None = None, *, read_only: bool = False, work: str = ""
    ) -> AsyncIterator[AsyncSession]:
        """One session in one transaction, inside one organisation (None: only what all share).

        `work` is the class of work whose share of the connections it takes.

        With `read_only` nothing is begun: each statement stands alone, which saves a beginning and an end, and the
        session refuses to flush a change. What was opened is still audited, in one statement of its own.
        """
        async with self.shares.of(work):
            pooled, healthy, ending = await self.lend(), False, False
            try:
                await (switch if read_only else begin)(pooled, organization)
                db = open_session(pooled.connection)
                db.info.update(raw=pooled.raw, read_only=read_only)
                try:
                    yield db
                    if has_pending_changes(db):
                        await db.flush()
                finally:
                    if not read_only or db.sync_session.in_transaction():
                        db.sync_session.close()  # in autocommit it has nothing to tell the server, nor to wait for
                if not read_only:
                    ending = True
                    if await pooled.raw.execute("COMMIT") != "COMMIT":
                        raise NotCommitted  # PostgreSQL answers ROLLBACK when a statement had failed unnoticed
                    pooled.organization = organization  # not before: a rollback takes the switch back, too
                    db.info["committed"] = True
                    self.notices.add(db.info.get("notices", []))
                healthy = True
            except BaseException as error:
                lost = is_lost(pooled, error)
                healthy = not isinstance(error, CONNECTION_LOST) if read_only else await rolled_back(pooled)
                if lost:
                    raise (OutcomeUnknown if ending else DatabaseGone) from error
                raise
            finally:
                await self.pool.release(pooled, healthy=healthy)

    async def lend(self) -> PooledConnection:
        try:
            return await self.pool.acquire()
        except (OSError, *RefusedByDatabase, asyncpg.InterfaceError) as error:
            log.warning("no connection to the database", error=type(error).__name__)
            raise DatabaseGone from error

    async def send_notices(self, messages: list[str], wake: bool) -> None:
        pooled, healthy = await self.lend(), False
        try:
            await pooled.raw.execute(TELL, CHANNEL, messages, wake)
            healthy = True
        finally:
            await self.pool.release(pooled, healthy=healthy)

    async def close(self) -> None:
        await self.notices.close()
        await self.pool.close()


async def begin(pooled: PooledConnection, organization: str | None) -> None:
    """BEGIN in one message with the switch of role and search path, which a connection that is there already skips."""
    if pooled.organization == organization:
        await pooled.raw.execute("BEGIN")
    else:
        pooled.organization = ...
        await pooled.raw.execute(f"{switch_to(organization)}; BEGIN")


async def switch(pooled: PooledConnection, organization: str | None) -> None:
    """The switch alone, where nothing is begun."""
    if pooled.organization != organization:
        pooled.organization = ...
        await pooled.raw.execute(switch_to(organization))
        pooled.organization = organization


def is_lost(pooled: PooledConnection, error: BaseException) -> bool:
    """Whether something failed because the connection ended, and not by itself."""
    if isinstance(error, Refusal) or not isinstance(error, Exception):
        return False
    return pooled.raw.is_closed() or code_of(error) in ENDED


async def rolled_back(pooled: PooledConnection) -> bool:
    """Roll back; a connection that cannot even do that is no longer healthy."""
    try:
        await asyncio.shield(pooled.raw.execute("ROLLBACK"))
    except (*CONNECTION_LOST, asyncpg.PostgresError, asyncio.CancelledError):
        return False
    return True


def has_pending_changes(db: AsyncSession) -> bool:
    """Whether there may be something to write."""
    session = db.sync_session
    return not is_clean(session) if enabled("saving") else bool(session.new or session.dirty or session.deleted)


def pending_records(db: AsyncSession) -> Iterator[Any]:
    """What the session has not written yet."""
    yield from (*db.new, *db.dirty, *db.deleted)


def switch_to(organization: str | None) -> str:
    if organization is None:
        return f"RESET ROLE; SET search_path TO {SHARED}"
    schema = schema_of(organization)
    return f"RESET ROLE; SET ROLE {schema}; SET search_path TO {schema}, {SHARED}"
