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
    same: Annotated[
        list[str] | None, typer.Option(help="Who looks like somebody known is: ID=RECORD, such as p1=P000012; or all.")
    ] = None,
    apart: Annotated[list[str] | None, typer.Option(help="Who looks like somebody known is not: ID; or all.")] = None,
    as_json: Json = False,
) -> None:
    """Read FHIR R4: bundles and single resources. Again, it changes nothing; what has no room yet is kept whole.

    Somebody with the number, name and birth date of a record joins it. Who only looks alike waits for an answer.
    """
    answers = {id: number for id, _, number in (answer.partition("=") for answer in same or ())}
    if wrong := [id for id, number in answers.items() if not number and id != "all"]:
        raise typer.BadParameter(f"{wrong[0]}: name the record, such as {wrong[0]}=P000012", param_hint="--same")

    async def go() -> Any:
        async with open_services() as services:
            return await import_fhir(services, organization, paths, source=source, same=answers, apart=apart or ())

    report = asyncio.run(go())
    say(report.as_json(), as_json, report.as_text())
    if report.failed:
        raise typer.Exit(1)


imports_medicines.register(cli)
