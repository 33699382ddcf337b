"""Sealing the audit log every few seconds, and proving it afterwards."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, text

from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.crypto import seal_key
from galen.settings import settings

from .models import SealRecord
from .seal_tree import Damage, Seal, Verification, append_anchor, read_anchors, seal

BATCH = 50_000
AWAITING = timedelta(minutes=1)
COLUMNS: Any = AuditEntry.__table__.c
ALONE = text("SELECT pg_advisory_xact_lock(hashtext('galen audit seal'))")


def log_of(ctx: Context) -> str:
    return ctx.organization.slug


def anchor_file(organization: str) -> Path:
    """Where the twins of an organisation's seals lie: outside the database, out of its administrator's reach."""
    folder = settings().var / "anchors"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{organization}.jsonl"


async def recorded(ctx: Context) -> list[Seal]:
    """The database's own copies of the seals, in order."""
    return [r.seal for r in await ctx.db.scalars(select(SealRecord).order_by(SealRecord.number))]


async def seal_log(ctx: Context) -> Seal | None:
    """Seal every committed row that no seal covers; None when there is none. Safe to run twice, and at once."""
    connection = await ctx.db.connection()
    await connection.execute(ALONE)
    floor: int = (await connection.exec_driver_sql("SELECT audit_floor()")).scalar_one()
    last = await ctx.db.scalar(select(SealRecord).order_by(SealRecord.number.desc()).limit(1))
    before = last.seal if last else None
    since = before.floor if before else 0
    known = await covered_above(ctx, since)
    query = select(AuditEntry.__table__).where(COLUMNS.seq > since).order_by(COLUMNS.seq).limit(BATCH)
    fetched = (await connection.execute(query)).all()
    rows = [dict(r._mapping) for r in fetched if r.seq not in known]
    if not rows:
        return None
    settled = max(floor, since) if len(fetched) < BATCH else since
    made = seal(rows, log_of(ctx), ctx.now, settled, before, seal_key())
    fields = {name: getattr(made, name) for name in ("log", "number", "at", "floor", "root", "previous", "signature")}
    ctx.add(SealRecord(**fields, covers=[list(span) for span in made.covers]))
    return made


async def covered_above(ctx: Context, floor: int) -> set[int]:
    """Rows above the floor that a seal covers already: those that overtook a slow writer."""
    covered: set[int] = set()
    recent = select(SealRecord).order_by(SealRecord.number.desc()).limit(200)
    for record in await ctx.db.scalars(recent):
        spans = [(first, last) for first, last in record.covers if last > floor]
        if not spans:
            break
        for first, last in spans:
            covered.update(range(first, last + 1))
    return covered


async def anchor(ctx: Context) -> int:
    """Write the twins of committed seals that have none yet. Runs before the next seal, so a crash loses none."""
    path = anchor_file(log_of(ctx))
    last = max((s.number for s in read_anchors(path)[0]), default=0) if path.exists() else 0
    query = select(SealRecord).where(SealRecord.number > last).order_by(SealRecord.number)
    fresh = [r.seal for r in await ctx.db.scalars(query)]
    for seal_made in fresh:
        append_anchor(path, seal_made)
    return len(fresh)


async def rows_of(ctx: Context) -> AsyncIterator[dict[str, Any]]:
    """Every audit row, in order, without holding them all."""
    connection = await ctx.db.connection()
    position = 0
    while True:
        query = select(AuditEntry.__table__).where(COLUMNS.seq > position).order_by(COLUMNS.seq).limit(10_000)
        rows = (await connection.execute(query)).all()
        for row in rows:
            yield dict(row._mapping)
        if len(rows) < 10_000:
            return
        position = rows[-1].seq


async def verify_log(
    ctx: Context, anchors: Path | None = None, public_key: Ed25519PublicKey | None = None
) -> list[Damage]:
    """Every damage to the log: changed, missing, inserted or reordered rows; seals changed or gone.

    A seal of the last minute may still await its anchor, which the next run of the sealing job writes.
    """
    path = anchors or anchor_file(log_of(ctx))
    inside = await recorded(ctx)
    while True:
        outside, unreadable = read_anchors(path) if path.exists() else ([], [])
        if len(again := await recorded(ctx)) == len(inside):
            break
        inside = again  # a seal was made between the two readings
    verification = Verification(inside, outside, public_key or seal_key().public_key())
    async for row in rows_of(ctx):
        verification.take(row)
    fresh = {recent.number for recent in inside if recent.at > ctx.now - AWAITING}
    return [d for d in unreadable + verification.damages if not (d.kind == "unanchored" and d.seal in fresh)]
