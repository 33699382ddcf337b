"""Running it, migrating it, describing it."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from galen import supervisor
from galen.app import build

from . import reference as drawn
from .saying import Json, say
from .services import open_services, start_logging

cli = typer.Typer()


@cli.command()
def run() -> None:
    """Start everything: database, web, worker; the demo organisations when there are none."""
    start_logging()
    supervisor.supervise()


@cli.command()
def web(
    listener_fd: Annotated[
        int | None, typer.Option(hidden=True, help="The descriptor of a socket that `run` has bound.")
    ] = None,
) -> None:
    """One web server, on a database that runs already."""
    start_logging()
    supervisor.web(listener_fd)


@cli.command()
def worker() -> None:
    """One worker, on a database that runs already. Start as many as you like."""
    start_logging()
    supervisor.work()


@cli.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database to the present."""

    async def go() -> list[str]:
        async with open_services() as services:
            return [o.slug for o in await services.list_organizations()]

    found = asyncio.run(go())
    say({"organizations": found}, as_json, f"The database is at the present, with {len(found)} organisation(s).")


@cli.command()
def openapi() -> None:
    """Print the OpenAPI description of the interface."""
    print(json.dumps(build(None).openapi(), indent=1))  # type: ignore[arg-type]


@cli.command()
def reference(file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("docs/reference.md")) -> None:
    """Write the reference: settings, roles, routes, states, jobs, commands."""
    file.write_text(drawn.reference())
