"""What the session does for everyone, so that nobody has to remember it."""

from functools import lru_cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.elements import True_

from . import audit, events
from .context import Actor, Context, visible
from .database import unwritten
from .errors import Conflict
from .record import Record
from .writing import Writing, written_down


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
def note_changes(session: Session, *_: Any) -> None:
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
WITH {parts}written AS (
  INSERT INTO audit_entry (version, at, actor_id, actor_name, verb, site_id, request_id, origin, reason,
                           id, action, subject, subject_id, patient_id, changes)
  SELECT 1, $1, $2, $3, $4, $5, $6, $7, $8, e.id, e.action, e.subject, e.subject_id, e.patient_id, e.changes::jsonb
  FROM unnest($9::uuid[], $10::text[], $11::text[], $12::uuid[], $13::uuid[], $14::text[])
    AS e (id, action, subject, subject_id, patient_id, changes)
), kept AS (
  INSERT INTO once_key (id, version, actor_id, key, fingerprint, status, headers, body)
  SELECT $6, 1, $2, $18, $19, $20, $21, $22 WHERE $18::text IS NOT NULL
  ON CONFLICT (actor_id, key) DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM kept) AS kept, {changed} AS changed,
       CASE WHEN $17::text IS NOT NULL THEN galen.announce($15::text[], $16::bytea[], $17) END
"""
NO_ANSWER = (None,) * 5
BEFORE = 22  # values of its own


async def settle(ctx: Context, answer: tuple[Any, ...] = NO_ANSWER) -> bool:
    """All that an action leaves, in one statement: its records, their audit rows, the jobs that facts wake, its answer.

    False when another transaction kept an answer under the same key first: what was done here must be rolled back.
    """
    await hold(ctx)
    ctx.locked.clear()
    held, ctx.held = ctx.held, None
    if not (held or ctx.audit or ctx.opened or ctx.facts) and answer is NO_ANSWER:
        return True
    changed = {row["subject_id"] for row in ctx.audit}
    ctx.audit += [audit.row_about(r, "opened", {}) for id, r in ctx.opened.items() if id not in changed]
    ctx.opened.clear()
    rows, ctx.audit = merged(ctx.audit), []
    jobs = events.told(ctx)
    if not (held or rows) and jobs[2] is None and answer is NO_ANSWER:
        return True
    values = held.values if held else ()
    done = await ctx.raw.fetchrow(settling(held), *audit.written(ctx, rows), *jobs, *answer, *values)
    if held and done["changed"] != len(held.updates):
        raise StaleDataError
    return bool(done["kept"]) or answer is NO_ANSWER


def settling(held: Writing | None) -> str:
    """The statement, with a part for each kind of new record and for each change."""
    if held is None:
        return JUST_SETTLE
    parts = [f"c{n} AS ({update})" for n, update in enumerate(held.updates)]
    parts += [f"n{n} AS ({insert})" for n, insert in enumerate(held.inserts)]
    changed = " + ".join(f"(SELECT count(*) FROM c{n})" for n in range(len(held.updates)))  # noqa: S608
    return SETTLE.format(parts="".join(part + ", " for part in parts), changed=changed or "0")


JUST_SETTLE = SETTLE.format(parts="", changed="0")


async def hold(ctx: Context) -> None:
    """Keep what is unwritten for the statement that settles, its audit rows noted; what is not plain is flushed now.

    From here to the end of the action nothing more is asked of the database.
    """
    if not unwritten(ctx.db):
        return
    session = ctx.db.sync_session
    refuse_to_break_seals(session)
    held = written_down(ctx.db, BEFORE)
    if held is None:
        return await ctx.db.flush()
    note_changes(session)
    session._register_persistent(set(held.states))
    ctx.held = held if held.inserts or held.updates else None


def merged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A record flushed twice in one action is still one change."""
    by_subject: dict[Any, dict[str, Any]] = {}
    for row in rows:
        first = by_subject.setdefault((row["subject"], row["subject_id"]), row)
        if first is not row:
            for key, (old, new) in row["changes"].items():
                first["changes"][key] = [first["changes"].get(key, [old])[0], new]
    return list(by_subject.values())
