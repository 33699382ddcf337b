"""What the session does for everyone, so that nobody has to remember it: visibility, seals, audit."""

from typing import Any, Protocol

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session

from .actor import Actor
from .audit import AuditRow, changes_of, row_about, values_of
from .errors import Conflict
from .visibility import visibility_criteria


class Sealed(Conflict):
    message = "This {thing} is sealed; {fields} can no longer change."


class ReadOnlyTransaction(RuntimeError):
    """A verb behind a GET tried to change something: it has no transaction, and must be asked for by another method."""


class UnauditedChange(Conflict):
    message = "A bulk change would escape the audit; change records one by one."


class Acting(Protocol):
    """What the hooks ask of a context: who acts, and where audit rows wait until the action ends."""

    actor: Actor
    audit: list[AuditRow]


class GuardedSession(Session):
    """A session with the hooks of this file; a context stands in its `info` as soon as somebody acts."""


def open_session(connection: AsyncConnection, **options: Any) -> AsyncSession:
    """A session on a connection, with the hooks."""
    return AsyncSession(connection, sync_session_class=GuardedSession, expire_on_commit=False, **options)


@event.listens_for(GuardedSession, "do_orm_execute")
def show_only_what_is_visible(query: ORMExecuteState) -> None:
    """Add each record's visibility to every select, and refuse changes that would bypass the audit."""
    ctx: Acting | None = query.session.info.get("ctx")
    if ctx is None or query.execution_options.get("bypass_visibility"):
        return
    if query.is_update or query.is_delete or query.is_insert:
        raise UnauditedChange
    asks = query.is_select and not query.is_column_load and not query.is_relationship_load
    if asks and (criteria := visibility_criteria(ctx.actor)):
        query.statement = query.statement.options(*criteria)


@event.listens_for(GuardedSession, "before_flush")
def refuse_to_break_seals(session: Session, *_: Any) -> None:
    """Sealed and append-only records keep their content; removing one is a change of all of it."""
    if session.info.get("read_only"):
        raise ReadOnlyTransaction
    for record in session.dirty:
        sealed = record.sealed_fields()
        if sealed and (broken := sealed & changes_of(record).keys()):
            raise Sealed(thing=record.thing(), fields=", ".join(sorted(broken)))
    for record in session.deleted:
        if record.append_only or record.sealed_fields():
            raise Sealed(thing=record.thing(), fields="its rows")
    for record in session.new:
        if record.part_of and record.sealed_fields():
            raise Sealed(thing=record.thing(), fields="its rows")


@event.listens_for(GuardedSession, "after_flush")
def note_changes(session: Session, *_: Any) -> None:
    """One audit row for each changed record, written when the verb ends."""
    ctx: Acting | None = session.info.get("ctx")
    if ctx is None:
        return
    for record in session.new:
        if record.audited:
            ctx.audit.append(row_about(record, "created", values_of(record)))
    for record in session.dirty:
        if record.audited and (changes := changes_of(record)):
            ctx.audit.append(row_about(record, "changed", changes))
    for record in session.deleted:
        if record.audited:
            ctx.audit.append(row_about(record, "removed", values_of(record)))
