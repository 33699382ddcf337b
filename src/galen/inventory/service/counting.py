"""Counting, place after place: each count remembers where the ledger stood, so that dispensing may go on."""

from uuid import UUID

from sqlalchemy import func, select

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.medicines import Product, scan_of, scanned

from ..count_views import CountPage, FoundForm
from ..models import Batch, Movement
from ..rules import settles, unit_value
from ..schemas import BatchDraft, Counted, FoundDraft, LineCountDraft
from ..stocktakes import Stocktake, StocktakeCount, StocktakeLine
from .moves import hold, opened, shelf
from .stocktakes import at_work, line_query, progress, refuse_elsewhere


class CountingIsOver(Conflict):
    message = "Stocktake {number} is {status}. Nothing more is counted in it."


class CountedMeanwhile(Conflict):
    message = "{name} has counted this place in the meantime. Go on to the next one."


class NeedsAnother(Conflict):
    message = "You counted this place last. Another person counts it again."


@requires("stock.adjust")
async def count_line(ctx: Context, stocktake_id: UUID, line_id: UUID, draft: LineCountDraft) -> StocktakeLine:
    """Write down what lies in one place, against what the ledger says at this moment."""
    stocktake = await counting(ctx, stocktake_id)
    line = await ctx.get(StocktakeLine, line_id, lock=True)
    if line.stocktake_id != stocktake.id:
        raise Invalid("line_id", _("This place is not on the list of the stocktake."))
    own = line.counted_by == ctx.actor.id
    if line.asked and own:
        raise NeedsAnother
    if draft.rounds not in (None, line.rounds) or (line.settled and not own):
        raise CountedMeanwhile(name=line.counted_name)
    return await write_down(ctx, stocktake, line, draft)


@requires("stock.adjust")
async def add_found(ctx: Context, stocktake_id: UUID, draft: FoundDraft) -> StocktakeLine:
    """A batch that nobody knew in this place: it joins the list, counted."""
    stocktake = await counting(ctx, stocktake_id)
    product = await ctx.get(Product, draft.product_id)
    if draft.expires is None and product.tax_class == "medicine":
        raise Invalid("expires", _("A medicine needs its expiry: a day (2027-06-15) or a month (2027-06)."))
    if not draft.total(product.pack_size):
        raise Invalid("units", _("Write how many packs or loose units were found."))
    await hold(ctx, stocktake.site_id, product.id)
    said = {"product_id": product.id, "number": draft.number, "expires": draft.expires, "units": 1}
    level = await shelf(
        ctx,
        stocktake.site_id,
        BatchDraft.model_validate(said | {"maker": draft.maker, "location": draft.location}),
    )
    await ctx.flush()
    of_stocktake = StocktakeLine.stocktake_id == stocktake.id
    if await ctx.db.scalar(select(StocktakeLine.id).where(of_stocktake, StocktakeLine.level_id == level.id)):
        raise Invalid("number", _("This batch stands on the list in this place. Count it there."))
    last = await ctx.db.scalar(select(func.max(StocktakeLine.position)).where(of_stocktake))
    line = ctx.add(
        StocktakeLine(
            stocktake_id=stocktake.id,
            position=(last or 0) + 1,
            level_id=level.id,
            product_id=product.id,
            batch_id=level.batch_id,
            location=level.location,
            found=True,
            rounds=0,
            unit_value=unit_value(level.batch.unit_cost, product.price, product.pack_size),
        )
    )
    return await write_down(ctx, stocktake, line, draft)


async def counting(ctx: Context, stocktake_id: UUID) -> Stocktake:
    stocktake = await at_work(ctx, stocktake_id)
    if not stocktake.open:
        raise CountingIsOver(number=stocktake.number, status=stocktake.status.value)
    return stocktake


async def write_down(ctx: Context, stocktake: Stocktake, line: StocktakeLine, draft: Counted) -> StocktakeLine:
    """A new round, or one's own last count anew; whether it decides is for the rules."""
    product = await ctx.get(Product, line.product_id)
    await hold(ctx, stocktake.site_id, product.id)
    level = await opened(ctx, line.level_id)
    seq = await ctx.db.scalar(select(func.max(Movement.seq)).where(Movement.level_id == level.id)) or 0
    before = line.pending
    line.rounds += not line.settled  # one's own count of a settled place is the same round anew
    line.counted, line.expected, line.seq = draft.total(product.pack_size), level.quantity, seq
    line.counted_by, line.counted_name, line.counted_at = ctx.actor.id, ctx.actor.name, ctx.now
    difference = line.counted - line.expected
    decides = settles(stocktake.limits, difference, line.unit_value, line.rounds, before)
    line.difference = difference if decides else None
    ctx.add(
        StocktakeCount(
            line_id=line.id,
            line=line,
            round=line.rounds,
            counted=line.counted,
            expected=line.expected,
            seq=seq,
            counted_by=ctx.actor.id,
            counted_name=ctx.actor.name,
            counted_at=ctx.now,
        )
    )
    await ctx.flush()
    ctx.flash(_("Written down.") if decides else _("Written down. Another person counts this place again."))
    return line


@requires("stock.adjust")
async def count_page(
    ctx: Context, stocktake_id: UUID, line_id: UUID | None = None, after: int = 0, code: str = ""
) -> CountPage:
    """One place to be counted: the one asked for, the one whose pack was scanned, else the next that waits."""
    stocktake = await ctx.get(Stocktake, stocktake_id)
    await refuse_elsewhere(ctx, stocktake)
    line = await chosen(ctx, stocktake, line_id, after, code)
    earlier = later = None
    if line:
        of_walk = select(StocktakeLine.id).where(StocktakeLine.stocktake_id == stocktake.id)
        behind, ahead = StocktakeLine.position < line.position, StocktakeLine.position > line.position
        earlier = await ctx.db.scalar(of_walk.where(behind).order_by(StocktakeLine.position.desc()).limit(1))
        later = await ctx.db.scalar(of_walk.where(ahead).order_by(StocktakeLine.position).limit(1))
    return CountPage(stocktake, line, await progress(ctx, stocktake.id), earlier, later, ctx.actor.id)


async def chosen(
    ctx: Context, stocktake: Stocktake, line_id: UUID | None, after: int, code: str
) -> StocktakeLine | None:
    query = line_query(stocktake.id)
    if line_id:
        line: StocktakeLine | None = await ctx.db.scalar(query.where(StocktakeLine.id == line_id))
        return line
    if code.strip():
        return await of_pack(ctx, stocktake, code)
    waits = query.where(StocktakeLine.difference.is_(None), StocktakeLine.counted_by.is_distinct_from(ctx.actor.id))
    ahead_first = (StocktakeLine.position <= after, StocktakeLine.position)
    line = await ctx.db.scalar(waits.order_by(*ahead_first).limit(1))
    return line


async def of_pack(ctx: Context, stocktake: Stocktake, code: str) -> StocktakeLine:
    """The place of the batch that was scanned; when the code names no batch, the first of its medicine that waits."""
    product, scan = await scanned(ctx, code), scan_of(ctx, code)
    query = line_query(stocktake.id).where(StocktakeLine.product_id == product.id)
    if scan and scan.lot:
        query = query.join(Batch, Batch.id == StocktakeLine.batch_id).where(Batch.number == scan.lot)
        if scan.expires:
            query = query.order_by(Batch.expires.is_distinct_from(scan.expires))
    first = query.order_by(StocktakeLine.difference.is_not(None), StocktakeLine.position).limit(1)
    line: StocktakeLine | None = await ctx.db.scalar(first)
    if line is None:
        raise Invalid("code", _("This pack is not on the list. Add it as found, below."))
    return line


@requires("stock.adjust")
async def found_form(ctx: Context, stocktake_id: UUID, code: str = "") -> FoundForm:
    """The form for a batch that is not on the list, filled from its pack when that was scanned."""
    stocktake = await ctx.get(Stocktake, stocktake_id)
    if code.strip():
        return FoundForm(stocktake, await scanned(ctx, code), scan_of(ctx, code))
    return FoundForm(stocktake)
