"""Context: who acts, for which organisation and site, when, and the one transaction they act in."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from functools import lru_cache, wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.elements import True_

from .database import unwritten
from .errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded, Stale
from .opening import first, locked, opening_of, where
from .record import Record, uuid7
from .schemas import Slice

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Record)
Q = TypeVar("Q")
Kind = Literal["staff", "patient", "system", "anonymous"]


@lru_cache(4096)
def grants(permissions: frozenset[str], permission: str) -> bool:
    return permission in permissions or any(fnmatchcase(permission, p) for p in permissions if "*" in p)


@dataclass(frozen=True)
class Actor:
    """The person, or the system itself, on whose behalf something is done."""

    id: UUID
    name: str
    kind: Kind
    permissions: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()
    patient_id: UUID | None = None
    session_id: UUID | None = None

    def may(self, permission: str) -> bool:
        return grants(self.permissions, permission)


SYSTEM = Actor(UUID(int=0), "Galen", "system", frozenset({"*"}))
NOBODY = Actor(UUID(int=1), "nobody", "anonymous", frozenset({"public.*"}))


@dataclass(frozen=True)
class Organization:
    """What every verb may need to know of the organisation it works for."""

    slug: str
    name: str
    country: str = "AU"
    currency: str = "AUD"
    zone: str = "Australia/Sydney"


@dataclass(frozen=True)
class Place:
    """The site someone works at: its local day is the clinic's day."""

    id: UUID
    name: str
    zone: str


class NoSite(Conflict):
    message = "Choose the site you are working at first (your name, top right)."


@dataclass
class Context:
    """Who is acting, where, when, and the one transaction they act in."""

    db: AsyncSession
    actor: Actor
    organization: Organization
    site: Place | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    request_id: UUID = field(default_factory=uuid7)
    origin: str = ""
    verb: str = ""
    if_match: int | None = None
    reason: str = ""
    facts: list[Any] = field(default_factory=list)
    opened: dict[UUID, Record] = field(default_factory=dict)
    locked: dict[UUID, Record] = field(default_factory=dict)
    audit: list[dict[str, Any]] = field(default_factory=list)
    held: Any = None  # what is to be written by the statement that settles (writing.py)
    depth: int = 0

    def __post_init__(self) -> None:
        self.db.info["ctx"] = self

    @property
    def raw(self) -> Any:
        """The driver's own connection, inside this transaction: for the few fixed statements of the ground."""
        return self.db.info["raw"]

    @property
    def looking(self) -> bool:
        """Whether nothing can be changed here: behind a GET."""
        return bool(self.db.info.get("reading"))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.zone if self.site else self.organization.zone)

    @property
    def today(self) -> date:
        """The local day of the site (or of the organisation)."""
        return self.now.astimezone(self.zone).date()

    @property
    def here(self) -> Place:
        """The site acted at; refuses when none was chosen."""
        if self.site is None:
            raise NoSite
        return self.site

    def add(self, record: R) -> R:
        self.db.add(record)
        return record

    async def get(
        self,
        model: type[R],
        id: UUID,
        *,
        lock: bool = False,
        also: tuple[Any, ...] = (),
        alone: bool = False,
        because: str = "",
    ) -> R:
        """Open one record that this actor may see, with its parts; a forbidden one is simply not found.

        `also` names records it points to that are opened with it; `alone` leaves its parts out. With `lock` the row is
        held until the end of the transaction, and a stale `If-Match` is refused. `because` says why staff are shown
        one that they may not see, for a room above that has asked for its own permission.
        """
        if lock and not also and (held := self.locked.get(id)) is not None and isinstance(held, model):
            return held
        opening = opening_of(model, tuple(a.key for a in also), alone)
        record: R | None
        if opening and (self.sees_all(model) or (because and self.actor.kind == "staff")):
            record = await (locked if lock else first)(self.db, opening, "id", id)
        else:
            record = await self.db.scalar(asked_for(model, model.id == id, lock, also))
        if record is None:
            raise NotFound(thing=model.thing())
        if lock and self.if_match is not None:
            if record.version != self.if_match:
                raise Stale(thing=model.thing())
            self.if_match = None
        if lock:
            self.locked[id] = record
        if model.sensitive:
            self.opened[record.id] = record
        return record

    async def find(self, model: type[R], column: Any, value: Any, *, lock: bool = False) -> R | None:
        """The one record of which a unique column has this value, or none."""
        opening = opening_of(model, (), False)
        if not opening or not self.sees_all(model):
            found: R | None = await self.db.scalar(asked_for(model, column == value, lock))
            return found
        return cast(R | None, await (locked if lock else first)(self.db, opening, column.key, value))

    async def those(self, model: type[R], column: Any, value: Any) -> list[R]:
        """The records of which a column has this value and that this actor may see, in the order they came."""
        opening = opening_of(model, (), False)
        if opening and self.sees_all(model):
            return sorted(await where(self.db, opening, column.key, value), key=lambda one: one.id)
        return list(await self.db.scalars(asked_for(model, column == value).order_by(model.id)))

    async def several(self, model: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        """Those of these records that there are and that this actor may see, in one statement."""
        wanted, opening = list(set(ids)), opening_of(model, (), False)
        if not wanted:
            return {}
        if opening and self.sees_all(model):
            # of a list the planner expects ten, and plans each time anew for the one that it finds
            asked = wanted if len(wanted) > 1 else wanted[0]
            return {one.id: one for one in await where(self.db, opening, "id", asked)}
        return {one.id: one for one in await self.db.scalars(asked_for(model, model.id.in_(wanted)))}

    def sees_all(self, model: type[Record]) -> bool:
        """Whether this actor may see every record of a kind."""
        return isinstance(visible(model, self.actor), True_)

    async def slice(
        self, query: Select[Any], after: str | None = None, *, size: int = 50, by: Any = None, descending: bool = True
    ) -> Slice[Any]:
        """One page of a list, ordered by `by` (default: newest first), continued behind the cursor `after`."""
        model = query.column_descriptions[0]["entity"]
        keys = (model.id,) if by is None else (by, model.id)
        if after:
            place, behind = tuple_(*keys), tuple_(*marks(keys, after))
            query = query.where(place < behind if descending else place > behind)
        query = query.order_by(*[k.desc() if descending else k.asc() for k in keys]).limit(size + 1)
        rows = list(await self.db.scalars(query))
        more = len(rows) > size
        mark = [str(getattr(rows[size - 1], k.key)) for k in keys] if more else None
        cursor = urlsafe_b64encode(json.dumps(mark).encode()).decode().rstrip("=") if mark else None
        return Slice(items=rows[:size], next=cursor)

    def emit(self, fact: Any) -> None:
        """Announce a fact: subscribers become jobs in this transaction, screens refresh after it."""
        self.facts.append(fact)

    async def flush(self) -> None:
        if unwritten(self.db):
            await self.db.flush()

    async def hold(self) -> None:
        """Keep what is unwritten for the statement that settles; nothing may be asked of the database before that."""
        from .guard import hold

        await hold(self)

    async def settle(self, *answer: Any) -> bool:
        """Write what is pending: changed rows, their audit rows, the jobs that facts wake (guard.settle)."""
        from .guard import settle

        return await settle(self, *answer)

    @contextmanager
    def doing(self, verb: str) -> Iterator[None]:
        self.depth += 1
        outer, self.verb = self.verb, self.verb or verb
        try:
            yield
        finally:
            self.verb = outer
            self.depth -= 1


@dataclass(frozen=True)
class Onlooker:
    """What a record may ask of a context to say who sees it: the actor, and nothing else, so that it is asked once."""

    actor: Actor


@lru_cache(8192)
def visible(model: type[Record], actor: Actor) -> ColumnElement[bool]:
    """Which records of a kind an actor may see."""
    return model.visible_to(cast(Context, Onlooker(actor)))


def asked_for(model: type[R], condition: Any, lock: bool = False, also: tuple[Any, ...] = ()) -> Select[Any]:
    """The same, for an actor who sees such records only in part: the session adds the wall."""
    query = select(model).where(condition).options(*map(selectinload, also))
    return query.with_for_update(of=model).execution_options(populate_existing=True) if lock else query


def marks(keys: tuple[Any, ...], after: str) -> list[Any]:
    """Where a page ended, from the mark that it gave."""
    try:
        said = json.loads(urlsafe_b64decode(after + "=="))
        return [_as(key, str(mark)) for key, mark in zip(keys, said, strict=True)]
    except (ValueError, TypeError, ArithmeticError):
        raise Invalid("after", "This mark is of no page here. Leave it out to begin with the first page.") from None


def _as(column: Any, text: str) -> Any:
    kind = column.type.python_type
    return (
        datetime.fromisoformat(text) if kind is datetime else date.fromisoformat(text) if kind is date else kind(text)
    )


CATALOGUE: dict[str, Callable[..., Awaitable[Any]]] = {}
"""Every service function that may be mounted on a route, by `module.verb`."""


def past_the_wall(query: Q, because: str) -> Q:
    """A query whose answer holds rows that its actor may not see: rare, and the reason stands with it."""
    assert because
    return cast(Any, query).execution_options(unwalled=True)  # type: ignore[no-any-return]


def name_of(fn: Callable[..., Any]) -> str:
    return f"{fn.__module__.split('.')[1]}.{fn.__name__}"


def requires(
    permission: str,
) -> Callable[[Callable[Concatenate[Context, P], Awaitable[T]]], Callable[Concatenate[Context, P], Awaitable[T]]]:
    """Make a function a service function: gated by a permission, audited under its name, listed in the catalogue."""

    def gate(fn: Callable[Concatenate[Context, P], Awaitable[T]]) -> Callable[Concatenate[Context, P], Awaitable[T]]:
        name = name_of(fn)

        @wraps(fn)
        async def verb(ctx: Context, *args: P.args, **kwargs: P.kwargs) -> T:
            if not ctx.actor.may(permission):
                raise SignInNeeded if ctx.actor.kind == "anonymous" else Forbidden(permission=permission)
            with ctx.doing(name):
                result = await fn(ctx, *args, **kwargs)
                if ctx.depth == 1:
                    await ctx.settle()
            return result

        verb.permission = permission  # type: ignore[attr-defined]
        CATALOGUE[name] = verb
        return verb

    return gate
