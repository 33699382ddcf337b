"""Inserting past the session: one record that may find its place taken, or very many at once."""

import json
from collections.abc import Sequence
from enum import Enum
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached

from .record import Record

BATCH = 5_000  # records in one COPY


async def insert_unless_taken(db: AsyncSession, record: Record) -> bool:
    """INSERT … ON CONFLICT DO NOTHING; the session then knows the record as one that it has read.

    A bare insert would wait for the other transaction and perhaps end in a deadlock; this one answers.
    """
    table: Any = type(record).__table__
    statement = insert(table).values(column_values(record)).on_conflict_do_nothing().returning(table.c.id)
    if (await (await db.connection()).execute(statement)).first() is None:
        return False
    make_transient_to_detached(record)
    db.add(record)
    return True


async def copy(raw: Any, model: type[Record], records: Sequence[Record]) -> None:
    columns = list(inspect(model).columns)
    names = [column.name for column in columns]
    for start in range(0, len(records), BATCH):
        rows = [tuple(stored(record, column) for column in columns) for record in records[start : start + BATCH]]
        await raw.copy_records_to_table(model.__tablename__, records=rows, columns=names)


def column_values(record: Record) -> dict[str, Any]:
    """The values of a new record by column; what nobody said is filled in, in the record, too."""
    record.version = 1
    values = {}
    for attribute in inspect(type(record)).column_attrs:
        column: Any = attribute.columns[0]
        if attribute.key not in record.__dict__ and column.default is not None:
            default = column.default.arg
            setattr(record, attribute.key, default(None) if column.default.is_callable else default)
        if attribute.key in record.__dict__:
            values[column.name] = record.__dict__[attribute.key]
        elif column.computed is None and column.identity is None and column.server_default is None:
            setattr(record, attribute.key, None)
            values[column.name] = None
    return values


def stored(record: Record, column: Any) -> Any:
    """A column as COPY takes it from the driver."""
    if column.key == "version":
        return 1
    value = record.__dict__.get(column.key)
    return json.dumps(value) if isinstance(column.type, JSONB) else value.value if isinstance(value, Enum) else value
