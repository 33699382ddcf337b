"""A scanned or typed pack code, read: article, batch, expiry, serial number, quantity, and what is wrong with it."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from .alone import alone
from .saying import Json, say

cli = typer.Typer(help=__doc__)


@cli.command(context_settings={"ignore_unknown_options": True})  # a code may begin with a hyphen
def scan(
    text: Annotated[
        str | None,
        typer.Argument(help="A GS1 element string, with or without brackets, a Digital Link, or a plain number."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A text file with one code on each line.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the code of a pack. Needs no database; what is wrong stands in `errors`, values in doubt are left out."""
    if (text is None) == (file is None):
        sys.exit("galen: give one code, or --file with one code on each line.")
    gs1 = alone("medicines/gs1")
    today = datetime.now(UTC).date()  # house: a command has no request; only the century of a year hangs on it
    if text is not None:
        found = told(gs1.read_code(text, today))
        say(found, as_json, _for_people(found))
        return
    assert file is not None
    with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for line in lines:
            print(json.dumps(told(gs1.read_code(line.rstrip("\r\n"), today)), default=str))


def told(scan: Any) -> dict[str, Any]:
    """A scan for a program: what is not known is null; `ais` holds every sound element as it stands."""
    return {
        "gtin": scan.gtin or None,
        "batch": scan.lot or None,
        "expiry": scan.expires,
        "serial": scan.serial or None,
        "quantity": scan.quantity,
        "errors": list(scan.errors),
        "ais": dict(scan.elements),
    }


def _for_people(found: dict[str, Any]) -> str:
    names = {
        "gtin": "Article",
        "batch": "Batch",
        "expiry": "Expires",
        "serial": "Serial number",
        "quantity": "Quantity",
    }
    lines = [f"{name}: {found[key]}" for key, name in names.items() if found[key] is not None]
    lines += [
        f"({ai}): {value}" for ai, value in found["ais"].items() if ai not in ("01", "02", "10", "17", "21", "30")
    ]
    return "\n".join(lines + found["errors"])
