"""The request context: who acts, where, when, and the one transaction that they act in."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from galen.values import clock
from galen.values.ids import uuid7

from . import bulk, visibility
from .actor import Actor
from .audit import AuditRow, row_about, values_of, worded
from .database import has_pending_changes
from .errors import Conflict, NotFound, Refusal, Stale
from .fast.loading import load_locked, load_one, load_plan, load_where
from .paging import slice_of
from .record import Record
from .schemas import Slice

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class OrganizationInfo:
    """What every verb may need to know of the organisation it works for."""

    slug: str
    name: str
    country: str = "AU"
    currency: str = "AUD"
    zone: str = "Australia/Sydney"


@dataclass(frozen=True)
class SiteInfo:
    """The site someone works at: its local day is the clinic's day."""

    id: UUID
    name: str
    zone: str


@dataclass(frozen=True)
class Flash:
    """What a success tells whoever did it; the verb that takes it back, how it stood before (undo.py), and its ids."""

    text: str
    undo: str = ""
    before: str = ""
    ids: dict[str, str] = field(default_factory=dict)


class NoSite(Conflict):
    message = "Choose the site you are working at first (your name, top right)."


@dataclass
class Context:
    """Who is acting, where, when, and the one transaction they act in."""

    db: AsyncSession
    actor: Actor
    organization: OrganizationInfo
    site: SiteInfo | None = None
    now: datetime = field(default_factory=clock.now)
    request_id: UUID = field(default_factory=uuid7)
    origin: str = ""
    verb: str = ""
    if_match: int | None = None
    reason: str = ""
    facts: list[Any] = field(default_factory=list)
    opened: dict[UUID, Record] = field(default_factory=dict)  # sensitive records, whose opening leaves an audit row
    shown: set[UUID] = field(default_factory=set)  # the patients whom the answer names
    locked: dict[UUID, Record] = field(default_factory=dict)
    audit: list[AuditRow] = field(default_factory=list)
    flashed: Flash | None = None
    deferred: Any = None  # a flush plan that goes with the statement that finishes the action (finish.py)
    depth: int = 0

    def __post_init__(self) -> None:
        self.db.info["ctx"] = self

    @property
    def raw(self) -> Any:
        """The driver's own connection, inside this transaction: for the few fixed statements of core."""
        return self.db.info["raw"]

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed here: behind a GET."""
        return bool(self.db.info.get("read_only"))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.zone if self.site else self.organization.zone)

    @property
    def today(self) -> date:
        """The local day of the site (or of the organisation)."""
        return self.now.astimezone(self.zone).date()

    @property
    def here(self) -> SiteInfo:
        """The site acted at; refuses when none was chosen."""
        if self.site is None:
            raise NoSite
        return self.site

    async def get(
        self,
        model: type[R],
        id: UUID,
        *,
        lock: bool = False,
        include: tuple[Any, ...] = (),
        without_parts: bool = False,
        bypass_visibility: str = "",
    ) -> R:
        """Open one record that this actor may see, with its parts; a forbidden one is simply not found.

        `include` names records it points to that are opened with it; `without_parts` leaves its parts out. With `lock`
        the row is held until the end of the transaction, and a stale `If-Match` is refused. `bypass_visibility` says
        why staff are shown one that they may not see, for a module above that has asked for its own permission.
        """
        if lock and not include and isinstance(held := self.locked.get(id), model):
            return held
        plan = load_plan(model, tuple(attribute.key for attribute in include), without_parts)
        record: R | None
        if plan and (self.sees_all(model) or (bypass_visibility and self.actor.kind == "staff")):
            record = await (load_locked if lock else load_one)(self.db, plan, "id", id)
        else:
            query = visibility.query_for(model, model.id == id, lock, include)
            if bypass_visibility and self.actor.kind == "staff":
                query = visibility.bypass_visibility(query, bypass_visibility)
            record = await self.db.scalar(query)
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

    async def find_by(self, model: type[R], column: Any, value: Any, *, lock: bool = False) -> R | None:
        """The one record of which a unique column has this value, or none."""
        plan = load_plan(model, (), False)
        if plan and self.sees_all(model):
            return cast(R | None, await (load_locked if lock else load_one)(self.db, plan, column.key, value))
        return cast(R | None, await self.db.scalar(visibility.query_for(model, column == value, lock)))

    async def list_by(self, model: type[R], column: Any, value: Any) -> list[R]:
        """The records of which a column has this value and that this actor may see, in the order they came."""
        plan = load_plan(model, (), False)
        if plan and self.sees_all(model):
            return sorted(await load_where(self.db, plan, column.key, value), key=lambda record: record.id)
        return list(await self.db.scalars(visibility.query_for(model, column == value).order_by(model.id)))

    async def get_many(self, model: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        """Those of these records that there are and that this actor may see, in one statement."""
        wanted, plan = list(set(ids)), load_plan(model, (), False)
        if not wanted:
            return {}
        if plan and self.sees_all(model):
            # of a list the planner expects ten, and plans each time anew for the one that it finds
            records = await load_where(self.db, plan, "id", wanted if len(wanted) > 1 else wanted[0])
        else:
            records = list(await self.db.scalars(visibility.query_for(model, model.id.in_(wanted))))
        return {record.id: record for record in records}

    def sees_all(self, model: type[Record]) -> bool:
        """Whether this actor may see every record of a kind."""
        return visibility.sees_all(model, self.actor)

    async def slice(
        self, query: Select[Any], after: str | None = None, *, size: int = 50, by: Any = None, descending: bool = True
    ) -> Slice[Any]:
        """One page of a list, ordered by `by` (default: newest first), continued behind the cursor `after`."""
        return await slice_of(self.db, query, after, size=size, by=by, descending=descending)

    def add(self, record: R) -> R:
        """A new record, written when the action ends or when a query needs it."""
        self.db.add(record)
        return record

    async def insert(self, record: Record) -> bool:
        """Insert a record now; False, and nothing is written, when a rule of the database says another was first."""
        if not await bulk.insert_unless_taken(self.db, record):
            return False
        self.note_created(record)
        return True

    async def insert_many(self, model: type[R], records: list[R]) -> None:
        """Many new records of one kind, by COPY, with the audit rows of each; the session does not hold them."""
        await self.flush()
        await bulk.copy(self.raw, model, records)
        if model.audited:
            for record in records:
                self.note_created(record)

    def note_created(self, record: Record, patient_id: UUID | None = None, **values: Any) -> None:
        """The audit row of a record that the session did not insert itself; `values` stand for its parts."""
        changes = {name: [None, value] for name, value in values.items()} or values_of(record)
        self.audit.append(row_about(record, "created", changes, patient_id))

    def note_changed(self, record: Record, **changes: tuple[Any, Any]) -> None:
        """The audit row of a change that the database made itself: `quantity=(was, left)`."""
        written = {key: [worded(record, key, value) for value in pair] for key, pair in changes.items()}
        self.audit.append(row_about(record, "changed", written))

    def emit(self, fact: Any) -> None:
        """Announce a fact: subscribers become jobs in this transaction, screens refresh after it."""
        self.facts.append(fact)

    def flash(self, text: str, undo: str = "", before: str = "", **ids: Any) -> None:
        """Say what was done, and offer for ten seconds the verb that takes it back."""
        self.flashed = Flash(text, undo, before, {name: str(id) for name, id in ids.items()})

    async def flush(self) -> None:
        """Write pending changes now, for a statement that does not go through the session."""
        if has_pending_changes(self.db):
            await self.db.flush()

    def flush_later(self) -> AbstractContextManager[Any]:
        """What is asked in this block does not depend on pending changes, so they are written together at the end."""
        return cast(AbstractContextManager[Any], self.db.no_autoflush)

    @contextmanager
    def doing(self, verb: str, given: dict[str, Any] | None = None) -> Iterator[None]:
        """The outermost verb is the one that audit rows name, of refusals too, with what was `given` to it."""
        self.depth += 1
        outer, self.verb = self.verb, self.verb or verb
        try:
            yield
        except Refusal as refusal:
            refusal.verb, refusal.given = self.verb, {**refusal.given, **(given or {})}
            raise
        finally:
            self.verb = outer
            self.depth -= 1
