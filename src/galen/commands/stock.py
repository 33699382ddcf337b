"""Stock: prove that what is on hand is the sum of what moved."""

import sys

import typer

from galen.inventory import drift

from .saying import Json, Slug, say
from .services import in_context

cli = typer.Typer(no_args_is_help=True, help=__doc__)


@cli.callback()
def stock() -> None:
    """Stock: prove that what is on hand is the sum of what moved."""


@cli.command()
def verify(organization: Slug = "", as_json: Json = False) -> None:
    """Recompute every shelf from its movements; exit 1 and name each that differs."""
    found = in_context(organization, "stock verify", drift)
    say(
        [vars(d) if hasattr(d, "__dict__") else str(d) for d in found],
        as_json,
        "\n".join(map(str, found)) or "No drift.",
    )
    sys.exit(1 if found else 0)
