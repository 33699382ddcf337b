"""Questions that are asked at every turn: composed with SQLAlchemy, compiled once, put to the driver itself.

Composing and compiling is most of what a question costs. Values come in by name, as `bindparam`; the answer is rows
with the columns' names. An actor who sees only a part of what is asked about is answered through the session, which
adds the wall; `past_the_wall` says why it does not apply here.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, Select
from sqlalchemy.sql import visitors

from .context import Context
from .opening import DIALECT, reader, written
from .record import Record


class Question:
    """One such question; a constant of its module."""

    def __init__(self, statement: Select[*tuple[Any, ...]], *, past_the_wall: str = "") -> None:
        self.statement, self.unwalled = statement, bool(past_the_wall)

    @cached_property
    def compiled(self) -> Any:
        return self.statement.compile(dialect=DIALECT)

    @cached_property
    def ready(self) -> Any:
        """Its text and the values that stand in it; lists are written out."""
        asked = [p.key for p in visitors.iterate(self.statement) if isinstance(p, BindParameter) and p.required]
        return self.compiled.construct_expanded_state(dict.fromkeys(asked))

    @cached_property
    def kinds(self) -> frozenset[type[Record]]:
        """The kinds of record it is about."""
        marks = (getattr(part, "_annotations", {}) for part in visitors.iterate(self.statement))
        return frozenset(mark["parententity"].class_ for mark in marks if "parententity" in mark)

    @cached_property
    def columns(self) -> tuple[list[Callable[[Any], Any] | None], Callable[[Iterable[Any]], Any]]:
        """How each value of a row is read, and the row they make."""
        found = self.compiled._result_columns
        row = namedtuple("Answer", [column.keyname for column in found], rename=True)  # type: ignore[misc]
        return [reader(column.type) for column in found], row._make

    async def all(self, ctx: Context, **given: Any) -> list[Any]:
        """Every row."""
        if not self.unwalled and not all(map(ctx.sees_all, self.kinds)):
            return list(await ctx.db.execute(self.statement, given))
        await written(ctx.db, self.kinds)
        ready, (readers, row) = self.ready, self.columns
        values = ready.parameters | given
        sent = [write_as(ready.processors.get(name), values[name]) for name in ready.positiontup]
        return [row(map(read_as, readers, one)) for one in await ctx.raw.fetch(ready.statement, *sent)]

    async def one(self, ctx: Context, **given: Any) -> Any:
        """The only row, or none."""
        return next(iter(await self.all(ctx, **given)), None)


def write_as(write: Callable[[Any], Any] | None, value: Any) -> Any:
    return write(value) if write else value


def read_as(read: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if read is None or value is None else read(value)
