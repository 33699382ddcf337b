"""What the ledger says is used of each medicine at a site, and which batches will not be used in time."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, cast, func, select

from galen.core.context import Context, SiteInfo
from galen.core.gate import requires

from ..models import Batch, BatchStatus, Movement, MovementKind, StockLevel
from ..schemas import ShelfLine, SurplusLine
from ..usage import NOTHING, StockDay, UsableBatch, Usage, unused_by_expiry, usage_of
from .places import local_day, pharmacy
from .shelves import good, shelf_lines

WINDOW = 90
HORIZON = 365  # days: what ends later is no worry of today
OUT = MovementKind.ISSUE, MovementKind.REVERSAL


async def usage_at(
    ctx: Context, place: SiteInfo, days: int = WINDOW, product_ids: Collection[UUID] | None = None
) -> dict[UUID, Usage]:
    """For each medicine kept at a site what was used a day, of the whole days before today, from the ledger.

    What went to another site, was lost or destroyed is no use. A day counts when something could be handed out on it.
    """
    first = local_day(ctx, place) - timedelta(days=days)
    of_product = () if product_ids is None else (StockLevel.product_id.in_(product_ids),)
    moves = await moves_of(ctx, place, first, of_product)
    used: dict[UUID, list[Decimal]] = defaultdict(lambda: [NOTHING] * days)
    stocked: dict[UUID, bytearray] = defaultdict(lambda: bytearray(days))
    query = (
        select(StockLevel.id, StockLevel.product_id, StockLevel.quantity, Batch.expires, Batch.status)
        .join(Batch, Batch.id == StockLevel.batch_id)
        .where(StockLevel.site_id == place.id, *of_product)
    )
    for level in await ctx.db.execute(query):
        of_level = moves.get(level.id, [])
        if not of_level and not level.quantity:
            continue
        mark(stocked[level.product_id], level, of_level, first)
        for move in of_level:
            if (at := (move.day - first).days) < days:
                used[level.product_id][at] += move.used
    return {
        product_id: usage_of(StockDay(u, bool(s)) for u, s in zip(used[product_id], seen, strict=True))
        for product_id, seen in stocked.items()
    }


async def moves_of(ctx: Context, place: SiteInfo, first: date, which: tuple[Any, ...]) -> dict[UUID, list[Any]]:
    """For each place on a shelf, the latest first, what changed on each day since: net, used, set aside or released."""
    zone = ZoneInfo(place.zone)
    day = cast(func.timezone(place.zone, Movement.at), Date)
    query = (
        select(
            Movement.level_id, day.label("day"), func.sum(Movement.quantity).label("net"),
            func.coalesce(-func.sum(Movement.quantity).filter(Movement.kind.in_(OUT)), 0).label("used"),
            func.min(Movement.seq).filter(Movement.kind == MovementKind.QUARANTINE).label("aside"),
            func.min(Movement.seq).filter(Movement.kind == MovementKind.RELEASE).label("released"),
        )
        .where(Movement.site_id == place.id, Movement.at >= datetime.combine(first, time(), zone).astimezone(UTC))
        .group_by(Movement.level_id, day)
        .order_by(Movement.level_id, day.desc())
    )  # fmt: skip
    if which:
        query = query.join(StockLevel, StockLevel.id == Movement.level_id).where(*which)
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in await ctx.db.execute(query):
        found[row.level_id].append(row)
    return found


def mark(days: bytearray, level: Any, moves: list[Any], first: date) -> None:
    """Mark the days on which some of a place could be handed out: at their beginning or at their end. Backwards."""
    good_until = len(days) if level.expires is None else max(0, min(len(days), (level.expires - first).days + 1))
    quantity, free, end = level.quantity, level.status is BatchStatus.OK, len(days)
    for move in moves:
        at = (move.day - first).days  # the day itself has what its end and its beginning had
        if quantity > 0 and free and at < min(end, good_until):
            days[at : min(end, good_until)] = b"\x01" * (min(end, good_until) - at)
        quantity -= move.net
        if move.aside or move.released:  # the first of the day says how it was before
            free = move.released is None or (move.aside is not None and move.aside < move.released)
        end = min(end, at + 1)
    if quantity > 0 and free and (last := min(end, good_until)) > 0:
        days[:last] = b"\x01" * last


async def batches_at(
    ctx: Context, place: SiteInfo, product_ids: Collection[UUID] | None = None
) -> dict[UUID, list[UsableBatch]]:
    """What may be handed out of each medicine at a site today, place by place."""
    query = (
        select(StockLevel.id, StockLevel.product_id, StockLevel.quantity, Batch.expires)
        .join(Batch, Batch.id == StockLevel.batch_id)
        .where(StockLevel.site_id == place.id, StockLevel.quantity > 0, good(local_day(ctx, place)))
    )
    if product_ids is not None:
        query = query.where(StockLevel.product_id.in_(product_ids))
    found: dict[UUID, list[UsableBatch]] = defaultdict(list)
    for row in await ctx.db.execute(query):
        found[row.product_id].append(UsableBatch(row.id, row.expires, row.quantity))
    return found


@requires("stock.read")
async def surplus(ctx: Context, site_id: UUID | None = None) -> list[SurplusLine]:
    """Batches of which some will not be used before they end, at the rate of the last weeks; the soonest first."""
    return await surplus_at(ctx, await pharmacy(ctx, site_id))


async def surplus_at(ctx: Context, place: SiteInfo, most: int = 200) -> list[SurplusLine]:
    """The same for a known place; what was kept for less than two weeks is not judged."""
    today, usage = local_day(ctx, place), await usage_at(ctx, place)
    left: dict[UUID, Decimal] = {}
    for product_id, batches in (await batches_at(ctx, place)).items():
        if (used := usage.get(product_id)) and used.known:
            left |= unused_by_expiry(batches, used.daily, today)
    ends = today + timedelta(days=HORIZON)
    lines = await shelf_lines(ctx, place, StockLevel.id.in_(left), Batch.expires <= ends)
    return [surplus_line(line, left[line.level_id], usage[line.product_id]) for line in lines[:most]]


def surplus_line(line: ShelfLine, left: Decimal, usage: Usage) -> SurplusLine:
    return SurplusLine(**line.model_dump(), surplus=left, daily=usage.daily)
