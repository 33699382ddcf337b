"""One encoding for each value and type, so that a digest says exactly what was there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import repeat
from typing import Any
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as PgUUID

Row = Mapping[str, Any]


def canonical(row: Row) -> bytes:
    """Every column of a row, by name, each value with its type, so that no two different rows look the same."""
    return b"".join((_header(len(row)), *(_name(name) + encoded(row[name]) for name in sorted(row))))


REPEATED = frozenset({str, UUID, PgUUID, type(None)})
"""Of these no two that are equal are encoded differently, as 1, 1.0 and True are."""


def rows_encoder(
    columns: Sequence[str], as_text: Sequence[str] = (), as_bytes: Sequence[str] = ()
) -> Callable[[Sequence[Sequence[Any]]], list[bytes]]:
    """`canonical` for many rows of the same columns, given as their values: column by column, each value once.

    Columns of JSON are given `as_text`: most are empty, or as those of another row. Those of UUIDs are given
    `as_bytes`: the driver takes ten times as long to make objects of them.
    """
    header = _header(len(columns))
    places = [(columns.index(name), _column(name, name in as_text, name in as_bytes)) for name in sorted(columns)]

    def encode(rows: Sequence[Sequence[Any]]) -> list[bytes]:
        if not rows:
            return []
        values = list(zip(*rows, strict=True))
        encoded_columns = [encode_column(values[place]) for place, encode_column in places]
        return list(map(b"".join, zip(repeat(header, len(rows)), *encoded_columns, strict=True)))

    return encode


def _column(name: str, is_json: bool, is_uuid: bool) -> Callable[[Sequence[Any]], list[bytes]]:
    head = _name(name)

    def one(value: Any) -> bytes:
        if is_uuid and value is not None:
            return head + b"U16:%b" % value
        return head + encoded(json.loads(value) if is_json and value is not None else value)

    def encode(values: Sequence[Any]) -> list[bytes]:
        kinds = set(map(type, values))
        if kinds <= REPEATED or kinds == {int} or is_uuid:
            known = {value: one(value) for value in set(values)}
            return [known[value] for value in values]
        return [one(value) for value in values]

    return encode


PREFIXES = {tag: [b"%b%d:" % (tag, length) for length in range(512)] for tag in (b"S", b"L", b"O", b"M", b"I")}
"""Tag, length and colon of what is short, ready made: most of the time goes into these."""
SHORT_TEXT, SHORT_LIST, SHORT_OBJECT = PREFIXES[b"S"], PREFIXES[b"L"], PREFIXES[b"O"]
SHORT_TIME, SHORT_INT = PREFIXES[b"M"], PREFIXES[b"I"]


def _tagged(tag: bytes, value: bytes) -> bytes:
    return b"%b%d:%b" % (tag, len(value), value)


@lru_cache(maxsize=1024)
def _name(name: str) -> bytes:
    return _text(name)


@lru_cache(maxsize=64)
def _header(columns: int) -> bytes:
    return b"galen audit row 1 %d:" % columns


def _text(value: str) -> bytes:
    try:
        text = value.encode()  # twice as fast as with a handler for what hardly ever comes
    except UnicodeEncodeError:
        text = value.encode("utf-8", "surrogatepass")
    length = len(text)
    return SHORT_TEXT[length] + text if length < 512 else b"S%d:%b" % (length, text)


def _decimal(value: Decimal) -> bytes:
    """By value: 1.5 and 1.50 are one number, as a column may pad what it was given."""
    sign, digits, exponent = value.as_tuple()
    if isinstance(exponent, str):
        raise TypeError("A number in the audit log must be finite.")
    plain = "".join(map(str, digits)).lstrip("0")
    short = plain.rstrip("0")
    return _tagged(b"D", f"{'-' * sign}{short}e{exponent + len(plain) - len(short)}".encode() if short else b"0")


def _datetime(value: datetime) -> bytes:
    if value.tzinfo is None:
        raise TypeError("A time in the audit log needs its time zone.")
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    text = value.isoformat(timespec="microseconds").encode()
    return SHORT_TIME[len(text)] + text


def _int(value: int) -> bytes:
    digits = b"%d" % value
    return SHORT_INT[len(digits)] + digits if len(digits) < 512 else _tagged(b"I", digits)


def _list(value: Sequence[Any]) -> bytes:
    items = b"".join([encoded(item) for item in value])
    length = len(items)
    return SHORT_LIST[length] + items if length < 512 else b"L%d:%b" % (length, items)


def _object(value: Mapping[str, Any]) -> bytes:
    fields: list[bytes] = []
    for key in sorted(value):
        if not isinstance(key, str):
            raise TypeError("A JSON object in the audit log must have text keys.")
        fields += (_name(key), encoded(value[key]))
    whole = b"".join(fields)
    length = len(whole)
    return SHORT_OBJECT[length] + whole if length < 512 else b"O%d:%b" % (length, whole)


_ENCODINGS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"N0:",
    bool: lambda value: b"B1:1" if value else b"B1:0",
    int: _int,
    float: lambda value: _tagged(b"F", float.__repr__(value).encode()),
    Decimal: _decimal,
    str: _text,
    bytes: lambda value: _tagged(b"Y", value),
    UUID: lambda value: b"U16:" + value.bytes,
    datetime: _datetime,
    date: lambda value: _tagged(b"T", value.isoformat().encode()),
    list: _list,
    tuple: _list,
    dict: _object,
}


def encoded(value: Any) -> bytes:
    """One value: a tag for its type, the length, a colon, the value."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if value is None:
        return b"N0:"
    return (_ENCODINGS.get(kind) or _learned(kind))(value)


def _learned(kind: type) -> Callable[[Any], bytes]:
    """A kind of a known type (an enum of text, a driver's own UUID) is encoded as that type."""
    for base in kind.__mro__:
        if base in _ENCODINGS:
            _ENCODINGS[kind] = _ENCODINGS[base]
            return _ENCODINGS[base]
    raise TypeError(f"A value of type {kind.__name__} has no place in the audit log.")
