"""How large and how deep a file may be: a small one can hold a bomb. None may fill the memory or stop the others."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from .elements import Unreadable

MEGABYTE = 1024 * 1024
WHOLE = 64 * MEGABYTE  # of a bundle or a single resource, unfolded
LINE = 16 * MEGABYTE  # of one resource in an NDJSON file
BATCH = 32 * MEGABYTE  # of the lines that are read in one transaction
UNFOLDS = 200  # times its size; FHIR unfolds to ten to thirty times
PARTS = 3_000_000  # objects, lists, members and elements in one file: each takes memory of its own
DEEP = 100  # FHIR's own resources nest some twenty deep, each level in JSON twice
FAULTS = 1_000  # lines of a file that cannot be read, before the rest of it is left
EMPTY = 100_000  # lines without anything
EXPONENTS = 1_000  # of a number; as one of JSON the database could keep no more than 131,072 digits
ENTRIES = 50_000  # resources of one bundle


def opened(path: Path) -> IO[bytes]:
    """The file, unzipped where its name says so; only what is a file."""
    if path.exists() and not path.is_file():
        raise Unreadable("", "not readable: it is no file")
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else open(path, "rb")  # type: ignore[return-value]


def read_whole(file: IO[bytes]) -> str:
    """All of a file, up to what may be read at once."""
    content = file.read(WHOLE + 1)
    if len(content) > WHOLE:
        raise Unreadable(
            "", f"is larger than {WHOLE // MEGABYTE} MB when it is unpacked: send it in parts, or as NDJSON"
        )
    return content.decode("utf-8-sig")


def lines_of(file: IO[bytes], packed: int) -> Iterator[tuple[int, str]]:
    """Line by line with its number; a packed file that unfolds without end is left."""
    number, total, empty = 0, 0, 0
    while line := file.readline(LINE + 1):
        number, total, empty = number + 1, total + len(line), empty + line.isspace()
        if len(line) > LINE:
            raise Unreadable(f"line {number}", f"is longer than {LINE // MEGABYTE} MB")
        if total > max(WHOLE, UNFOLDS * packed):
            raise Unreadable(
                "", f"unfolds to more than {UNFOLDS} times its size: what came before is read, the rest is not"
            )
        if empty > EMPTY:
            raise Unreadable("", f"holds more than {EMPTY:,} empty lines")
        yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")


def refuse_many(text: str, signs: str, where: str) -> None:
    """Counted in the text, before anything is made of it."""
    if sum(map(text.count, signs)) > PARTS:
        raise Unreadable(where, f"has more than {PARTS:,} parts: send it in several files")


def refuse_deep(body: Any, where: str) -> None:
    """No value deeper than FHIR goes, and no text that the database could not keep."""
    level, depth = [body], 0
    while level:
        if depth > DEEP:
            raise Unreadable(where, "is nested too deeply")
        found: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                found += value.values()
                refuse_signs("".join(value), where)
            elif isinstance(value, list):
                found += value
            elif isinstance(value, str):
                refuse_signs(value, where)
        level, depth = found, depth + 1


def refuse_signs(text: str, where: str) -> None:
    if (not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)) or "\0" in text:
        raise Unreadable(where, "holds a sign that is no character of any writing (U+0000, or half of a pair)")


DAMAGED = (OSError, EOFError, zlib.error)
