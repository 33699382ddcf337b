"""Which database: the embedded server, started when none runs, or the one the operator names."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import asyncpg
from sqlalchemy import URL

from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, async_url, dsn
from galen.core.errors import Refusal
from galen.core.settings import settings
from galen.postgres import Server, embedded

from .migrate import connect, refuse_other_secret

NAME = "galen"


class Unreachable(Refusal):
    message = "The database at {host} cannot be reached: {why}. Check GALEN_DATABASE_URL, and that the server runs."


class NotRunning(Refusal):
    message = "No database runs in {folder}: start bin/run first, or set GALEN_VAR or GALEN_DATABASE_URL."


@contextmanager
def running() -> Iterator[str]:
    """The owner's address of a database that runs; the embedded one is started for as long as this lasts."""
    given = settings().database_url
    with nullcontext(given.get_secret_value()) if given else embedded(settings().var / "pg") as url:
        yield url


async def refuse_unfit(url: str) -> None:
    """For web and worker, which only serve: the database is there, and it is that of this secret."""
    await refuse_unreachable(url)
    connection = await connect(url)
    try:
        await refuse_other_secret(connection)
    finally:
        await connection.close()


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


async def refuse_unreachable(url: str) -> None:
    try:
        await (await connect(url)).close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, OverflowError) as error:
        said = re.sub(r"^\[Errno -?\d+\] ", "", str(error).split("\n")[0])
        why = said.rstrip(".") or type(error).__name__
        raise Unreachable(host=async_url(url).host or "its socket", why=why) from None


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
