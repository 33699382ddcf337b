"""Whether a server answers: by a real connection and a real query."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg

from .binaries import PostgresUnavailable

SILENT = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


def answers(url: str) -> bool:
    """True when a query comes back; in a thread of its own, so that it can be asked inside an event loop too."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _ask(url)).result()


async def _ask(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except asyncpg.InvalidPasswordError:
        raise PostgresUnavailable("PostgreSQL refuses the password in its folder: put the right file back.") from None
    except SILENT:
        return False
    try:
        return bool(await connection.fetchval("SELECT 1", timeout=5) == 1)
    except SILENT:
        return False
    finally:
        connection.terminate()
