"""One encoding for each value and type, so that a digest says exactly what was there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

Row = Mapping[str, Any]


def canonical(row: Row) -> bytes:
    """Every column of a row, by name, each value with its type, so that no two different rows look the same."""
    return b"".join((_header(len(row)), *(_name(name) + encoded(row[name]) for name in sorted(row))))


def _tagged(tag: bytes, value: bytes) -> bytes:
    return b"%b%d:%b" % (tag, len(value), value)


@lru_cache(maxsize=1024)
def _name(name: str) -> bytes:
    return _text(name)


@lru_cache(maxsize=64)
def _header(columns: int) -> bytes:
    return b"galen audit row 1 %d:" % columns


def _text(value: str) -> bytes:
    return _tagged(b"S", value.encode("utf-8", "surrogatepass"))


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
    return _tagged(b"M", value.astimezone(UTC).isoformat(timespec="microseconds").encode())


def _list(value: Sequence[Any]) -> bytes:
    return _tagged(b"L", b"".join(map(encoded, value)))


def _object(value: Mapping[str, Any]) -> bytes:
    if not all(isinstance(key, str) for key in value):
        raise TypeError("A JSON object in the audit log must have text keys.")
    return _tagged(b"O", b"".join(_text(key) + encoded(value[key]) for key in sorted(value)))


_ENCODINGS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"N0:",
    bool: lambda value: b"B1:1" if value else b"B1:0",
    int: lambda value: _tagged(b"I", b"%d" % value),
    float: lambda value: _tagged(b"F", float.__repr__(value).encode()),
    Decimal: _decimal,
    str: _text,
    bytes: lambda value: _tagged(b"Y", value),
    UUID: lambda value: _tagged(b"U", value.bytes),
    datetime: _datetime,
    date: lambda value: _tagged(b"T", value.isoformat().encode()),
    list: _list,
    tuple: _list,
    dict: _object,
}


def encoded(value: Any) -> bytes:
    """One value: a tag for its type, the length, a colon, the value."""
    encode = _ENCODINGS.get(type(value)) or _learned(type(value))
    return encode(value)


def _learned(kind: type) -> Callable[[Any], bytes]:
    """A kind of a known type (an enum of text, a driver's own UUID) is encoded as that type."""
    for base in kind.__mro__:
        if base in _ENCODINGS:
            _ENCODINGS[kind] = _ENCODINGS[base]
            return _ENCODINGS[base]
    raise TypeError(f"A value of type {kind.__name__} has no place in the audit log.")
