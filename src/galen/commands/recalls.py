"""Recall notices, read: lots, drug codes, expiry days and products, and what of each notice could not be told."""

import csv
import gzip
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from .alone import alone
from .saying import Json

cli = typer.Typer(help=__doc__)
MOST = 2**20  # characters of a cell


@cli.command()
def recalls(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="CSV as the FDA's enforcement reports have it; .gz, too."),
    ],
    as_json: Json = False,
) -> None:
    """Read a file of recall notices, one line of answer for each. Needs no database, and writes nothing anywhere."""
    reading = alone("recalls/reading")
    csv.field_size_limit(MOST)
    today = datetime.now(UTC).date()  # house: a command has no request; only the century of a year hangs on it
    try:
        with opened(file) as lines:
            for row in rows(lines, file.name, reading.COLUMNS):
                print(for_program(row, reading, today) if as_json else for_people(row, reading, today))
    except (csv.Error, UnicodeDecodeError, gzip.BadGzipFile, EOFError) as broken:
        sys.exit(f"galen: {file.name} cannot be read as CSV in UTF-8 ({broken}). What stands above was read.")


@contextmanager
def opened(file: Path) -> Iterator[TextIO]:
    """The lines of a file, packed or not."""
    with file.open("rb") as raw:
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        yield TextIOWrapper(gzip.GzipFile(fileobj=raw) if packed else raw, encoding="utf-8-sig", newline="")


def rows(lines: TextIO, name: str, columns: dict[str, str]) -> Iterator[dict[str, str]]:
    """The notices of a file, which must have a column for the product or the reason."""
    reader = csv.DictReader(lines)
    known = {"".join(filter(str.isalpha, column.lower())) for column in reader.fieldnames or ()}
    if not known & columns.keys():
        sys.exit(f"galen: {name} has neither a column `Product Description` nor `Reason for Recall` in its first line.")
    for row in reader:
        yield {column: text for column, text in row.items() if column and isinstance(text, str)}


def for_program(row: dict[str, str], reading: Any, today: date) -> str:
    notice = reading.read_notice(row, today)
    product = notice.product
    told = {
        "id": row.get("Product ID") or row.get("product_id") or None,
        "lots": notice.lots,
        "ndcs": notice.ndcs,
        "expires": notice.expires,
        "product": {"name": product.name, "strength": product.strength, "form": product.form},
        "unknown": notice.unknown,
        "ndc11": [reading.ndc11(ndc) for ndc in notice.ndcs],
        "lines": [{"lot": line.lot, "expires": line.expires, "ndc": line.ndc} for line in notice.lines],
        "ranges": notice.ranges,
        "gtins": notice.gtins,
        "all_lots": notice.all_lots,
    }
    return json.dumps(told, default=str, ensure_ascii=False)


def for_people(row: dict[str, str], reading: Any, today: date) -> str:
    notice = reading.read_notice(row, today)
    product = " ".join(filter(None, (notice.product.name, notice.product.strength, notice.product.form)))
    lots = ", ".join(notice.lots) or ("all lots" if notice.all_lots else "no lot named")
    parts = [product, lots, *(["NDC " + ", ".join(notice.ndcs)] if notice.ndcs else [])]
    parts += ["expires " + ", ".join(map(str, notice.expires))] if notice.expires else []
    parts += ["not read: " + ", ".join(notice.unknown)] if notice.unknown else []
    return " · ".join(parts)
