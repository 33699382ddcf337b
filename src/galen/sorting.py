"""Lists in the order that the head of a column asks for: `?sort=born` up, `?sort=-born` down; and how long."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import reduce
from typing import Any, NamedTuple, TypeVar
from unicodedata import normalize
from urllib.parse import urlencode

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from galen.i18n import label

T = TypeVar("T")


class SortLink(NamedTuple):
    """What the head of a column does: the address that sorts by it, the same without what was typed, and how the
    list is sorted by it now."""

    href: str
    untyped: str
    sorted: str


def sort_link(key: str, sort: str, asked: Iterable[tuple[str, str]], typed: bool) -> SortLink:
    """Upwards at first, downwards when pressed again. What else the address asks for stays; a list sorted anew begins
    with its first page. What was `typed` in the page (often a name) stands in no address."""
    up, down = sort == key, sort == f"-{key}"
    order = ("sort", f"-{key}" if up else key)
    kept = [(name, value) for name, value in asked if value and name not in ("sort", "after")]
    untyped = urlencode([*((name, value) for name, value in kept if name != "q"), order])
    href = untyped if typed else urlencode([*kept, order])
    return SortLink(f"?{href}", f"?{untyped}", "ascending" if up else "descending" if down else "")


def arranged(rows: Sequence[T], columns: Iterable[Sequence[str]], sort: str) -> Sequence[T]:
    """A whole list by one of its columns, whose keys are paths of attributes: `patient.name`. What has nothing there
    stands at the end, upwards and downwards; any other word leaves the list as it is."""
    key = sort.removeprefix("-")
    if not key or key not in {column[0] for column in columns}:
        return rows
    valued = [(value_at(row, key), row) for row in rows]
    named = sorted(((place_of(value), row) for value, row in valued if value not in (None, "")),
                   key=lambda pair: pair[0], reverse=sort.startswith("-"))  # fmt: skip
    return [row for _, row in named] + [row for value, row in valued if value in (None, "")]


def value_at(row: Any, path: str) -> Any:
    """What stands at a path; a word of several choices is read as people read it."""

    def inside(value: Any, name: str) -> Any:
        return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)

    value = reduce(inside, path.split("."), row)
    return label(value) if isinstance(value, Enum) else value


def place_of(value: Any) -> Any:
    """Where a value stands: texts without regard to capitals and accents, their numbers by size (5 mg before 10 mg)."""
    if not isinstance(value, str):
        return value
    plain = normalize("NFKD", value).casefold()
    plain = "".join(sign for sign in plain if not "\u0300" <= sign <= "\u036f")
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d{1,18}|\D+", plain)]


class Orders:
    """The columns by which a long list can be sorted in the database; each of them always holds something."""

    def __init__(self, usual: str, **columns: Any) -> None:
        self.usual, self.columns = usual, columns

    def of(self, sort: str) -> dict[str, Any]:
        """What `ctx.slice` is told: the column and its direction; an unknown word means the usual order."""
        sort = sort if sort.removeprefix("-") in self.columns else self.usual
        return {"by": self.columns[sort.removeprefix("-")], "descending": sort.startswith("-")}


async def count_of(db: AsyncSession, query: Select[Any], most: int = 10_000) -> int:
    """How many there are; of more than `most`, one more than that: nobody waits for a longer count."""
    model = query.column_descriptions[0]["entity"]
    found = query.with_only_columns(model.id, maintain_column_froms=True).order_by(None).limit(most + 1).subquery()
    return await db.scalar(select(func.count()).select_from(found)) or 0
