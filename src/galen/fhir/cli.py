"""`galen import fhir`: from files to an organisation's records."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated

import typer

from galen.core.web.door import House

from .importing import import_fhir
from .report import Report

Paths = Annotated[list[Path], typer.Argument(help="Files or folders: .json, .json.gz, .ndjson.")]
Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]
Slug = Annotated[str, typer.Option("--organization", help="Short name of the organisation; the first one by default.")]
Source = Annotated[str, typer.Option("--source", help="Name of the system the files come from; its ids are its own.")]


def importer(house: Callable[[], AbstractAsyncContextManager[House]]) -> typer.Typer:
    """The word `import`, over whatever opens the house for a command's duration."""
    cli = typer.Typer(no_args_is_help=True, help="Bring in records from files of other systems.")

    @cli.callback()
    def words() -> None:
        """Bring in records from files of other systems."""

    @cli.command()
    def fhir(paths: Paths, as_json: Json = False, organization: Slug = "", source: Source = "") -> None:
        """Read FHIR R4: bundles and single resources. Again, it changes nothing; what has no room yet is kept whole."""

        async def go() -> Report:
            async with house() as home:
                return await import_fhir(home, organization, paths, source=source)

        report = asyncio.run(go())
        print(json.dumps(report.as_json()) if as_json else report.as_text())
        if report.failed:
            raise typer.Exit(1)

    return cli
