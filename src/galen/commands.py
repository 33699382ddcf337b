"""The command line: one word for each thing an operator does."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer

from .app import house_of, load
from .core import migrate as migrations
from .core import server
from .core.context import Context
from .core.database import Database
from .core.errors import Refusal
from .core.logs import configure
from .core.pg import PostgresUnavailable
from .core.settings import settings
from .core.web.door import House
from .supervisor import supervise, web, work

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Galen: clinic, pharmacy and patients in one system.")
organization_cli = typer.Typer(no_args_is_help=True, help="Organisations: each has a schema of its own.")
cli.add_typer(organization_cli, name="organization")
Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]
Slug = Annotated[str, typer.Option("--organization", help="Short name of the organisation; the first one by default.")]


def say(answer: Any, as_json: bool, words: str) -> None:
    print(json.dumps(answer, default=str) if as_json else words)


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    """The house over a running, present database, for a command's own duration."""
    with server.running() as url:
        owner = await server.owner_url(url)
        await migrations.prepare(owner)
        load()
        database = Database(server.app_url(owner), pool=4)
        try:
            yield house_of(database)
        finally:
            await database.close()


def with_context(slug: str, verb: str, work: Callable[[Context], Awaitable[Any]]) -> Any:
    """Do something as the system itself, in one transaction of one organisation."""

    async def run() -> Any:
        async with house() as home, home.as_system(slug, verb) as ctx:
            return await work(ctx)

    return asyncio.run(run())


@cli.command()
def run() -> None:
    """Start everything: database, web, worker; the demo organisation when there is none."""
    supervise()


@cli.command("web", hidden=True)
def web_command() -> None:
    """One web server, on a database that runs already."""
    web()


@cli.command("worker")
def worker_command() -> None:
    """One worker, on a database that runs already. Start as many as you like."""
    work()


@cli.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database to the present."""

    async def go() -> list[str]:
        async with house() as home:
            return [o.slug for o in await home.list_organizations()]

    found = asyncio.run(go())
    say({"organizations": found}, as_json, f"The database is at the present, with {len(found)} organisation(s).")


@organization_cli.command("add")
def add_organization(slug: str, name: str, country: str = "AU", as_json: Json = False) -> None:
    """Add an organisation with its own schema and role."""
    from .organizations import country_of

    profile = country_of(country)

    async def go() -> None:
        with server.running() as url:
            owner = await server.owner_url(url)
            await migrations.prepare(owner)
            await migrations.add_organization(owner, slug, name, country, profile.currency, profile.zone)

    asyncio.run(go())
    say({"organization": slug}, as_json, f"{name} is there, as “{slug}”. Next: galen account add {slug} …")


@organization_cli.command("list")
def list_organizations(as_json: Json = False) -> None:
    """The organisations on this database."""

    async def go() -> list[Any]:
        async with house() as home:
            return await home.list_organizations()

    found = asyncio.run(go())
    say([vars(o) for o in found], as_json, "\n".join(f"{o.slug:20} {o.name}" for o in found) or "None yet.")


def main() -> None:
    """Run a command; what goes wrong ends in one sentence."""
    configure(settings().log_json)
    try:
        cli()
    except (Refusal, PostgresUnavailable) as refusal:
        sys.exit(f"galen: {refusal}")
