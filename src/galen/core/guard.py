"""What the session does for everyone, so that nobody has to remember it."""

from functools import lru_cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.sql.elements import True_

from . import audit, events
from .context import Actor, Context, visible
from .errors import Conflict
from .record import Record


class Sealed(Conflict):
    message = "This {thing} is sealed; {fields} can no longer change."


class OnlyLooking(RuntimeError):
    """A verb behind a GET tried to change something: it has no transaction, and must be asked for by another method."""


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
    if asks and (walls := walls_of(ctx.actor)):
        query.statement = query.statement.options(*walls)


@lru_cache(2)
def seen_in_part(by_staff: bool) -> list[type[Record]]:
    """The kinds of record whose visibility has to be asked for: for staff, those that say so themselves."""
    classes: list[type[Record]] = [m.class_ for m in Record.registry.mappers]
    own = Record.visible_to.__func__  # type: ignore[attr-defined]
    return [c for c in classes if c.visible_to.__func__ is not own] if by_staff else classes  # type: ignore[attr-defined]


@lru_cache(1024)
def walls_of(actor: Actor) -> tuple[Any, ...]:
    """One criterion for each kind of record that this actor sees only in part."""
    seen = [(cls, visible(cls, actor)) for cls in seen_in_part(actor.kind in ("staff", "system"))]
    return tuple(
        with_loader_criteria(cls, criterion, include_aliases=True)
        for cls, criterion in seen
        if not isinstance(criterion, True_)
    )


@event.listens_for(Session, "before_flush")
def refuse_to_break_seals(session: Session, *_: Any) -> None:
    """Sealed and append-only records keep their content; removing one is a change of all of it."""
    if session.info.get("reading"):
        raise OnlyLooking
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


SETTLE = """
WITH written AS (
  INSERT INTO audit_entry (version, at, actor_id, actor_name, verb, site_id, request_id, origin, reason,
                           id, action, subject, subject_id, patient_id, changes)
  SELECT 1, $1, $2, $3, $4, $5, $6, $7, $8, e.id, e.action, e.subject, e.subject_id, e.patient_id, e.changes::jsonb
  FROM unnest($9::uuid[], $10::text[], $11::text[], $12::uuid[], $13::uuid[], $14::text[])
    AS e (id, action, subject, subject_id, patient_id, changes)
), kept AS (
  INSERT INTO once_key (id, version, actor_id, key, fingerprint, status, headers, body)
  SELECT gen_random_uuid(), 1, $2, $18, $19, $20, $21, $22 WHERE $18::text IS NOT NULL
  ON CONFLICT (actor_id, key) DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM kept) AS kept,
       CASE WHEN $17::text IS NOT NULL THEN galen.announce($15::text[], $16::bytea[], $17) END
"""
NO_ANSWER = (None,) * 5


async def settle(ctx: Context, answer: tuple[Any, ...] = NO_ANSWER) -> bool:
    """Flush, then in one statement: the audit rows, the jobs that facts wake, and the answer kept under its key.

    False when another transaction kept an answer under the same key first: what was done here must be rolled back.
    """
    await ctx.flush()
    ctx.locked.clear()
    if not (ctx.audit or ctx.opened or ctx.facts) and answer is NO_ANSWER:
        return True
    changed = {row["subject_id"] for row in ctx.audit}
    ctx.audit += [audit.row_about(r, "opened", {}) for id, r in ctx.opened.items() if id not in changed]
    ctx.opened.clear()
    rows, ctx.audit = merged(ctx.audit), []
    jobs = events.told(ctx)
    if not rows and jobs[2] is None and answer is NO_ANSWER:
        return True
    kept = await ctx.raw.fetchval(SETTLE, *audit.written(ctx, rows), *jobs, *answer)
    return bool(kept) or answer is NO_ANSWER


def merged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A record flushed twice in one action is still one change."""
    by_subject: dict[Any, dict[str, Any]] = {}
    for row in rows:
        first = by_subject.setdefault((row["subject"], row["subject_id"]), row)
        if first is not row:
            for key, (old, new) in row["changes"].items():
                first["changes"][key] = [first["changes"].get(key, [old])[0], new]
    return list(by_subject.values())
