"""How medicines go together, from the built-in knowledge: no database and no server."""

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import typer

from galen.safety import among, built_in, verdict

from .saying import Json, say

cli = typer.Typer()


@cli.command()
def interactions(
    medicines: Annotated[list[str] | None, typer.Argument(help="Medicines, by any name.")] = None,
    pairs: Annotated[Path | None, typer.Option("--pairs", help="A CSV of pairs (drug_a, drug_b): a line each.")] = None,
    as_json: Json = False,
) -> None:
    """Say what speaks against taking these medicines together, and how much of the question was understood."""
    if pairs:
        for a, b in _pairs(pairs):
            print(_line(a, b))
    elif medicines:
        found = _checked(medicines)
        say(found, as_json, _words(found))
    else:
        sys.exit("galen: Write at least one medicine, or --pairs FILE.csv.")


@lru_cache(maxsize=65536)
def _line(a: str, b: str) -> str:
    said = asdict(verdict(a, b, built_in()))
    del said["rules"]
    return json.dumps(said, ensure_ascii=False)


def _pairs(file: Path) -> Iterator[tuple[str, str]]:
    """The columns drug_a and drug_b, whatever their case, or else the first two."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text, delimiter="\t" if file.suffix == ".tsv" else ",")
        heads = [head.strip().lower() for head in next(rows, [])]
        named = "drug_a" in heads and "drug_b" in heads
        first, second = (heads.index("drug_a"), heads.index("drug_b")) if named else (0, 1)
        for row in rows:
            if any(row):
                yield tuple(row[at].strip() if at < len(row) else "" for at in (first, second))  # type: ignore[misc]


def _checked(medicines: list[str]) -> dict[str, Any]:
    found = among(medicines, built_in())
    return {
        "version": found.knowledge,
        "known": found.coverage.known,
        "total": found.coverage.total,
        "unknown": list(found.unknown),
        "complete": not found.unknown,
        "interrupts": found.interrupts,
        "alerts": [
            {
                "severity": alert.severity.value,
                "tier": alert.tier.value,
                "kind": alert.kind.value,
                "medicines": [subject.name for subject in alert.subjects],
                "mechanism": alert.mechanism,
                "effect": alert.effect,
                "management": alert.management,
                "alternatives": list(alert.alternatives),
                "source": alert.source,
                "rule": alert.rule,
            }
            for alert in found.alerts
        ],
    }


def _words(found: dict[str, Any]) -> str:
    lines = [f"{found['known']} of {found['total']} medicines known (knowledge {found['version']})."]
    if found["unknown"]:
        lines.append(f"Not checked, because not known here: {', '.join(found['unknown'])}.")
    for alert in found["alerts"]:
        lines.append(f"\n{alert['severity'].upper()}: {' + '.join(alert['medicines'])} ({alert['tier']})")
        lines.append(f"  {alert['effect']} {alert['mechanism']}\n  {alert['management']} [{alert['source']}]")
    if not found["alerts"]:
        lines.append("Nothing known speaks against them." if found["complete"] else "No warning among what is known.")
    return "\n".join(lines)
