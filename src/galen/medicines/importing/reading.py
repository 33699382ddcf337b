"""From a file to rows. The file itself is read in a child process (galen/files/tables.py); here its rows arrive."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from galen.files import CannotBeRead, in_a_word, run_in_child, sign_of
from galen.i18n import N_, gettext

Cell = str | int | Decimal | bool | date | None
Shape = Literal["rows", "records", "either"]
COLUMNS = 200
ALLOWED = ("", N_("an office document"), N_("an archive"), N_("an old office document"))
FOREIGN = N_("%(file)s is %(found)s, and no list. Send the list itself, as .xlsx, .ods, .csv or .txt.")
SENTENCES = {
    "": N_("%(file)s is damaged, or is no list. Open it, save it as .xlsx or .csv, and import that."),
    "limits": N_(
        "%(file)s takes too long, or too much memory, to be read. Take out what is far from the list, or split it, and "
        "import that."
    ),
    "empty": N_("%(file)s is empty. Choose the file that the supplier sent."),
    "password": N_("%(file)s is protected by a password. Open it, save it without one, and import that."),
    "document": N_(
        "%(file)s is a letter or a show of slides, and no list. Send the list as .xlsx, .ods, .csv or .txt."
    ),
    "several": N_("%(file)s holds %(count)s tables. Unpack it and import the one you mean."),
    "large": N_("%(file)s is too large when it is unpacked. Split it and import the parts."),
    "rows": N_("%(file)s has more than %(most)s rows, the most that are read at once. Split it and import the parts."),
    "columns": N_(
        "%(file)s has %(count)s columns, and no more than %(most)s are read. Delete those that are not of the list."
    ),
    "cells": N_(
        "%(file)s has more than %(most)s cells, the most that are read at once. Split it and import the parts."
    ),
    "cell": N_("Row %(number)s of %(file)s has a cell of more than %(most)s characters. Shorten it."),
    "line": N_("Line %(number)s of %(file)s has more than %(most)s characters, so it is no row of a list. Split it."),
    "zeros": N_("Line %(number)s of %(file)s holds zero bytes, so it is no text. Save the list anew as .xlsx or .csv."),
    "quotes": N_("Line %(number)s cannot be read as a table: a quote has no end. Mend its quotes."),
    "json": N_("%(file)s is no JSON, or is cut off. Fetch it again."),
}


class Explained(Exception):
    """What is wrong, as a message with its values by name: translated when it is read, so that it can be kept."""

    def __init__(self, message: str, /, **values: Any) -> None:
        super().__init__(message)
        self.message, self.values = message, values

    def __str__(self) -> str:
        return gettext(self.message, **self.values)


class UnreadableFile(Explained):
    """The file as a whole cannot be read; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class FileBounds:
    """How much of a file is taken in, and how long somebody waits for it."""

    rows: int = 60_000
    cells: int = 2_000_000
    parser: str = "table"


BY_HAND = FileBounds(
    rows=2_000_000, cells=40_000_000, parser="table by hand"
)  # on the command line, which is a process of its own
AT_ONCE = FileBounds(parser="table at once")  # while a request waits
BEHIND = FileBounds()


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of a sheet, with the number that a person sees beside it."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def empty(self) -> bool:
        return all(cell is None or cell == "" for cell in self.cells)


@dataclass(frozen=True, slots=True)
class FileSheet:
    """One table of a file; text files have one, without a name."""

    name: str
    rows: list[FileRow]


@dataclass(frozen=True, slots=True)
class FileContent:
    """All that came of a file: its sheets, or its records."""

    sheets: list[FileSheet]
    records: list[dict[str, Any]]

    @property
    def cells(self) -> int:
        """How much there is to understand."""
        rows = sum(len(row.cells) for sheet in self.sheets for row in sheet.rows)
        return rows + sum(map(len, self.records))


async def read_sheets(name: str, content: bytes, bounds: FileBounds = BEHIND) -> list[FileSheet]:
    """The sheets of a file, told by what it holds rather than by what it is called."""
    sheets = (await read_content(name, content, "rows", bounds)).sheets
    if not sheets:
        raise UnreadableFile(SENTENCES["empty"], file=Path(name).name)
    return sheets


async def read_content(name: str, content: bytes, shape: Shape, bounds: FileBounds = BEHIND) -> FileContent:
    """What a file holds; a file that is something else, or too much, is refused in a sentence."""
    async with lines_in(name, content, shape, bounds) as lines:
        return await asyncio.to_thread(arrived, lines)


@asynccontextmanager
async def lines_in(
    name: str, content: bytes, shape: Shape, bounds: FileBounds, **more: Any
) -> AsyncIterator[Iterator[Any]]:
    """The same line by line, as the child that reads the file writes it."""
    name = Path(name).name[:120]
    found = sign_of(content)
    if found not in ALLOWED:
        raise UnreadableFile(FOREIGN, file=name, found=in_a_word(found))
    limits: dict[str, Any] = {"rows": bounds.rows, "columns": COLUMNS, "cells": bounds.cells}
    try:
        async with run_in_child(bounds.parser, io.BytesIO(content), shape=shape, **limits, **more) as parsed:
            yield map(DECODER.decode, map(bytes.decode, parsed.made))
    except CannotBeRead as error:
        raise UnreadableFile(SENTENCES.get(error.word, SENTENCES[""]), file=name, **error.values) from error


def plain(held: dict[str, Any]) -> Any:
    return date.fromisoformat(held["day"]) if held.keys() == {"day"} else held


DECODER = json.JSONDecoder(parse_float=Decimal, object_hook=plain)
"""Numbers without float; days as days."""


def arrived(lines: Iterator[Any]) -> FileContent:
    """The child's lines as sheets and records."""
    sheets: list[tuple[str, list[FileRow]]] = []
    records: list[dict[str, Any]] = []
    for line in lines:
        if isinstance(line, list):
            sheets[-1][1].append(FileRow(line[0], tuple(line[1:])))
        elif "record" in line:
            records.append(line["record"])
        else:
            sheets.append((str(line["sheet"]), []))
    return FileContent([FileSheet(name, filled(rows) if name else rows) for name, rows in sheets], records)


def filled(rows: list[FileRow]) -> list[FileRow]:
    """Rows of a workbook's sheet are all as wide as its widest."""
    width = max((len(row.cells) for row in rows), default=0)
    return [FileRow(row.number, row.cells + ("",) * (width - len(row.cells))) for row in rows]
