"""Saving without the unit of work: what a session holds, as parts of the one statement that finishes an action.

SQLAlchemy flushes table by table, a round trip for each. Here its plain case, new records and changed columns, becomes
common table expressions that go with the audit rows, the jobs and the kept answer (finish.py). Whatever is not plain
(removed records, parts that move, columns that the database fills) is flushed by the session as ever.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import RelationshipDirection, RelationshipProperty, Session
from sqlalchemy.sql import ClauseElement

from ..record import Record
from . import enabled
from .loading import DIALECT

Bind = Callable[[Any], Any] | None  # what the dialect does to a value on its way to the driver
MAX_RECORDS = 60  # more than that are no single action, and the driver takes 32,767 values at the most
HOOKS = ("before_insert", "after_insert", "before_update", "after_update")


@dataclass(frozen=True)
class TablePlan:
    """How one kind of record is saved: its columns, what they hold when nobody said, and who refers to whom."""

    table: str
    columns: dict[str, str]  # by attribute
    binds: dict[str, Bind]
    defaults: dict[str, Callable[[], Any]]
    parents: dict[str, str]  # a record it points to: the attribute that holds its id
    children: dict[str, str]  # its parts: the attribute of theirs that holds this record's id


@dataclass
class FlushPlan:
    """New records and changes, each a common table expression, with their values by name."""

    states: list[Any] = field(default_factory=list)
    inserts: list[str] = field(default_factory=list)
    updates: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        """The placeholder of a value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def mark_saved(self, session: Session) -> None:
        """From here on the session knows these records as saved."""
        session._register_persistent(set(self.states))


def plan_flush(db: AsyncSession) -> FlushPlan | None:
    """All pending changes as one plan when all are plain. The records then hold what the database will hold."""
    if not enabled("saving"):
        return None
    session = db.sync_session
    new, changed = sorted(session._new, key=insert_order), sorted(session._dirty_states, key=lock_order)
    plans = {state: table_plan(cast(type[Record], state.class_)) for state in (*new, *changed)}
    if (
        session._deleted
        or len(plans) > MAX_RECORDS
        or not all(plans.values())
        or not all(map(is_plain_change, changed))
    ):
        return None
    if any(state.mapper._is_orphan(state) or has_expressions(state.dict.values()) for state in new):
        return None
    for state, table in plans.items():
        set_foreign_keys(state, table)
    plan = FlushPlan([*new, *changed])
    for model, states in by_model(new).items():
        plan.inserts.append(insert(plan, model, states))
    for state in changed:
        if values := changed_values(state):
            plan.updates.append(update(plan, state, values))
    return plan


@lru_cache
def table_plan(model: type[Record]) -> TablePlan | None:
    """None for a kind that only the session can save."""
    mapper = inspect(model)
    columns = {p.key: p.columns[0] for p in mapper.column_attrs}
    relations = [relation for relation in mapper.relationships if not relation.viewonly]
    if any(getattr(mapper.dispatch, hook) for hook in HOOKS) or not all(map(is_plain_column, columns.values())):
        return None
    if any(relation.secondary is not None or len(relation.local_remote_pairs or ()) != 1 for relation in relations):
        return None
    return TablePlan(
        model.__tablename__,
        {key: column.name for key, column in columns.items()},
        {key: bind_of(column) for key, column in columns.items()},
        {key: default_of(column) for key, column in columns.items() if column.default is not None},
        {r.key: ends_of(r)[0] for r in relations if r.direction is RelationshipDirection.MANYTOONE},
        {r.key: ends_of(r)[1] for r in relations if r.direction is RelationshipDirection.ONETOMANY},
    )


def is_plain_column(column: Any) -> bool:
    filled = column.computed is not None or column.identity is not None or column.onupdate is not None
    return not filled and not column.type._has_bind_expression


def ends_of(relation: RelationshipProperty[Any]) -> tuple[str, str]:
    """The attributes of both sides of a reference."""
    ((near, far),) = relation.local_remote_pairs or ()
    own = inspect(relation.parent.class_).get_property_by_column(near)
    return own.key, relation.mapper.get_property_by_column(far).key


def bind_of(column: Any) -> Bind:
    kind = column.type.dialect_impl(DIALECT)
    bind: Bind = kind.bind_processor(DIALECT)
    if bind is None or kind.should_evaluate_none:
        return bind
    return lambda value: None if value is None else bind(value)


def default_of(column: Any) -> Callable[[], Any]:
    default = column.default
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)


def insert_order(state: Any) -> int:
    return cast(int, state.insert_order)


def lock_order(state: Any) -> tuple[str, UUID]:
    """Always the same order: for the locks' sake, and because the same text is planned once."""
    return state.class_.__tablename__, state.dict["id"]


def has_expressions(values: Iterable[Any]) -> bool:
    """Whether a value is to be worked out by the database."""
    return any(isinstance(value, ClauseElement) for value in values)


def is_plain_change(state: Any) -> bool:
    """Nothing was taken out of a known record's parts, and its id is its own."""
    if state._pending_mutations or "id" in state.committed_state:
        return False
    for key in state.committed_state:
        if key in state.mapper.column_attrs:
            if has_expressions((state.dict.get(key),)):
                return False
        elif key not in state.mapper.relationships or state.attrs[key].history.deleted:
            return False
    return True


def set_foreign_keys(state: Any, table: Any) -> None:
    """The ids that its relationships give to a record and to its parts."""
    for relation, column in table.parents.items():
        parent = state.dict.get(relation)
        if parent is not None and (state.key is None or relation in state.committed_state):
            set_if_changed(state, column, parent.id)
    for relation, column in table.children.items():
        children = state.dict.get(relation) or []
        for child in children if isinstance(children, list) else [children]:
            set_if_changed(inspect(child), column, state.dict["id"])


def set_if_changed(state: Any, key: str, value: Any) -> None:
    if state.dict.get(key) != value:
        setattr(state.obj(), key, value)


def by_model(new: list[Any]) -> dict[type[Any], list[Any]]:
    """New records by their kinds, in the order in which they came."""
    models: dict[type[Record], list[Any]] = {}
    for state in new:
        models.setdefault(state.class_, []).append(state)
    return models


def insert(plan: FlushPlan, model: type[Record], states: list[Any]) -> str:
    table = known_plan(model)
    names = ", ".join(f'"{name}"' for name in table.columns.values())
    rows = ", ".join(f"({', '.join(map(plan.bind, new_values(table, state)))})" for state in states)
    return f'INSERT INTO "{table.table}" ({names}) VALUES {rows}'  # noqa: S608 names of our own


def new_values(table: TablePlan, state: Any) -> list[Any]:
    """The values of a new record, in the order of its columns; what nobody said is filled in."""
    fields, values = state.dict, []
    fields["version"] = 1
    for key, bind in table.binds.items():
        if key in fields:
            value = fields[key]
            values.append(bind(value) if bind else value)
        else:
            value = fields[key] = table.defaults[key]() if key in table.defaults else None
            values.append(bind(value) if bind and value is not None else value)
    return values


def changed_values(state: Any) -> dict[str, Any]:
    """The columns of a known record that hold something else than before."""
    keys = [key for key in state.committed_state if key in state.mapper.column_attrs and key != "version"]
    return {key: state.dict[key] for key in keys if state.attrs[key].history.has_changes()}


def update(plan: FlushPlan, state: Any, values: dict[str, Any]) -> str:
    """Only while the record is still as it was when it was read."""
    table, fields = known_plan(state.class_), state.dict
    sets = ", ".join(
        f'"{table.columns[key]}" = {plan.bind(bind(value) if (bind := table.binds[key]) else value)}'
        for key, value in values.items()
    )
    where = f"WHERE id = {plan.bind(fields['id'])} AND version = {plan.bind(fields['version'])}"
    fields["version"] += 1
    return f'UPDATE "{table.table}" SET {sets}, version = version + 1 {where} RETURNING 1'  # noqa: S608 names of our own


def known_plan(model: type[Record]) -> TablePlan:
    table = table_plan(model)
    assert table
    return table
