"""Loading records directly through the driver: the objects a session would load, at a third of the cost.

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

from ..database import has_pending_changes, pending_records
from ..record import Record
from . import enabled

R = TypeVar("R", bound=Record)
NUMERIC = 1700  # the type's number in PostgreSQL's catalogue, by which the dialect picks how to read it
DIALECT = dialect(dbapi=dialect.import_dbapi())


@dataclass(frozen=True)
class RowLayout:
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
class PartPlan:
    """Records that are loaded together with another: its parts, or one that it points to."""

    key: str
    back: str | None
    many: bool
    layout: RowLayout
    query: str


@dataclass(frozen=True)
class LoadPlan:
    """The statements that load one kind of record."""

    layout: RowLayout
    parts: tuple[PartPlan, ...]
    kinds: frozenset[type[Record]]
    whole: str  # the record with its parts, up to the condition
    bare: str  # the record alone
    rest: str  # its parts alone


@lru_cache
def row_layout(model: type[Record]) -> RowLayout:
    mapper = inspect(model)
    own = [p for p in mapper.iterate_properties if isinstance(p, ColumnProperty) and not p.deferred]
    columns = [p.columns[0] for p in own]
    readers = [reader(column.type) for column in columns]
    return RowLayout(
        model,
        tuple(p.key for p in own),
        tuple(column.name for column in columns),
        tuple((place, reader) for place, reader in enumerate(readers) if reader),
        manager_of_class(model).new_instance,
        mapper.identity_key_from_primary_key,
    )


def reader(kind: Any) -> Callable[[Any], Any] | None:
    own = kind.dialect_impl(DIALECT)
    processor: Callable[[Any], Any] | None = own.result_processor(
        DIALECT, NUMERIC if isinstance(own, Numeric) else None
    )
    return processor


def load_plan(model: type[Record], include: tuple[str, ...], without_parts: bool) -> LoadPlan | None:
    """How to load a record with its parts and what it includes; None where that is the session's work."""
    return load_plan_of(model, include, without_parts) if enabled("loading") else None


@lru_cache
def load_plan_of(model: type[Record], include: tuple[str, ...], without_parts: bool) -> LoadPlan | None:
    """None where a column is read through an expression."""
    if any(column.type._has_column_expression for column in model.__table__.columns):
        return None
    layout, relations = row_layout(model), inspect(model).relationships
    parts = tuple(part_plan(r) for r in relations if r.key in include or (r.lazy == "selectin" and not without_parts))
    queries, table = ", ".join(part.query for part in parts), f'FROM "{model.__tablename__}" t WHERE t.'
    own = layout.named("t")
    return LoadPlan(
        layout,
        parts,
        frozenset({model, *(part.layout.model for part in parts)}),
        f"SELECT {own}, {queries} {table}" if parts else f"SELECT {own} {table}",
        f"SELECT {own} {table}",
        f'SELECT {queries} {table}"id" = $1',
    )


def part_plan(relation: RelationshipProperty[Any]) -> PartPlan:
    ((near, far),) = relation.local_remote_pairs or ()
    kind: type[Record] = relation.mapper.class_
    layout = row_layout(kind)
    order = ", ".join(f'p."{column.name}"' for column in relation.order_by or ())
    rows = f'SELECT ROW({layout.named("p")}) FROM "{layout.model.__tablename__}" p'  # noqa: S608 names of our own
    query = f'ARRAY({rows} WHERE p."{far.name}" = t."{near.name}"{" ORDER BY " + order if order else ""})'
    return PartPlan(relation.key, relation.back_populates or None, bool(relation.uselist), layout, query)


async def load_where(db: AsyncSession, plan: LoadPlan, column: str, value: Any) -> list[Any]:
    """The records, with their parts, of which a column has this value, or one of these values when it is a list."""
    await autoflush(db, plan.kinds)
    rows = await db.info["raw"].fetch(
        statement(plan.whole, column, "= ANY($1)" if isinstance(value, list) else "= $1"), value
    )
    return [hydrate_with_parts(db, plan, row, refresh=False) for row in rows]


@lru_cache(4096)
def statement(select: str, column: str, end: str) -> str:
    """The same text for the same question: the driver looks its plan up by it."""
    return f'{select}"{column}" {end}'


async def load_one(db: AsyncSession, plan: LoadPlan, column: str, value: Any) -> Any:
    """One such record, or none."""
    return next(iter(await load_where(db, plan, column, value)), None)


async def load_locked(db: AsyncSession, plan: LoadPlan, column: str, value: Any) -> Any:
    """One such record, held, or none. Its parts are read when the lock is there: what held it may have changed them."""
    await autoflush(db, plan.kinds)
    raw = db.info["raw"]
    row = await raw.fetchrow(statement(plan.bare, column, "= $1 FOR UPDATE OF t"), value)
    if row is None:
        return None
    parts = await raw.fetchrow(plan.rest, row["id"]) if plan.parts else ()
    return hydrate_with_parts(db, plan, (*row, *parts), refresh=True)


async def autoflush(db: AsyncSession, kinds: frozenset[type[Record]]) -> None:
    """What is asked for is read as the session has it: its own changes to such records are written first."""
    if (
        has_pending_changes(db)
        and db.sync_session.autoflush
        and any(type(record) in kinds for record in pending_records(db))
    ):
        await db.flush()


def hydrate_with_parts(db: AsyncSession, plan: LoadPlan, row: Sequence[Any], *, refresh: bool) -> Any:
    columns = len(plan.layout.keys)
    record = hydrate(db, plan.layout, row[:columns], refresh)
    for part, rows in zip(plan.parts, row[columns:], strict=True):
        if refresh or part.key not in record.__dict__:
            attach_parts(db, record, part, rows, refresh)
    return record


def attach_parts(db: AsyncSession, whole: Record, part: PartPlan, rows: list[Any], refresh: bool) -> None:
    records = [hydrate(db, part.layout, row, refresh) for row in rows]
    set_committed_value(whole, part.key, records if part.many else next(iter(records), None))
    if part.back and part.many:
        for record in records:
            set_committed_value(record, part.back, whole)


def hydrate(db: AsyncSession, layout: RowLayout, row: Sequence[Any], refresh: bool) -> Any:
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
