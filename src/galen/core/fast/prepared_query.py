"""Queries that are asked at every turn: composed with SQLAlchemy, compiled once, run by the driver itself.

Composing and compiling is most of what a query costs. Values come in by name, as `bindparam`; the answer is rows with
the columns' names. For an actor who sees only a part of what is asked about it goes through the session, which adds
what is visible; `bypass_visibility` says why that does not apply here.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, Select
from sqlalchemy.sql import visitors

from ..context import Context
from ..record import Record
from . import enabled
from .loading import DIALECT, autoflush, reader


class PreparedQuery:
    """One such query; a constant of its module."""

    def __init__(self, statement: Select[*tuple[Any, ...]], *, bypass_visibility: str = "") -> None:
        self.statement, self.bypasses = statement, bool(bypass_visibility)

    @cached_property
    def compiled(self) -> Any:
        return self.statement.compile(dialect=DIALECT)

    @cached_property
    def expanded(self) -> Any:
        """Its text and the values that stand in it; lists are written out."""
        required = [p.key for p in visitors.iterate(self.statement) if isinstance(p, BindParameter) and p.required]
        return self.compiled.construct_expanded_state(dict.fromkeys(required))

    @cached_property
    def kinds(self) -> frozenset[type[Record]]:
        """The kinds of record it is about."""
        marks = (getattr(part, "_annotations", {}) for part in visitors.iterate(self.statement))
        return frozenset(mark["parententity"].class_ for mark in marks if "parententity" in mark)

    @cached_property
    def columns(self) -> tuple[list[Callable[[Any], Any] | None], Callable[[Iterable[Any]], Any]]:
        """How each value of a row is read, and the row they make."""
        columns = self.compiled._result_columns
        row = namedtuple("Answer", [column.keyname for column in columns], rename=True)  # type: ignore[misc]
        return [reader(column.type) for column in columns], row._make

    async def all(self, ctx: Context, **given: Any) -> list[Any]:
        """Every row."""
        if not self.bypasses and not all(map(ctx.sees_all, self.kinds)):
            return list(await ctx.db.execute(self.statement, given))
        if not enabled("queries"):
            query = self.statement.execution_options(bypass_visibility=self.bypasses)
            return list(await ctx.db.execute(query, given))
        await autoflush(ctx.db, self.kinds)
        expanded, (readers, row) = self.expanded, self.columns
        values = expanded.parameters | given
        bound = [write_as(expanded.processors.get(name), values[name]) for name in expanded.positiontup]
        return [row(map(read_as, readers, values)) for values in await ctx.raw.fetch(expanded.statement, *bound)]

    async def one(self, ctx: Context, **given: Any) -> Any:
        """The only row, or none."""
        return next(iter(await self.all(ctx, **given)), None)


def write_as(write: Callable[[Any], Any] | None, value: Any) -> Any:
    return write(value) if write else value


def read_as(read: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if read is None or value is None else read(value)
