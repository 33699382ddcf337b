"""Which database: the embedded server, started when none runs, or the one the operator names."""

import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from typing import cast

import asyncpg
from sqlalchemy import URL

from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, SESSION, async_url, dsn
from galen.core.errors import Refusal
from galen.postgres import Server, embedded
from galen.settings import settings
from galen.values.clock import CLOCK

from .migrate import connect, refuse_other_secret

NAME = "galen"
ROUNDS = 3
LISTENERS = 2


class Unreachable(Refusal):
    message = "The database at {host} cannot be reached: {why}. Check GALEN_DATABASE_URL, and that the server runs."


class NotRunning(Refusal):
    message = "No database runs in {folder}: start bin/run first, or set GALEN_VAR or GALEN_DATABASE_URL."


class SharedSessions(Refusal):
    message = (
        "Between Galen and the database at {host} stands a pooler that gives a session to somebody else with each "
        "transaction, so one organisation could be served as another. Set it to session pooling (PgBouncer: "
        "pool_mode = session), or name PostgreSQL itself in GALEN_DATABASE_URL."
    )


@contextmanager
def running() -> Iterator[str]:
    """The owner's address of a database that runs; the embedded one is started for as long as this lasts."""
    given = settings().database_url
    with nullcontext(given.get_secret_value()) if given else embedded(settings().var / "pg") as url:
        yield url


async def refuse_unfit(url: str) -> None:
    """For web and worker, which only serve: the database is there, is that of this secret, and keeps sessions apart."""
    await refuse_unreachable(url)
    connection = await connect(url)
    try:
        await refuse_other_secret(connection)
        CLOCK.set(await connection.fetchval("SELECT clock_timestamp()"))
    finally:
        await connection.close()
    await refuse_unreachable(app_url(url))  # a pooler may treat each user in another way


async def owner_url(url: str) -> str:
    """The owner's address of Galen's own database, made on the embedded server when it is not there yet."""
    if settings().database_url:
        await refuse_unreachable(url)
        return url
    connection = await connect(url)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", NAME):
            await connection.execute(f"CREATE DATABASE {NAME}")
    finally:
        await connection.close()
    return dsn(async_url(url, database=NAME))


async def refuse_unreachable(url: str | URL) -> None:
    """It answers, and each connection has a session of its own."""
    host = async_url(dsn(url)).host or "its socket"
    try:
        shared = await sessions_are_shared(url)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, OverflowError) as error:
        reason = re.sub(r"^\[Errno -?\d+\] ", "", str(error).split("\n")[0])
        why = reason.rstrip(".") or type(error).__name__
        raise Unreachable(host=host, why=why) from None
    if shared:
        raise SharedSessions(host=host)


async def sessions_are_shared(url: str | URL) -> bool:
    """Whether what one connection tells its session is heard by others while it is idle, or lost to itself."""
    marker = secrets.token_hex(8)
    async with AsyncExitStack() as opened:
        own, *others = [await opened.enter_async_context(connected(url)) for _ in range(1 + LISTENERS)]
        await fetched(own, "SELECT set_config('galen.probe', $1, false)", marker)
        for _ in range(ROUNDS):
            if marker in [await fetched(other, HEARD) for other in others] or await fetched(own, HEARD) != marker:
                return True
    return False


HEARD = "SELECT current_setting('galen.probe', true)"


@asynccontextmanager
async def connected(url: str | URL) -> AsyncIterator[asyncpg.Connection]:
    """As web and worker are, but with no statements kept ready: those fail first behind such a pooler."""
    connection = await asyncpg.connect(dsn(url), timeout=10, server_settings=SESSION, statement_cache_size=0)
    try:
        yield connection
    finally:
        await connection.close()


async def fetched(connection: asyncpg.Connection, query: str, *values: str) -> str | None:
    async with connection.transaction():
        return cast(str | None, await connection.fetchval(query, *values))


def app_url(owner: str) -> URL:
    """The same database, entered as the application's own role."""
    return async_url(owner, username=APP_ROLE, password=password_for(APP_ROLE))


def attached() -> str:
    """The owner's address while `galen run` or another command keeps the server up."""
    if given := settings().database_url:
        return given.get_secret_value()
    kept = Server(settings().var / "pg")
    if not kept.running:
        raise NotRunning(folder=settings().var)
    return dsn(async_url(kept.url, database=NAME))
