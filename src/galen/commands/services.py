"""What commands stand on that need a database: the services over it, for as long as the command runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from galen.app import bring_to_present, services_for
from galen.core.context import Context
from galen.core.database import Database
from galen.core.services import Services
from galen.modules import discover
from galen.provisioning import server

from .starting import start_logging


@asynccontextmanager
async def open_services() -> AsyncIterator[Services]:
    """The application's services over a database at the present; the embedded server is started when none runs."""
    async with owned() as (_, services):
        yield services


@asynccontextmanager
async def owned() -> AsyncIterator[tuple[str, Services]]:
    """The same, with the address of the database's owner, who may build schemas."""
    start_logging()
    with server.running() as url:
        owner = await server.owner_url(url)
        await bring_to_present(owner)
        discover()
        database = Database(server.app_url(owner), pool=4)
        try:
            yield owner, services_for(database)
        finally:
            await database.close()


def in_context(slug: str, verb: str, work: Callable[[Context], Awaitable[Any]]) -> Any:
    """Do something as the system itself, in one transaction of one organisation."""

    async def run() -> Any:
        async with open_services() as services, services.as_system(slug, verb) as ctx:
            return await work(ctx)

    return asyncio.run(run())
