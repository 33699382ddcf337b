"""What the session does for everyone, so that nobody has to remember it."""

from functools import lru_cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.sql.elements import True_

from . import audit, events
from .context import Context
from .errors import Conflict
from .record import Record


class Sealed(Conflict):
    message = "This {thing} is sealed; {fields} can no longer change."


class Unseen(Conflict):
    message = "A bulk change would escape the audit; change records one by one."


@event.listens_for(Session, "do_orm_execute")
def show_only_what_is_visible(query: ORMExecuteState) -> None:
    """Add each record's visibility to every select, and refuse changes that would bypass the audit."""
    ctx: Context | None = query.session.info.get("ctx")
    if ctx is None or query.execution_options.get("unwalled"):
        return
    if query.is_update or query.is_delete or query.is_insert:
        raise Unseen
    asks = query.is_select and not query.is_column_load and not query.is_relationship_load
    if asks and (walls := walls_of(ctx)):
        query.statement = query.statement.options(*walls)


@lru_cache(2)
def seen_in_part(by_staff: bool) -> list[type[Record]]:
    """The kinds of record whose visibility has to be asked for: for staff, those that say so themselves."""
    classes: list[type[Record]] = [m.class_ for m in Record.registry.mappers]
    own = Record.visible_to.__func__  # type: ignore[attr-defined]
    return [c for c in classes if c.visible_to.__func__ is not own] if by_staff else classes  # type: ignore[attr-defined]


def walls_of(ctx: Context) -> list[Any]:
    """One criterion for each kind of record that this actor sees only in part."""
    kept: list[Any] | None = ctx.db.info.get("walls")
    if kept is None:
        seen = [(cls, cls.visible_to(ctx)) for cls in seen_in_part(ctx.actor.kind in ("staff", "system"))]
        kept = [
            with_loader_criteria(cls, criterion, include_aliases=True)
            for cls, criterion in seen
            if not isinstance(criterion, True_)
        ]
        ctx.db.info["walls"] = kept
    return kept


@event.listens_for(Session, "before_flush")
def refuse_to_break_seals(session: Session, *_: Any) -> None:
    """Sealed and append-only records keep their content; removing one is a change of all of it."""
    for record in session.dirty:
        sealed = record.sealed_fields()
        if sealed and (broken := sealed & audit.changes_of(record).keys()):
            raise Sealed(thing=record.thing(), fields=", ".join(sorted(broken)))
    for record in session.deleted:
        if record.append_only or record.sealed_fields():
            raise Sealed(thing=record.thing(), fields="its rows")
    for record in session.new:
        if record.part_of and record.sealed_fields():
            raise Sealed(thing=record.thing(), fields="its rows")


@event.listens_for(Session, "after_flush")
def note_changes(session: Session, _: UOWTransaction) -> None:
    """One audit row for each changed record, written when the verb ends."""
    ctx: Context | None = session.info.get("ctx")
    if ctx is None:
        return
    for record in session.new:
        if record.audited:
            ctx.audit.append(audit.row_about(record, "created", audit.values_of(record)))
    for record in session.dirty:
        if record.audited and (changes := audit.changes_of(record)):
            ctx.audit.append(audit.row_about(record, "changed", changes))
    for record in session.deleted:
        if record.audited:
            ctx.audit.append(audit.row_about(record, "removed", audit.values_of(record)))


async def settle(ctx: Context) -> None:
    """Flush, write the audit rows in one statement, wake the subscribers of the facts."""
    await ctx.db.flush()
    changed = {row["subject_id"] for row in ctx.audit}
    ctx.audit += [audit.row_about(r, "opened", {}) for id, r in ctx.opened.items() if id not in changed]
    ctx.opened.clear()
    if ctx.audit:
        rows, ctx.audit = merged(ctx.audit), []
        await audit.write(ctx, rows)
    await events.announce(ctx)
    ctx.locked.clear()


def merged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A record flushed twice in one action is still one change."""
    by_subject: dict[Any, dict[str, Any]] = {}
    for row in rows:
        first = by_subject.setdefault((row["subject"], row["subject_id"]), row)
        if first is not row:
            for key, (old, new) in row["changes"].items():
                first["changes"][key] = [first["changes"].get(key, [old])[0], new]
    return list(by_subject.values())
