"""Writing out what a session holds, as parts of the one statement that ends an action.

SQLAlchemy's unit of work goes table by table, a round trip for each. Here its plain case, new records and changed
columns, is written as common table expressions that go with the audit rows, the jobs and the kept answer (guard.py).
Whatever is not plain (removed records, parts that move, columns that the database fills) is flushed as ever.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import RelationshipDirection, RelationshipProperty
from sqlalchemy.sql import ClauseElement

from .opening import DIALECT
from .record import Record

Writer = Callable[[Any], Any] | None
MANY = 60  # records: more than that are no single action, and the driver takes 32,767 values at the most
HOOKS = ("before_insert", "after_insert", "before_update", "after_update")


@dataclass(frozen=True)
class Sheet:
    """How one kind of record is written down: its columns, what they hold when nobody said, and who refers to whom."""

    table: str
    columns: dict[str, str]  # by attribute
    writers: dict[str, Writer]
    defaults: dict[str, Callable[[], Any]]
    up: dict[str, str]  # a record it points to: the attribute that holds its id
    down: dict[str, str]  # its parts: the attribute of theirs that holds this record's id


@dataclass
class Writing:
    """New records and changes, each a common table expression, with their values behind the first `before` ones."""

    before: int = 0
    states: list[Any] = field(default_factory=list)
    inserts: list[str] = field(default_factory=list)
    updates: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def places(self, values: list[Any]) -> Iterator[str]:
        """`$n` for each of these values."""
        for value in values:
            self.values.append(value)
            yield f"${self.before + len(self.values)}"


@lru_cache
def sheet_of(model: type[Record]) -> Sheet | None:
    """None for a kind that only the session can write."""
    mapper = inspect(model)
    columns = {p.key: p.columns[0] for p in mapper.column_attrs}
    ways = [relation for relation in mapper.relationships if not relation.viewonly]
    if any(getattr(mapper.dispatch, hook) for hook in HOOKS) or not all(map(plain, columns.values())):
        return None
    if any(relation.secondary is not None or len(relation.local_remote_pairs or ()) != 1 for relation in ways):
        return None
    return Sheet(
        model.__tablename__,
        {key: column.name for key, column in columns.items()},
        {key: writer(column) for key, column in columns.items()},
        {key: default(column) for key, column in columns.items() if column.default is not None},
        {r.key: ends(r)[0] for r in ways if r.direction is RelationshipDirection.MANYTOONE},
        {r.key: ends(r)[1] for r in ways if r.direction is RelationshipDirection.ONETOMANY},
    )


def plain(column: Any) -> bool:
    filled = column.computed is not None or column.identity is not None or column.onupdate is not None
    return not filled and not column.type._has_bind_expression


def ends(relation: RelationshipProperty[Any]) -> tuple[str, str]:
    """The attributes of both sides of a reference."""
    ((near, far),) = relation.local_remote_pairs or ()
    own = inspect(relation.parent.class_).get_property_by_column(near)
    return own.key, relation.mapper.get_property_by_column(far).key


def writer(column: Any) -> Writer:
    kind = column.type.dialect_impl(DIALECT)
    write: Writer = kind.bind_processor(DIALECT)
    if write is None or kind.should_evaluate_none:
        return write
    return lambda value: None if value is None else write(value)


def default(column: Any) -> Callable[[], Any]:
    said = column.default
    return (lambda: said.arg(None)) if said.is_callable else (lambda: said.arg)


def written_down(db: AsyncSession, before: int) -> Writing | None:
    """What is unwritten, as one writing, when all of it is plain. The records then hold what the database will hold."""
    session = db.sync_session
    new, changed = sorted(session._new, key=age), sorted(session._dirty_states, key=place)
    sheets = {state: sheet_of(cast(type[Record], state.class_)) for state in (*new, *changed)}
    if session._deleted or len(sheets) > MANY or not all(sheets.values()) or not all(map(stays, changed)):
        return None
    if any(state.mapper._is_orphan(state) or computed(state.dict.values()) for state in new):
        return None
    for state, sheet in sheets.items():
        refer(state, sheet)
    found = Writing(before, [*new, *changed])
    for kind, states in together(new).items():
        found.inserts.append(insert(found, kind, states))
    for state in changed:
        if values := changes(state):
            found.updates.append(update(found, state, values))
    return found


def age(state: Any) -> int:
    return cast(int, state.insert_order)


def place(state: Any) -> tuple[str, UUID]:
    """Always the same order: for the locks' sake, and because the same text is planned once."""
    return state.class_.__tablename__, state.dict["id"]


def computed(values: Iterable[Any]) -> bool:
    """Whether a value is to be worked out by the database."""
    return any(isinstance(value, ClauseElement) for value in values)


def stays(state: Any) -> bool:
    """Nothing was taken out of a known record's parts, and its id is its own."""
    if state._pending_mutations or "id" in state.committed_state:
        return False
    for key in state.committed_state:
        if key in state.mapper.column_attrs:
            if computed((state.dict.get(key),)):
                return False
        elif key not in state.mapper.relationships or state.attrs[key].history.deleted:
            return False
    return True


def refer(state: Any, sheet: Any) -> None:
    """The ids that its relationships give to a record and to its parts."""
    for relation, column in sheet.up.items():
        if (one := state.dict.get(relation)) is not None and (state.key is None or relation in state.committed_state):
            put(state, column, one.id)
    for relation, column in sheet.down.items():
        there = state.dict.get(relation) or []
        for part in there if isinstance(there, list) else [there]:
            put(inspect(part), column, state.dict["id"])


def put(state: Any, key: str, value: Any) -> None:
    if state.dict.get(key) != value:
        setattr(state.obj(), key, value)


def together(new: list[Any]) -> dict[type[Any], list[Any]]:
    """New records by their kinds, in the order in which they came."""
    kinds: dict[type[Record], list[Any]] = {}
    for state in new:
        kinds.setdefault(state.class_, []).append(state)
    return kinds


def insert(found: Writing, kind: type[Record], states: list[Any]) -> str:
    sheet = known_sheet(kind)
    names = ", ".join(f'"{name}"' for name in sheet.columns.values())
    rows = ", ".join(f"({', '.join(found.places(values_of(sheet, state)))})" for state in states)
    return f'INSERT INTO "{sheet.table}" ({names}) VALUES {rows}'  # noqa: S608 names of our own


def values_of(sheet: Sheet, state: Any) -> list[Any]:
    """The values of a new record, in the order of its columns; what nobody said is filled in."""
    known, values = state.dict, []
    known["version"] = 1
    for key, write in sheet.writers.items():
        if key in known:
            value = known[key]
            values.append(write(value) if write else value)
        else:
            value = known[key] = sheet.defaults[key]() if key in sheet.defaults else None
            values.append(write(value) if write and value is not None else value)
    return values


def changes(state: Any) -> dict[str, Any]:
    """The columns of a known record that hold something else than before."""
    keys = [key for key in state.committed_state if key in state.mapper.column_attrs and key != "version"]
    return {key: state.dict[key] for key in keys if state.attrs[key].history.has_changes()}


def update(found: Writing, state: Any, values: dict[str, Any]) -> str:
    """Only while the record is still as it was when it was read."""
    sheet, known = known_sheet(state.class_), state.dict
    ready = [write(value) if (write := sheet.writers[key]) else value for key, value in values.items()]
    *places, id, version = found.places([*ready, known["id"], known["version"]])
    known["version"] += 1
    sets = ", ".join(f'"{sheet.columns[key]}" = {place}' for key, place in zip(values, places, strict=True))
    where = f"WHERE id = {id} AND version = {version}"
    return f'UPDATE "{sheet.table}" SET {sets}, version = version + 1 {where} RETURNING 1'  # noqa: S608 names of our own


def known_sheet(kind: type[Record]) -> Sheet:
    sheet = sheet_of(kind)
    assert sheet
    return sheet


def insertion(record: Record) -> tuple[str, list[Any]]:
    """The statement that inserts one record, and its values: for the few that may find their place taken."""
    found = Writing()
    return insert(found, type(record), [inspect(record)]), found.values
