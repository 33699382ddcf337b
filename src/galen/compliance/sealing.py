"""Sealing the audit log every few seconds, and proving it afterwards."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, text

from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.crypto import seal_key
from galen.settings import settings
from galen.values.canonical import rows_encoder

from .models import SealRecord
from .seal_tree import POSITION, Damage, Seal, Verification, append_anchor, read_anchors, seal

BATCH = 20_000
AWAITING = timedelta(minutes=1)
COLUMNS: Any = AuditEntry.__table__.c
NAMES = [column.name for column in AuditEntry.__table__.columns]
ROWS = "SELECT {} FROM audit_entry ORDER BY seq"
SLICE = 1_000
"""Rows that are verified in one go: some twenty milliseconds, in which the worker does nothing else."""
LAST = "SELECT pg_sequence_last_value(pg_get_serial_sequence('audit_entry', 'seq')::regclass)"
FOUND = """
SELECT attname AS name, atttypid::regtype::text AS type FROM pg_attribute
WHERE attrelid = 'audit_entry'::regclass AND attnum > 0 AND NOT attisdropped
"""
GUARDED = """
SELECT EXISTS (
  SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.oid = 'audit_entry'::regclass AND c.relkind = 'r' AND tgname = 'append_only' AND tgenabled IN ('O', 'A')
)
"""
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
    rows: list[Any] = []
    reached, last_given, full = since, await last_number(ctx), True
    while not rows and full:  # what is covered already may fill more than a batch
        numbered = COLUMNS.seq.between(reached + 1, last_given)
        query = select(AuditEntry.__table__).where(numbered).order_by(COLUMNS.seq).limit(BATCH)
        fetched = (await connection.execute(query)).all()
        rows = [dict(r._mapping) for r in fetched if r.seq not in known]
        full = len(fetched) == BATCH
        reached = fetched[-1].seq if full else reached
    if not rows:
        return None
    settled = max(since, min(floor, reached) if full else floor)
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


async def verify_log(
    ctx: Context,
    anchors: Path | None = None,
    public_key: Ed25519PublicKey | None = None,
    step: Callable[[int], Awaitable[None]] | None = None,
) -> list[Damage]:
    """Every damage to the log: changed, missing, inserted or reordered rows; seals changed or gone; a changed table.

    A seal of the last minute may still await its anchor, which the next run of the sealing job writes. `step` is told
    of each batch that was read.
    """
    path = anchors or anchor_file(log_of(ctx))
    inside = await recorded(ctx)
    while True:
        outside, unreadable = await asyncio.to_thread(read_anchors, path) if path.exists() else ([], [])
        if len(again := await recorded(ctx)) == len(inside):
            break
        inside = again  # a seal was made between the two readings
    key = public_key or seal_key().public_key()
    types = {row["name"]: row["type"] for row in await ctx.raw.fetch(FOUND)}
    changed, missing = await changed_table(ctx, set(types))
    if missing:
        return changed
    uuids = [name for name in NAMES if types[name] == "uuid"]  # as they are now: another type is read as what it is
    asked = [f"uuid_send({name})" if name in uuids else name.replace("changes", "changes::text") for name in NAMES]
    rows = await ctx.raw.cursor(ROWS.format(", ".join(asked)))
    verification = await asyncio.to_thread(Verification, inside, outside, key, await last_number(ctx))
    await read(rows, verification, step, uuids)
    fresh = {recent.number for recent in inside if recent.at > ctx.now - AWAITING}
    found = [d for d in unreadable + verification.damages if not (d.kind == "unanchored" and d.seal in fresh)]
    return changed + found


async def read(
    rows: Any, verification: Verification, step: Callable[[int], Awaitable[None]] | None, uuids: list[str]
) -> None:
    """Every row there is, in order, a batch at a time; the database makes the next batch ready meanwhile."""
    encode, seq = rows_encoder(NAMES, ["changes"], uuids), NAMES.index(POSITION)
    batch = await rows.fetch(SLICE)
    while batch:
        following = asyncio.ensure_future(rows.fetch(SLICE))
        await asyncio.sleep(0)  # it is on its way
        verification.take_all([row[seq] for row in batch], batch, encode)
        done, batch = len(batch), await following
        if step:
            await step(done)


async def changed_table(ctx: Context, found: set[str]) -> tuple[list[Damage], bool]:
    """What was done to the table itself; and whether columns are missing, without which no row can be read."""
    damages = []
    if extra := sorted(found - set(NAMES)):
        damages.append(Damage("columns", f"The log has columns that are not its own: {', '.join(extra)}."))
    if gone := sorted(set(NAMES) - found):
        damages.append(Damage("columns", f"The log has lost columns: {', '.join(gone)}. Its rows cannot be read."))
    if not await ctx.raw.fetchval(GUARDED):
        damages.append(Damage("guard", "What keeps the log from being changed (its trigger) was taken away."))
    return damages, bool(gone)


async def last_number(ctx: Context) -> int:
    """The highest number that a row of the log can have: none was given out above it."""
    return int(await ctx.raw.fetchval(LAST) or sys.maxsize)
