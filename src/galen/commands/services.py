"""What every command stands on: a house over a running database, for the command's own duration."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer

from galen.core.context import Context
from galen.core.services import Services

Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]
Slug = Annotated[
    str, typer.Option("--organization", "-o", help="Short name of the organisation; by default the first.")
]


def say(answer: Any, as_json: bool, words: str) -> None:
    """The answer, once: for a program or for a person."""
    print(json.dumps(answer, default=str) if as_json else words)


@asynccontextmanager
async def services() -> AsyncIterator[Services]:
    """The house over a database at the present; the embedded server is started when none runs."""
    async with owned() as (_, home):
        yield home


@asynccontextmanager
async def owned() -> AsyncIterator[tuple[str, Services]]:
    """The same, with the address of the database's owner, who may build schemas."""
    from galen.app import bring_to_present, load, services_for
    from galen.core.database import Database
    from galen.provisioning import server

    with server.running() as url:
        owner = await server.owner_url(url)
        await bring_to_present(owner)
        load()
        database = Database(server.app_url(owner), pool=4)
        try:
            yield owner, services_for(database)
        finally:
            await database.close()


def in_context(slug: str, verb: str, work: Callable[[Context], Awaitable[Any]]) -> Any:
    """Do something as the system itself, in one transaction of one organisation."""

    async def run() -> Any:
        async with services() as home, home.as_system(slug, verb) as ctx:
            return await work(ctx)

    return asyncio.run(run())
