"""Directions as prescribers write them, compiled: plain words, dosage, quantity, and what was not understood."""

import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .alone import alone
from .saying import Json, say

cli = typer.Typer(help=__doc__)


@cli.command()
def sig(
    text: Annotated[str, typer.Argument(help="Directions, such as `1-2 tab po tds pc prn max 8/24h x5/7`.")] = "",
    drug: Annotated[str, typer.Option(help="What is supplied: `amoxicillin 250 mg/5 mL suspension`.")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="The period, where the directions name none.")] = None,
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="CSV with columns sig,drug.")] = None,
    language: Annotated[str, typer.Option(help="Language of the text: en, es, zh, vi.")] = "en",
    country: Annotated[str, typer.Option(help="AU or US: decides what `od` means.")] = "AU",
    as_json: Json = False,
) -> None:
    """Put directions into plain words and figures. Needs no database; with --file, one JSON line for each row."""
    directions = alone("prescribing/directions")
    if language not in directions.LANGUAGES:
        sys.exit(f"galen: --language knows {', '.join(directions.LANGUAGES)}.")
    if file is None:
        found = directions.compiled(text, drug, days, country, language)
        say(found, as_json, _for_people(found))
        return
    with file.open(encoding="utf-8-sig", newline="") as rows:
        reader = csv.DictReader(rows)
        if "sig" not in (reader.fieldnames or ()):
            sys.exit(f"galen: {file.name} has no column `sig`: the first line must be `sig,drug`.")
        for row in reader:
            found = directions.compiled(row["sig"] or "", row.get("drug") or "", days, country, language)
            print(json.dumps(found, ensure_ascii=False))


def _for_people(found: dict[str, Any]) -> str:
    lines = [found["text"]]
    if found["quantity"] is not None:
        lines.append(f"Quantity: {found['quantity']} {found['quantity_unit'] or ''}".rstrip())
    if found["days_supply"] is not None:
        lines.append(f"Lasts {found['days_supply']} days")
    lines += [f"Not understood: {word}" for word in found["unknown"]] + found["warnings"]
    return "\n".join(lines)
