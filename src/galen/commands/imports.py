"""Bringing records in from files of other systems."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from galen.fhir import import_fhir

from . import imports_medicines
from .saying import Json, Slug, say
from .services import open_services

cli = typer.Typer(no_args_is_help=True, help=__doc__)


@cli.callback()
def imports() -> None:
    """Bringing records in from files of other systems."""


@cli.command()
def fhir(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: .json, .ndjson, .xml, also with .gz.")],
    organization: Slug = "",
    source: Annotated[str, typer.Option(help="Name of the system the files come from; its ids are its own.")] = "",
    as_json: Json = False,
) -> None:
    """Read FHIR R4: bundles and single resources. Again, it changes nothing; what has no room yet is kept whole."""

    async def go() -> Any:
        async with open_services() as services:
            return await import_fhir(services, organization, paths, source=source)

    report = asyncio.run(go())
    say(report.as_json(), as_json, report.as_text())
    if report.failed:
        raise typer.Exit(1)


imports_medicines.register(cli)
