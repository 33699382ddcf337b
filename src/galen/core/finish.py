"""Ending an action: its records, their audit rows, the jobs that facts wake and the kept answer, in one statement."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.orm.exc import StaleDataError

from galen.values.ids import uuid7

from . import audit, session_hooks
from .context import Context
from .database import has_pending_changes
from .events import pending_jobs
from .fast.saving import FlushPlan, plan_flush

STATEMENT = """
WITH {parts}audited AS (
  INSERT INTO audit_entry (version, at, actor_id, actor_name, verb, site_id, request_id, origin, reason,
                           id, action, subject, subject_id, patient_id, changes)
  SELECT 1, :now, :actor_id, :actor_name, :verb, :site_id, :request_id, :origin, :reason,
         row.id, row.action, row.subject, row.subject_id, row.patient_id, row.changes::jsonb
  FROM unnest(:ids::uuid[], :actions::text[], :subjects::text[], :subject_ids::uuid[], :patient_ids::uuid[],
              :changes::text[]) AS row (id, action, subject, subject_id, patient_id, changes)
), kept AS (
  INSERT INTO idempotency_key (id, version, actor_id, key, fingerprint, status, headers, body)
  SELECT :request_id, 1, :actor_id, :key, :fingerprint, :status, :headers, :body WHERE :key::text IS NOT NULL
  ON CONFLICT (actor_id, key) DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM kept) AS kept, {updated} AS updated,
       CASE WHEN cardinality(:jobs::text[]) > 0 THEN galen.enqueue_own(:jobs, :payloads::bytea[]) END
"""


@dataclass(frozen=True)
class Answer:
    """What is kept under an idempotency key: the request that was done, and what it was answered."""

    key: str | None = None
    fingerprint: bytes | None = None
    status: int | None = None
    headers: str | None = None
    body: bytes | None = None


NO_ANSWER = Answer()


async def finish(ctx: Context, answer: Answer = NO_ANSWER) -> bool:
    """Write all that an action leaves. Nothing is committed here: that is the work of whoever began the transaction.

    False when another transaction kept an answer under the same key first: what was done here must be rolled back.
    Raises StaleDataError when a record was changed by somebody else since it was read.
    """
    await defer(ctx)
    plan: FlushPlan | None = ctx.deferred
    ctx.deferred = None
    ctx.locked.clear()
    rows = audit_rows(ctx)
    jobs, notice = pending_jobs(ctx)
    if notice:
        ctx.db.info.setdefault("notices", []).append(notice)  # told when the transaction has committed
    if plan is None and not rows and not jobs and answer is NO_ANSWER:
        return True
    values = {
        "now": ctx.now,
        "actor_id": ctx.actor.id,
        "actor_name": ctx.actor.name,
        "verb": ctx.verb,
        "site_id": ctx.site.id if ctx.site else None,
        "request_id": ctx.request_id,
        "origin": ctx.origin,
        "reason": ctx.reason,
        "ids": [uuid7() for _ in rows],
        "actions": [row.action for row in rows],
        "subjects": [row.subject for row in rows],
        "subject_ids": [row.subject_id for row in rows],
        "patient_ids": [row.patient_id for row in rows],
        "changes": [json.dumps(row.changes) for row in rows],
        "jobs": [name for name, _ in jobs],
        "payloads": [payload for _, payload in jobs],
        **vars(answer),
        **(plan.values if plan else {}),
    }
    sql, names = by_position(statement(plan))
    done = await ctx.raw.fetchrow(sql, *[values[name] for name in names])
    if plan and done["updated"] != len(plan.updates):
        raise StaleDataError
    return bool(done["kept"]) or answer is NO_ANSWER


async def defer(ctx: Context) -> None:
    """Keep pending changes for the statement that finishes, their audit rows noted; what has no plan is flushed now.

    From here to the end of the action nothing more is asked of the database.
    """
    if not has_pending_changes(ctx.db):
        return
    session = ctx.db.sync_session
    session_hooks.refuse_to_break_seals(session)
    plan = plan_flush(ctx.db)
    if plan is None:
        return await ctx.db.flush()
    session_hooks.note_changes(session)
    plan.mark_saved(session)
    ctx.deferred = plan if plan.inserts or plan.updates else None


def audit_rows(ctx: Context) -> list[audit.AuditRow]:
    """The rows that wait, one for each sensitive record that was opened and not changed, one for whom else is shown."""
    changed = {row.subject_id for row in ctx.audit}
    opened = [audit.row_about(record, "opened", {}) for id, record in ctx.opened.items() if id not in changed]
    rows = audit.merged([*ctx.audit, *opened])
    if ctx.actor.kind != "system" and (others := sorted(ctx.shown - {row.patient_id for row in rows})):
        rows.append(audit.row_of_shown(others))
    ctx.opened.clear()
    ctx.shown.clear()
    ctx.audit = []
    return rows


def statement(plan: FlushPlan | None) -> str:
    """The statement, with a part for each change and for each kind of new record."""
    updates, inserts = (plan.updates, plan.inserts) if plan else ([], [])
    parts = [f"updated_{n} AS ({update}), " for n, update in enumerate(updates)]
    parts += [f"inserted_{n} AS ({insert}), " for n, insert in enumerate(inserts)]
    updated = " + ".join(f"(SELECT count(*) FROM updated_{n})" for n in range(len(updates)))  # noqa: S608 own names
    return STATEMENT.format(parts="".join(parts), updated=updated or "0")


@lru_cache(2048)
def by_position(sql: str) -> tuple[str, list[str]]:
    """`:name` as the driver wants it, `$1` and so on, with the names in that order."""
    names: list[str] = []

    def place(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return re.sub(r"(?<!:):([a-z]\w*)", place, sql), names
