"""Running it, migrating it, describing it. What a command needs is imported when it runs: `run` starts quickly."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from .saying import Json, say
from .starting import start_logging

cli = typer.Typer()
Descriptor = Annotated[int | None, typer.Option(hidden=True)]


@cli.command()
def run() -> None:
    """Start everything: database, web, worker; the demo organisations when there are none."""
    from galen import supervisor  # lazy: the database starts while it loads the rest

    start_logging()
    supervisor.supervise()


@cli.command()
def renew(as_json: Json = False) -> None:
    """Start web and worker anew under a `run` that goes on: the new ones serve before the old ones end."""
    from galen import supervisor  # lazy: as above

    pid = supervisor.renew()
    say({"supervisor": pid}, as_json, f"Process {pid} starts web and worker anew; nobody is refused meanwhile.")


@cli.command()
def web(listener_fd: Descriptor = None, ready_fd: Descriptor = None) -> None:
    """One web server, on a database that runs already."""
    from galen import processes  # lazy: takes a second or two

    start_logging()
    processes.web(listener_fd, ready_fd)


@cli.command()
def worker() -> None:
    """One worker, on a database that runs already. Start as many as you like."""
    from galen import processes  # lazy: as above

    start_logging()
    processes.work()


@cli.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database to the present."""
    from .services import open_services  # lazy: as above

    async def go() -> list[str]:
        async with open_services() as services:
            return [o.slug for o in await services.list_organizations()]

    found = asyncio.run(go())
    say({"organizations": found}, as_json, f"The database is at the present, with {len(found)} organisation(s).")


@cli.command()
def openapi() -> None:
    """Print the OpenAPI description of the interface."""
    from galen.app import build  # lazy: as above

    print(json.dumps(build(None).openapi(), indent=1))  # type: ignore[arg-type]


@cli.command()
def reference(file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("docs/reference.md")) -> None:
    """Write the reference: settings, roles, routes, states, jobs, commands."""
    from . import reference as drawn  # lazy: as above

    file.write_text(drawn.reference())
