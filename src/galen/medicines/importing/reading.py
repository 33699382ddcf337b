"""From a file to rows: text in any encoding and with any separator, Excel old and new, packed or not. Pure."""

import csv
import gzip
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from galen.i18n import N_, gettext

Cell = str | int | Decimal | bool | date | None
MOST = 500_000_000  # bytes unpacked: a file that swells beyond this is no list of medicines
EXCEL = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04")
SEPARATORS = "~\t|;,"
SEVERAL_TABLES = N_("%(file)s holds %(count)s tables. Unpack it and import the one you mean.")
TOO_LARGE = N_("%(file)s is larger than 500 MB unpacked. Split it and import the parts.")


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


def read_file(path: Path) -> list[FileSheet]:
    """The sheets of a file on disk."""
    if not path.is_file():
        raise UnreadableFile(N_("There is no file %(file)s. Check the path."), file=path.name)
    return read_sheets(path.name, path.read_bytes())


def read_sheets(name: str, content: bytes) -> list[FileSheet]:
    """The sheets of a file, told by what it holds rather than by what it is called."""
    name, content = unpacked(name, content)
    if not content.strip():
        raise UnreadableFile(N_("%(file)s is empty. Choose the file that the supplier sent."), file=name)
    if content.startswith(EXCEL):
        return workbook(name, content)
    return [FileSheet("", list(text_rows(decoded(content))))]


def unpacked(name: str, content: bytes) -> tuple[str, bytes]:
    """What is inside a gzip, or the one table inside a zip that is not itself a workbook."""
    try:
        return inside(name, content)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(N_("%(file)s is damaged. Fetch it again, or ask for it anew."), file=name) from error


def inside(name: str, content: bytes) -> tuple[str, bytes]:
    if content.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(content)) as packed:
            held = packed.read(MOST + 1)
        if len(held) > MOST:
            raise UnreadableFile(TOO_LARGE, file=name)
        return inside(name.removesuffix(".gz"), held)
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            if not any(part.startswith(("xl/", "content.xml", "mimetype")) for part in box.namelist()):
                tables = [p for p in box.infolist() if p.filename.lower().endswith((".txt", ".csv", ".tsv", ".rrf"))]
                tables = [p for p in tables if Path(p.filename).stem.lower() in ("products", "items")] or tables
                if len(tables) != 1 or tables[0].file_size > MOST:
                    raise UnreadableFile(SEVERAL_TABLES, file=name, count=len(tables))
                return tables[0].filename, box.read(tables[0])
    return name, content


def workbook(name: str, content: bytes) -> list[FileSheet]:
    """xls, xlsx, xlsb or ods, each sheet from its first row."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        seen = [m.name for m in book.sheets_metadata if m.visible is SheetVisibleEnum.Visible]
        found = [(sheet, book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)) for sheet in seen]
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(
            N_("%(file)s is damaged or protected by a password. Open it, save it as .xlsx or .csv, and import that."),
            file=name,
        ) from error
    return [
        FileSheet(title, [FileRow(number, tuple(map(plain_cell, cells))) for number, cells in enumerate(rows, 1)])
        for title, rows in found
    ]


def plain_cell(cell: object) -> Cell:
    """A cell without float: numbers as they are shown, moments as days."""
    if isinstance(cell, str):
        return cell.replace("\xa0", " ").strip()
    if isinstance(cell, bool) or cell is None:
        return cell
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    number = Decimal(repr(cell))
    return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else number


def decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 by its mark, else UTF-8, else what Windows writes."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def text_rows(text: str) -> Iterator[FileRow]:
    """Lines end with LF (or CR LF) alone: some lists carry other line separators inside their cells."""
    text = text.replace("\r\n", "\n")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    separator = separator_of(text)
    if separator in ",;" or quoted(text, separator):
        reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=separator)
        before = 0
        try:
            for cells in reader:
                yield FileRow(before + 1, tuple(cell.replace("\xa0", " ").strip() for cell in cells))
                before = reader.line_num
        except csv.Error as error:
            raise UnreadableFile(
                N_("Line %(number)s cannot be read as a table (%(error)s). Mend its quotes."),
                number=before + 1,
                error=str(error),
            ) from error
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line:
            yield FileRow(number, tuple(cell.replace("\xa0", " ").strip() for cell in line.split(separator)))


def quoted(text: str, separator: str) -> bool:
    """Whether cells stand in quotes, as a spreadsheet writes them: only where quotes come in pairs."""
    head = text[:20000]
    return f'"{separator}"' in head or (head.startswith('"') and f'"{separator}' in head)


def separator_of(text: str) -> str:
    """The separator that gives most lines the same number of columns, and the more columns the better."""
    head = [line[:10_000] for line in text[:200_000].split("\n")[:80] if line.strip()]
    best, chosen = (0.0, 0), ","
    for separator in SEPARATORS:
        counts = Counter(map(len, csv.reader(head, delimiter=separator, strict=False)))
        columns, lines = max(counts.items(), key=lambda count: (count[0] > 1, count[1]))
        score = (round(lines / len(head), 1) if columns > 1 else 0.0, columns)
        if score > best:
            best, chosen = score, separator
    return chosen
