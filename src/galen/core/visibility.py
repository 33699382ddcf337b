"""Which records an actor may see: each kind of record says it once, and every query obeys."""

from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import selectinload, with_loader_criteria
from sqlalchemy.sql.elements import True_

from .actor import Actor
from .record import Record

Query = TypeVar("Query")


@lru_cache(8192)
def visible(model: type[Record], actor: Actor) -> ColumnElement[bool]:
    """The condition under which an actor sees a record of this kind."""
    return model.visible_to(actor)


def sees_all(model: type[Record], actor: Actor) -> bool:
    """Whether an actor sees every record of a kind."""
    return isinstance(visible(model, actor), True_)


@lru_cache(1024)
def visibility_criteria(actor: Actor) -> tuple[Any, ...]:
    """What the session adds to every select: a criterion for each kind that this actor sees only in part."""
    return tuple(
        with_loader_criteria(model, visible(model, actor), include_aliases=True)
        for model in seen_in_part(actor.kind in ("staff", "system"))
        if not sees_all(model, actor)
    )


@lru_cache(2)
def seen_in_part(by_staff: bool) -> list[type[Record]]:
    """The kinds of record whose visibility has to be asked for: for staff, those that say so themselves."""
    models: list[type[Record]] = [mapper.class_ for mapper in Record.registry.mappers]
    default = Record.visible_to.__func__  # type: ignore[attr-defined]
    return [m for m in models if m.visible_to.__func__ is not default] if by_staff else models  # type: ignore[attr-defined]


def query_for(model: type[Any], condition: Any, lock: bool = False, include: tuple[Any, ...] = ()) -> Select[Any]:
    """The plain way to open records, through the session, which adds what the actor may see."""
    query = select(model).where(condition).options(*map(selectinload, include))
    return query.with_for_update(of=model).execution_options(populate_existing=True) if lock else query


def bypass_visibility(query: Query, because: str) -> Query:
    """A query whose answer holds rows that its actor may not see: rare, listed in checks/bypasses.txt."""
    assert because
    return cast(Any, query).execution_options(bypass_visibility=True)  # type: ignore[no-any-return]
