"""Files in the store: their keys under another master secret, and what lies there without a row."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import typer

from galen import files

from .saying import Json, say
from .services import open_services

cli = typer.Typer(no_args_is_help=True, help=__doc__)


@cli.command()
def rewrap(as_json: Json = False) -> None:
    """Wrap the keys of all files with the master secret of today (GALEN_FORMER_SECRET names the one before)."""
    done = in_every_organization("files rewrap", files.rewrap)
    say({"rewrapped": done}, as_json, f"{done} keys were wrapped anew; the former secret opens no file any more.")


@cli.command()
def sweep(as_json: Json = False) -> None:
    """Remove what lies in the store since more than a day without belonging to a record."""
    done = in_every_organization("files sweep", files.sweep)
    say({"removed": done}, as_json, f"{done} files without a record were removed.")


def in_every_organization(verb: str, work: Callable[[Any], Awaitable[int]]) -> int:
    async def go() -> int:
        done = 0
        async with open_services() as home:
            for organization in await home.list_organizations():
                async with home.as_system(organization.slug, verb) as ctx:
                    done += await work(ctx)
        return done

    return asyncio.run(go())
