"""Opening records straight from the driver: the objects a session would load, at a third of the cost.

One statement brings a record with its parts. The session knows them as its own: what is changed on them is flushed,
versioned, sealed and audited as ever. Only what an actor may see without a condition is opened this way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Numeric, inspect
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ColumnProperty, RelationshipProperty
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlalchemy.orm.instrumentation import manager_of_class

from .database import pending, unwritten
from .record import Record

R = TypeVar("R", bound=Record)
NUMERIC = 1700  # the type's number in PostgreSQL's catalogue, by which the dialect picks how to read it
DIALECT = dialect(dbapi=dialect.import_dbapi())


@dataclass(frozen=True)
class Layout:
    """How the columns of a record stand in a row of the driver's."""

    model: type[Record]
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]
    blank: Callable[[], Any]
    identity: Callable[[tuple[UUID]], Any]

    def named(self, table: str) -> str:
        return ", ".join(f'{table}."{column}"' for column in self.columns)


@dataclass(frozen=True)
class Part:
    """Records that are opened together with another: its parts, or one that it points to."""

    key: str
    back: str | None
    many: bool
    layout: Layout
    query: str


@dataclass(frozen=True)
class Opening:
    """The statements that open one kind of record."""

    layout: Layout
    parts: tuple[Part, ...]
    kinds: frozenset[type[Record]]
    whole: str  # the record with its parts, up to the condition
    bare: str  # the record alone
    rest: str  # its parts alone


@lru_cache
def layout_of(model: type[Record]) -> Layout:
    mapper = inspect(model)
    own = [p for p in mapper.iterate_properties if isinstance(p, ColumnProperty) and not p.deferred]
    columns = [p.columns[0] for p in own]
    readers = [reader(column.type) for column in columns]
    return Layout(
        model,
        tuple(p.key for p in own),
        tuple(column.name for column in columns),
        tuple((place, reader) for place, reader in enumerate(readers) if reader),
        manager_of_class(model).new_instance,
        mapper.identity_key_from_primary_key,
    )


def reader(kind: Any) -> Callable[[Any], Any] | None:
    own = kind.dialect_impl(DIALECT)
    found: Callable[[Any], Any] | None = own.result_processor(DIALECT, NUMERIC if isinstance(own, Numeric) else None)
    return found


@lru_cache
def opening_of(model: type[Record], also: tuple[str, ...], alone: bool) -> Opening | None:
    """None where a column is read through an expression: that is the session's work."""
    if any(column.type._has_column_expression for column in model.__table__.columns):
        return None
    layout, relations = layout_of(model), inspect(model).relationships
    parts = tuple(_part(r) for r in relations if r.key in also or (r.lazy == "selectin" and not alone))
    queries, table = ", ".join(part.query for part in parts), f'FROM "{model.__tablename__}" t WHERE t.'
    own = layout.named("t")
    return Opening(
        layout,
        parts,
        frozenset({model, *(part.layout.model for part in parts)}),
        f"SELECT {own}, {queries} {table}" if parts else f"SELECT {own} {table}",
        f"SELECT {own} {table}",
        f'SELECT {queries} {table}"id" = $1',
    )


def _part(relation: RelationshipProperty[Any]) -> Part:
    ((near, far),) = relation.local_remote_pairs or ()
    kind: type[Record] = relation.mapper.class_
    layout = layout_of(kind)
    order = ", ".join(f'p."{column.name}"' for column in relation.order_by or ())
    rows = f'SELECT ROW({layout.named("p")}) FROM "{layout.model.__tablename__}" p'  # noqa: S608 names of our own
    query = f'ARRAY({rows} WHERE p."{far.name}" = t."{near.name}"{" ORDER BY " + order if order else ""})'
    return Part(relation.key, relation.back_populates or None, bool(relation.uselist), layout, query)


async def where(db: AsyncSession, opening: Opening, column: str, value: Any) -> list[Any]:
    """The records, with their parts, of which a column has this value, or one of these values when it is a list."""
    await written(db, opening.kinds)
    rows = await db.info["raw"].fetch(
        asking(opening.whole, column, "= ANY($1)" if isinstance(value, list) else "= $1"), value
    )
    return [whole(db, opening, row, refresh=False) for row in rows]


@lru_cache(4096)
def asking(select: str, column: str, end: str) -> str:
    """The same text for the same question: the driver looks its plan up by it."""
    return f'{select}"{column}" {end}'


async def first(db: AsyncSession, opening: Opening, column: str, value: Any) -> Any:
    """One such record, or none."""
    return next(iter(await where(db, opening, column, value)), None)


async def locked(db: AsyncSession, opening: Opening, column: str, value: Any) -> Any:
    """One such record, held, or none. Its parts are read when the lock is there: what held it may have changed them."""
    await written(db, opening.kinds)
    raw = db.info["raw"]
    row = await raw.fetchrow(asking(opening.bare, column, "= $1 FOR UPDATE OF t"), value)
    if row is None:
        return None
    parts = await raw.fetchrow(opening.rest, row["id"]) if opening.parts else ()
    return whole(db, opening, (*row, *parts), refresh=True)


async def written(db: AsyncSession, kinds: frozenset[type[Record]]) -> None:
    """What is asked for is read as the session has it: its own changes to such records are written first."""
    if unwritten(db) and db.sync_session.autoflush and any(type(record) in kinds for record in pending(db)):
        await db.flush()


def whole(db: AsyncSession, opening: Opening, row: Sequence[Any], *, refresh: bool) -> Any:
    columns = len(opening.layout.keys)
    record = adopt(db, opening.layout, row[:columns], refresh)
    for part, rows in zip(opening.parts, row[columns:], strict=True):
        if refresh or part.key not in record.__dict__:
            attach(db, record, part, rows, refresh)
    return record


def attach(db: AsyncSession, whole: Record, part: Part, rows: list[Any], refresh: bool) -> None:
    found = [adopt(db, part.layout, row, refresh) for row in rows]
    set_committed_value(whole, part.key, found if part.many else next(iter(found), None))
    if part.back and part.many:
        for record in found:
            set_committed_value(record, part.back, whole)


def adopt(db: AsyncSession, layout: Layout, row: Sequence[Any], refresh: bool) -> Any:
    """The session's record of this row: the one it knows, or a new one."""
    values = list(row)
    for place, read in layout.readers:
        if values[place] is not None:
            values[place] = read(values[place])
    fields = dict(zip(layout.keys, values, strict=True))
    session = db.sync_session
    identity = layout.identity((fields["id"],))
    known = session.identity_map.get(identity)
    if known is not None:
        for key, value in fields.items():
            if refresh or key not in known.__dict__:  # or it had been left behind by a rollback
                set_committed_value(known, key, value)
        return known
    record = layout.blank()
    record.__dict__.update(fields)
    state = instance_state(record)  # from here on as SQLAlchemy's own loading does it
    state.key, state.session_id = identity, session.hash_key
    session.identity_map.add(state)
    return record
