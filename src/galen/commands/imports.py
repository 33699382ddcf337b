"""Bringing records in."""

import typer

from galen.fhir.cli import cli as fhir_cli

cli = typer.Typer(no_args_is_help=True, help=__doc__)
cli.registered_commands += fhir_cli.registered_commands


@cli.callback()
def imports() -> None:
    """Bringing records in."""
