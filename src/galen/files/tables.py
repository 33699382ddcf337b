"""A table or a list of records as plain rows. Runs in the child, so it imports nothing of Galen.

What the file is called is not asked. Text in any encoding and with any separator, Excel old and new, OpenDocument,
JSON; packed or not. Out come lines of JSON: `{"sheet": name}`, then `[number, cell, …]` for each row that holds
something, or `{"record": …}`. Every bound is checked before what lies beyond it is built.
"""

import codecs
import csv
import gzip
import io
import json
import math
import re
import resource
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

ZIP, GZIP, OLD = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SEPARATORS = "~\t|;,"
TABLES = (".txt", ".csv", ".tsv", ".rrf", ".json", ".xlsx", ".xls", ".xlsb", ".ods")
PIECE = 1024 * 1024
UNPACKED, PARTS = 512 * PIECE, 2_000  # of an archive: how large it may become, and of how many parts
CELL, LINE, RECORD, SHEETS = 32_767, PIECE, 256 * 1024, 100
TALL = 100  # lines of one row: more stand behind a quote without an end
WITHIN = r'"(?:results|data|items)"\s*:\s*\['
LISTED = re.compile(rf"\A\s*(?:\[|\{{(?:(?!{WITHIN}).){{0,60000}}{WITHIN})", re.S)
BETWEEN = re.compile(r"[\s,]*")


class UnreadableTable(Exception):
    """What is wrong, as the word of a sentence and the numbers in it."""

    def __init__(self, word: str, **values: int) -> None:
        super().__init__(word)
        self.word, self.values = word, values


class Bounded(io.RawIOBase):
    """What is packed, unpacked as it is read, and no further than the bound."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.came = source, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self.source.read(len(buffer))
        self.came += len(piece)
        if self.came > UNPACKED:
            raise UnreadableTable("large")
        buffer[: len(piece)] = piece
        return len(piece)

    def seek(self, place: int, whence: int = 0) -> int:
        self.came = self.source.seek(place, whence)
        return self.came


def parse(
    source: BinaryIO, out: BinaryIO, *, shape: str, rows: int, columns: int, cells: int, separator: str = ""
) -> dict[str, Any]:
    """`shape` is what may be in it: "rows", "records", or "either"; `separator` of a text where it is known."""
    paper = Paper(out, rows, columns, cells)
    try:
        content, workbook = opened(source)
        if workbook and shape != "records":
            of_workbook(content, paper)
        else:
            of_text(content, paper, shape, separator)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError):
        raise UnreadableTable("") from None
    out.flush()
    return {"rows": paper.rows}


class Paper:
    """What is written for the parent, counted."""

    def __init__(self, out: BinaryIO, rows: int, columns: int, cells: int) -> None:
        self.out, self.most_rows, self.most_columns, self.most_cells = out, rows, columns, cells
        self.rows = self.cells = self.written = 0
        self.most_written = resource.getrlimit(resource.RLIMIT_FSIZE)[0] * 3 // 4

    def line(self, value: Any) -> None:
        self.write(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def write(self, line: bytes) -> None:
        self.written += len(line)
        if self.written > self.most_written >= 0:
            raise UnreadableTable("large")
        self.out.write(line)

    def row(self, number: int, cells: list[Any]) -> None:
        width = len(cells)
        if width > self.most_columns:
            while width and cells[width - 1] in ("", None):
                width -= 1
            cells = cells[:width]
        if width > self.most_columns:
            raise UnreadableTable("columns", count=width, most=self.most_columns)
        if any(isinstance(cell, str) and len(cell) > CELL for cell in cells):
            if width > 1:
                raise UnreadableTable("cell", number=number, most=CELL)
            cells = [cells[0][:CELL]]  # prose, and no row of a table: what looks for columns will say so
        if not any(cell not in ("", None) for cell in cells):
            return
        self.count(width)
        self.line([number, *cells])

    def record(self, record: dict[str, Any]) -> None:
        self.count(len(record))
        written = json.dumps(without_zeros(record), ensure_ascii=False).encode("utf-8", "replace")
        if len(written) > RECORD:
            raise UnreadableTable("cell", number=self.rows, most=RECORD)
        self.write(b'{"record": ' + written + b"}\n")

    def count(self, width: int) -> None:
        self.rows += 1
        self.cells += width
        if self.rows > self.most_rows:
            raise UnreadableTable("rows", most=self.most_rows)
        if self.cells > self.most_cells:
            raise UnreadableTable("cells", most=self.most_cells)


# What is packed


def opened(source: BinaryIO, depth: int = 0) -> tuple[BinaryIO, bool]:
    """What is inside a gzip or the one table of a zip; and whether it is a workbook."""
    head = source.read(8)
    source.seek(0)
    if depth > 2:
        raise UnreadableTable("large")
    if head.startswith(GZIP):
        return opened(io.BufferedReader(Bounded(gzip.GzipFile(fileobj=source))), depth + 1)  # type: ignore[arg-type]
    if not head.startswith(ZIP):
        return source, head.startswith(OLD)
    box = zipfile.ZipFile(source if depth == 0 else io.BytesIO(source.read()))
    parts = box.infolist()
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise UnreadableTable("large")
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableTable("password")
    names = [part.filename for part in parts]
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise UnreadableTable("document")
    if any(name.startswith(("xl/", "content.xml", "mimetype")) for name in names):
        if "mimetype" in names and b"spreadsheet" not in box.open("mimetype").read(200):
            raise UnreadableTable("document")
        source.seek(0)
        return source, True
    tables = [p for p in parts if p.filename.lower().endswith(TABLES) and not p.filename.startswith("__MACOSX/")]
    named = re.compile(r"(?:.*/)?(?:products|items)\.[a-z]+", re.I)
    tables = [p for p in tables if named.fullmatch(p.filename)] or tables
    if len(tables) != 1:
        raise UnreadableTable("several", count=len(tables))
    return opened(io.BufferedReader(Bounded(box.open(tables[0]))), depth + 1)  # type: ignore[arg-type]


# Workbooks


def of_workbook(content: BinaryIO, paper: Paper) -> None:
    """xls, xlsx, xlsb or ods: each visible sheet, its rows with the numbers that a person sees beside them."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    held = content.read()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(held))
        seen = [m.name for m in book.sheets_metadata if m.visible is SheetVisibleEnum.Visible]
        for name in seen[:SHEETS]:
            sheet = book.get_sheet_by_name(name)
            paper.line({"sheet": name})
            if sheet.start is None:
                continue
            down, right = sheet.start
            if down >= paper.most_rows:
                raise UnreadableTable("rows", most=paper.most_rows)
            if right >= paper.most_columns:
                raise UnreadableTable("columns", count=right + 1, most=paper.most_columns)
            for number, cells in enumerate(sheet.iter_rows(), 1):
                paper.row(number, [""] * right + trimmed(cells))
    except PasswordError:
        raise UnreadableTable("password") from None
    except (CalamineError, ValueError):
        encrypted = "EncryptedPackage".encode("utf-16-le") in held
        raise UnreadableTable("password" if encrypted else "") from None


def trimmed(cells: list[Any]) -> list[Any]:
    width = len(cells)
    while width and cells[width - 1] in ("", None):
        width -= 1
    return [plain_cell(cell) for cell in cells[:width]]


def plain_cell(cell: Any) -> Any:
    """Numbers as they are shown, moments as days, text without what no database keeps."""
    if isinstance(cell, str):
        return cell.replace("\0", "").replace("\xa0", " ").strip()
    if isinstance(cell, bool) or cell is None:
        return cell
    if isinstance(cell, datetime):
        return {"day": cell.date().isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    if isinstance(cell, time | timedelta):
        return str(cell)
    if not math.isfinite(cell):
        return ""
    if abs(cell) >= 10**15:
        return f"{Decimal(repr(cell)):f}"
    return int(cell) if cell == int(cell) else cell


# Text


def of_text(content: BinaryIO, paper: Paper, shape: str, separator: str) -> None:
    encoding = encoding_of(content)
    content.seek(0)
    newline = "\n"
    head = io.TextIOWrapper(content, encoding, "replace", newline="\n")
    text = head.read(200_000)
    if not text.strip() and not head.read(PIECE).strip():
        raise UnreadableTable("empty")
    if "\n" not in text and "\r" in text:
        newline, text = "\r", text.replace("\r", "\n")
    head.detach()
    content.seek(0)
    again = io.TextIOWrapper(content, encoding, "replace", newline=newline)
    if shape == "records" or (shape == "either" and text.lstrip()[:1] in ("{", "[")):
        of_json(again, text, paper)
        return
    paper.line({"sheet": ""})
    for number, cells in table_rows(again, text, separator):
        paper.row(number, [cell.replace("\xa0", " ").strip() for cell in cells])


def encoding_of(content: BinaryIO) -> str:
    """UTF-8 or UTF-16 by its mark, UTF-16 by its zeros, else UTF-8 when all of it is, else what Windows writes."""
    head = content.read(4096)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = head[start::2]
        if len(half) > 8 and half.count(0) > 0.6 * len(half) and b"\0" not in head[1 - start :: 2]:
            return encoding
    decoder, piece, found, lines = codecs.getincrementaldecoder("utf-8")(), head, "utf-8", 0
    while piece:
        if b"\0" in piece:
            raise UnreadableTable("zeros", number=lines + piece[: piece.index(b"\0")].count(b"\n") + 1)
        lines += piece.count(b"\n")
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            found, decoder = "cp1252", codecs.getincrementaldecoder("latin-1")()  # type: ignore[assignment]
        piece = content.read(PIECE)
    return found


def lines_of(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines end with LF (or CR LF) alone: some lists carry other line separators inside their cells."""
    number = 0
    while line := text.readline(LINE + 1):
        number += 1
        if len(line) > LINE:
            raise UnreadableTable("line", number=number, most=LINE)
        if "\0" in line:
            raise UnreadableTable("zeros", number=number)
        yield (line[:-2] + "\n" if line.endswith("\r\n") else line[:-1] + "\n" if line.endswith("\r") else line)


def table_rows(text: io.TextIOWrapper, head: str, known: str) -> Iterator[tuple[int, list[str]]]:
    head = head.replace("\r\n", "\n")
    separator = known or separator_of(head)
    if not known and (separator in ",;" or quoted(head, separator)):
        csv.field_size_limit(LINE)
        reader = csv.reader(lines_of(text), delimiter=separator)
        before = 0
        try:
            for cells in reader:
                if reader.line_num - before > TALL:
                    raise csv.Error
                yield before + 1, cells
                before = reader.line_num
        except csv.Error:
            raise UnreadableTable("quotes", number=before + 1) from None
        return
    for number, line in enumerate(lines_of(text), 1):
        yield number, line.rstrip("\n").split(separator)


def quoted(head: str, separator: str) -> bool:
    """Whether cells stand in quotes, as a spreadsheet writes them: only where quotes come in pairs."""
    head = head[:20000]
    return f'"{separator}"' in head or (head.startswith('"') and f'"{separator}' in head)


def separator_of(text: str) -> str:
    """The separator that gives most lines the same number of columns, and the more columns the better."""
    head = [line[:10_000] for line in text.split("\n")[:80] if line.strip()]
    best, chosen = (0.0, 0), ","
    for separator in SEPARATORS:
        counts = Counter(map(len, csv.reader(head, delimiter=separator, strict=False)))
        columns, lines = max(counts.items(), key=lambda count: (count[0] > 1, count[1]))
        score = (round(lines / len(head), 1) if columns > 1 else 0.0, columns)
        if score > best:
            best, chosen = score, separator
    return chosen


# JSON


def of_json(text: io.TextIOWrapper, head: str, paper: Paper) -> None:
    """The records of a list, wherever it stands; one by one where the file is large."""
    decoder = json.JSONDecoder()
    try:
        if begun := LISTED.match(head[:64_000]):
            for record in streamed(text, begun.end(), decoder):
                if isinstance(record, dict):
                    paper.record(record)
            return
        whole = text.read(32 * PIECE)
        for record in records_in(decoder.decode(whole)):
            paper.record(record)
    except (ValueError, RecursionError):
        raise UnreadableTable("json") from None


def streamed(text: io.TextIOWrapper, start: int, decoder: json.JSONDecoder) -> Iterator[Any]:
    """The values of an array, decoded as they come."""
    text.read(start)
    held, at, done = "", 0, False
    while True:
        at = BETWEEN.match(held, at).end()  # type: ignore[union-attr]
        if held[at : at + 1] == "]":
            return
        try:
            value, end = decoder.raw_decode(held, at)
            if end == len(held) and not done:
                raise ValueError
        except ValueError:
            if done or len(held) - at > 2 * PIECE:
                raise
            more = text.read(PIECE // 4)
            done = not more
            held, at = held[at:] + more, 0
            continue
        yield value
        at = end


def without_zeros(value: Any) -> Any:
    """The same without the character that no database keeps."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {name.replace("\0", ""): without_zeros(inner) for name, inner in value.items()}
    return [without_zeros(inner) for inner in value] if isinstance(value, list) else value


def records_in(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, list):
        for branch in tree:
            yield from records_in(branch)
    elif isinstance(tree, dict):
        inside = [
            tree[name] for name in ("results", "result", "data", "items") if isinstance(tree.get(name), list | dict)
        ]
        if inside:
            yield from (record for branch in inside for record in records_in(branch))
        else:
            yield tree
