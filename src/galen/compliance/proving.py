"""The proof of the whole log: asked for on a page, done by the worker, seen while it goes on."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.errors import NotFound
from galen.core.gate import requires

from .events import LogProven, ProofAsked
from .models import LogProof, ProofStatus, SealRecord
from .schemas import Proof
from .sealing import SLICE, verify_log

FORGOTTEN = timedelta(minutes=30)
"""After so long a proof without an answer may be asked for again: its worker did not come to the end."""

STEP = "SELECT nextval('log_proof_step')"
STEPS = "SELECT coalesce(pg_sequence_last_value('log_proof_step'::regclass), 0)"
EXPECTED = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'audit_entry'::regclass"
ALONE = "SELECT pg_advisory_xact_lock(hashtext('galen audit proof ' || current_schema()))"


@requires("audit.read")
async def proof(ctx: Context) -> Proof:
    """The last verification of the log, or how far the one is that goes on."""
    last = await latest(ctx)
    if last is None:
        return Proof()
    shown = Proof.model_validate(last, from_attributes=True)
    if last.status is ProofStatus.ASKED:
        shown.rows = (int(await ctx.raw.fetchval(STEPS)) - last.began_at_step) * SLICE
        shown.expected = max(last.expected, shown.rows)
    return shown


@requires("audit.read")
async def verify(ctx: Context) -> Proof:
    """Have the whole log verified: every row against its seal, every seal against its anchor. One at a time."""
    await ctx.raw.execute(ALONE)
    last = await latest(ctx)
    if last is None or last.status is ProofStatus.DONE or last.asked_at < ctx.now - FORGOTTEN:
        asked = LogProof(
            status=ProofStatus.ASKED,
            asked_at=ctx.now,
            asked_by=ctx.actor.name,
            began_at_step=int(await ctx.raw.fetchval(STEPS)),
            expected=int(await ctx.raw.fetchval(EXPECTED)),
            rows=0,
            seals=0,
            damages=[],
        )
        ctx.emit(ProofAsked(ctx.add(asked).id))
        await ctx.flush()
    return await proof(ctx)


async def prove(ctx: Context, proof_id: UUID) -> None:
    """What the worker does, done once: a proof that has its answer keeps it."""
    try:
        asked = await ctx.get(LogProof, proof_id, lock=True)
    except NotFound:
        return
    if asked.status is ProofStatus.DONE:
        return
    rows = 0

    async def step(count: int) -> None:
        nonlocal rows
        rows += count
        await ctx.raw.execute(STEP)

    damages = await verify_log(ctx, step=step)
    last = await ctx.db.scalar(select(SealRecord).order_by(SealRecord.number.desc()).limit(1))
    asked.rows, asked.damages = rows, [str(damage) for damage in damages]
    asked.seals, asked.sealed_until = (last.number, last.at) if last else (0, None)
    asked.finished_at, asked.status = ctx.now, ProofStatus.DONE
    ctx.emit(LogProven(asked.id))


async def latest(ctx: Context) -> LogProof | None:
    found: LogProof | None = await ctx.db.scalar(select(LogProof).order_by(LogProof.id.desc()).limit(1))
    return found
