"""Inventory: prove that what is on hand is the sum of what moved."""

import sys
from typing import Any

import typer

from galen import counter, dispensing, purchasing
from galen import inventory as stock
from galen.core.context import Context
from galen.inventory import Drift
from galen.values.units import plain

from .saying import Json, Slug, say
from .services import in_context

cli = typer.Typer(no_args_is_help=True, help=__doc__)


@cli.callback()
def inventory() -> None:
    """Inventory: prove that what is on hand is the sum of what moved."""


@cli.command()
def verify(organization: Slug = "", as_json: Json = False) -> None:
    """Recompute every shelf and every paper that moved stock from the movements; exit 1 and name each that differs."""
    found = in_context(organization, "inventory verify", drift_anywhere)
    rows: list[dict[str, Any]] = [difference.model_dump(mode="json") for difference in found]
    say(rows, as_json, "\n".join(map(in_words, found)) or "No drift.")
    sys.exit(1 if found else 0)


async def drift_anywhere(ctx: Context) -> list[Drift]:
    """Shelves and their own papers; then deliveries, sales, and what patients were given and brought back."""
    return [found for module in (stock, purchasing, counter, dispensing) for found in await module.drift(ctx)]


def in_words(difference: Drift) -> str:
    stands, due = plain(difference.quantity), plain(difference.moved)
    return (
        f"{difference.what}: batch {difference.batch} says {stands}, its movements {due} (level {difference.level_id})"
    )
