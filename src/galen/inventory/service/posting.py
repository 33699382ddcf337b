"""Posting a stocktake: every difference becomes a movement, in one statement and one transaction."""

import csv
import io
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.values.units import plain

from ..count_views import DifferencesPage
from ..events import StockArrived, StockMoved
from ..models import Movement, MovementKind, StockLevel
from ..schemas import PostingDraft, Uncounted
from ..stocktakes import Stocktake, StocktakeCount, StocktakeLine, StocktakeStatus
from .shelves import harmless
from .stocktakes import at_work, line_query, uncounted_lines, worth

NAMED = 5
LOCK = """
SELECT l.id FROM stock_level l JOIN batch b ON b.id = l.batch_id
 WHERE l.id IN (SELECT level_id FROM stocktake_line WHERE stocktake_id = $1 AND (difference IS NOT NULL OR rounds = 0))
 ORDER BY l.product_id, b.expires NULLS LAST, b.id, l.id FOR UPDATE OF l
"""
"""Row by row in the order in which stock is issued, so that no two wait for each other."""
POST = """
WITH changed AS (
  UPDATE stock_level s SET quantity = s.quantity + d.difference, version = s.version + 1
    FROM stocktake_line d WHERE d.stocktake_id = $1 AND d.difference IS NOT NULL AND s.id = d.level_id
  RETURNING s.id, s.site_id, s.batch_id, s.product_id, s.quantity, d.difference, d.position
)
INSERT INTO movement (id, version, site_id, level_id, batch_id, product_id, kind, quantity, balance, reason,
                      reference_kind, reference_id, actor_id, actor_name, at)
SELECT gen_random_uuid(), 1, site_id, id, batch_id, product_id, 'count', difference, quantity, $2,
       'stocktake', $1, $3, $4, $5
  FROM changed ORDER BY position
RETURNING id, site_id, level_id, batch_id, product_id, quantity, balance
"""
"""The movements of a stocktake, also of what was as it should be: a zero line says that it was counted."""


class CountedSince(Conflict):
    message = "Counted otherwise since then, or more has left than was found: {places}. Open it again and count these."


class NotToBeSeenYet(Forbidden):
    message = "The differences are shown when everything is counted, to whoever has the permission “stock.supervise”."


@requires("stock.supervise")
async def post_stocktake(ctx: Context, stocktake_id: UUID, draft: PostingDraft) -> Stocktake:
    """Let it count: each place is corrected by its difference, and what has moved since the count stays moved."""
    stocktake = await at_work(ctx, stocktake_id)
    stocktake.status = StocktakeStatus.POSTED
    stocktake.posted_by, stocktake.posted_name, stocktake.posted_at = ctx.actor.id, ctx.actor.name, ctx.now
    await ctx.raw.fetch(LOCK, stocktake.id)
    missing = await uncounted_lines(ctx, stocktake.id)
    if missing and draft.uncounted is None:
        raise Invalid(
            "uncounted", _("Not counted: %(places)s. Leave them or set them to nothing?", places=named(missing))
        )
    if missing and draft.uncounted is Uncounted.ZERO:
        await set_to_nothing(ctx, missing)
        stocktake.zeroed_because = draft.reason
    await ctx.flush()
    if doubtful := await outdated(ctx, stocktake.id):
        raise CountedSince(places=named(doubtful))
    reason = f"Stocktake {stocktake.number}"
    rows = await ctx.raw.fetch(POST, stocktake.id, reason, ctx.actor.id, ctx.actor.name, ctx.now)
    for row in rows:
        note_count(ctx, row, stocktake.id, reason)
    for product_id in {row["product_id"] for row in rows if row["quantity"]}:
        ctx.emit(StockMoved(stocktake.site_id, product_id))
    for product_id in {row["product_id"] for row in rows if row["quantity"] > 0}:
        ctx.emit(StockArrived(stocktake.site_id, product_id))
    ctx.flash(_("Posted: the stock is as it was counted."))
    return stocktake


async def set_to_nothing(ctx: Context, lines: list[StocktakeLine]) -> None:
    """Count what nobody counted as gone; the places are locked already."""
    levels = [line.level_id for line in lines]
    there = dict(
        (await ctx.db.execute(select(StockLevel.id, StockLevel.quantity).where(StockLevel.id.in_(levels)))).all()
    )
    latest = select(Movement.level_id, func.max(Movement.seq)).where(Movement.level_id.in_(levels))
    seqs = dict((await ctx.db.execute(latest.group_by(Movement.level_id))).all())
    for line in lines:
        line.rounds, line.counted, line.expected = 1, Decimal(0), there[line.level_id]
        line.difference, line.seq = -line.expected, seqs.get(line.level_id, 0)
        line.counted_by, line.counted_name, line.counted_at = ctx.actor.id, ctx.actor.name, ctx.now


async def outdated(ctx: Context, stocktake_id: UUID) -> list[StocktakeLine]:
    """Places whose difference no longer holds: another count came after it, or less is left than it takes off."""
    since = select(Movement.id).where(
        Movement.level_id == StocktakeLine.level_id,
        Movement.seq > StocktakeLine.seq,
        Movement.kind == MovementKind.COUNT,
    )
    query = line_query(stocktake_id).join(StockLevel, StockLevel.id == StocktakeLine.level_id)
    doubt = since.exists() | (StockLevel.quantity + StocktakeLine.difference < 0)
    found = query.where(StocktakeLine.difference.is_not(None), doubt).order_by(StocktakeLine.position)
    return list(await ctx.db.scalars(found))


def note_count(ctx: Context, row: Any, stocktake_id: UUID, reason: str) -> None:
    """What the database did in this statement, for the audit log."""
    counted = Movement(
        id=row["id"], site_id=row["site_id"], level_id=row["level_id"], batch_id=row["batch_id"],
        product_id=row["product_id"], kind=MovementKind.COUNT, quantity=row["quantity"], balance=row["balance"],
        reason=reason, reference_kind="stocktake", reference_id=stocktake_id, actor_id=ctx.actor.id,
        actor_name=ctx.actor.name, at=ctx.now,
    )  # fmt: skip
    ctx.note_created(counted)
    if row["quantity"]:
        was = row["balance"] - row["quantity"]
        ctx.note_changed(StockLevel(id=row["level_id"]), quantity=(was, row["balance"]))


def named(lines: list[StocktakeLine]) -> str:
    """The first few places in words."""
    first = [f"{line.location} {line.product.tall_name} {line.batch.number}".strip() for line in lines[:NAMED]]
    if more := len(lines) - len(first):
        first.append(_("%(number)s more", number=more))
    return ", ".join(first)


async def to_be_seen(ctx: Context, stocktake_id: UUID) -> Stocktake:
    """Nobody sees what should be there while it is counted; then whoever supervises, and all when it is posted."""
    stocktake = await ctx.get(Stocktake, stocktake_id, include=(Stocktake.site,))
    posted = stocktake.status is StocktakeStatus.POSTED
    if not posted and not (stocktake.counted and ctx.actor.may("stock.supervise")):
        raise NotToBeSeenYet(permission="stock.supervise")
    return stocktake


@requires("stock.read")
async def differences(ctx: Context, stocktake_id: UUID, after: str | None = None) -> Slice[StocktakeLine]:
    """What was counted against the ledger, in the order of the walk."""
    stocktake = await to_be_seen(ctx, stocktake_id)
    query = line_query(stocktake.id).where(StocktakeLine.difference.is_not(None))
    return await ctx.slice(query, after, size=100, by=StocktakeLine.position, descending=False)


@requires("stock.read")
async def differences_page(ctx: Context, stocktake_id: UUID) -> DifferencesPage:
    """What differs, the dearest first, with what is over and short in all."""
    stocktake = await to_be_seen(ctx, stocktake_id)
    query = line_query(stocktake.id).where(StocktakeLine.difference != 0)
    dearest = func.abs(StocktakeLine.difference * StocktakeLine.unit_value).desc()
    lines = list(await ctx.db.scalars(query.order_by(dearest, StocktakeLine.position)))
    over, short = worth(lines)
    return DifferencesPage(stocktake, lines, over, short, await who_counted(ctx, stocktake.id))


async def who_counted(ctx: Context, stocktake_id: UUID) -> list[tuple[str, int]]:
    """Who has counted, and how many places."""
    query = (
        select(StocktakeCount.counted_name, func.count(StocktakeCount.line_id.distinct()))
        .join(StocktakeLine, StocktakeLine.id == StocktakeCount.line_id)
        .where(StocktakeLine.stocktake_id == stocktake_id)
        .group_by(StocktakeCount.counted_name)
        .order_by(StocktakeCount.counted_name)
    )
    return [(name, number) for name, number in await ctx.db.execute(query)]


@requires("stock.read")
async def differences_csv(ctx: Context, stocktake_id: UUID) -> bytes:
    """All that was counted, for a spreadsheet, in the order of the walk."""
    stocktake = await to_be_seen(ctx, stocktake_id)
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(
        ["Place", "Medicine", "Batch", "Expires", "Unit", "Expected", "Counted", "Difference", "Value", "Counted by"]
    )
    for line in await ctx.db.scalars(line_query(stocktake.id).order_by(StocktakeLine.position)):
        numbers = ["" if number is None else plain(number) for number in (line.expected, line.counted, line.difference)]
        about = [line.location, line.product.name, line.batch.number, line.batch.expires or "", line.product.unit]
        sheet.writerow([*map(harmless, [*about, *numbers, line.value, line.counted_name])])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
