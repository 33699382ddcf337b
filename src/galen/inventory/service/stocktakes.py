"""A stocktake as a document: what it walks, who opened it, where it stands."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from galen.core.context import Context, SiteInfo
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.i18n import label, ngettext
from galen.medicines import Product
from galen.values import like

from ..count_views import Progress, StocktakeForm, StocktakeList, StocktakePage
from ..models import Batch, Movement, MovementKind, StockLevel
from ..rules import unit_value
from ..schemas import CancelStocktakeDraft, StocktakeDraft
from ..stocktakes import Stocktake, StocktakeLine, StocktakeScope, StocktakeStatus
from .authority import limits_at
from .places import store

LIVE = Stocktake.status.in_([StocktakeStatus.OPEN, StocktakeStatus.COUNTED])


class AlreadyCounting(Conflict):
    message = "A stocktake is under way at this site. Post or cancel it first."
    constraint = "stocktake_live_key"


class CountedElsewhere(Conflict):
    message = "This stocktake is of another site. It is counted there."


class NotYetCounted(Conflict):
    message = "{again} places have to be counted again by another person first."


@requires("stock.adjust")
async def open_stocktake(ctx: Context, draft: StocktakeDraft) -> Stocktake:
    """List the places in scope as one walks past them; from now on they can be counted, and dispensing goes on."""
    here = await store(ctx)
    if await ctx.db.scalar(select(Stocktake.id).where(LIVE, Stocktake.site_id == here.id)):
        raise AlreadyCounting
    limits = await limits_at(ctx, here)
    stocktake = draft.into(
        Stocktake,
        number=f"S{await next_number(ctx, 'stocktake'):06}",
        site_id=here.id,
        recount_units=limits.recount_units,
        recount_value=limits.recount_value,
        opened_by=ctx.actor.id,
        opened_name=ctx.actor.name,
        opened_at=ctx.now,
    )
    lines = [
        StocktakeLine(
            stocktake_id=stocktake.id,
            position=position,
            level_id=row.id,
            product_id=row.product_id,
            batch_id=row.batch_id,
            location=row.location,
            found=False,
            rounds=0,
            counted_name="",
            unit_value=unit_value(row.unit_cost, row.price, row.pack_size),
        )
        for position, row in enumerate(await ctx.db.execute(walk(here, draft)), 1)
    ]
    if not lines:
        raise Invalid("scope", _("Nothing lies in what was chosen. Choose another place, medicine or day."))
    ctx.add(stocktake)
    await ctx.insert_many(StocktakeLine, lines)
    places = ngettext("%(num)s place to count.", "%(num)s places to count.", len(lines))
    ctx.flash(_("%(number)s is open: %(places)s", number=stocktake.number, places=places))
    return stocktake


def walk(here: SiteInfo, draft: StocktakeDraft) -> Any:
    """The places in scope, place by place, then by name, first expired first."""
    columns = StockLevel.id, StockLevel.product_id, StockLevel.batch_id, StockLevel.location
    query = (
        select(*columns, Batch.unit_cost, Product.price, Product.pack_size)
        .join(Batch, Batch.id == StockLevel.batch_id)
        .join(Product, Product.id == StockLevel.product_id)
        .where(StockLevel.site_id == here.id)
        .order_by(StockLevel.location, Product.sort, Batch.expires.nulls_last(), Batch.number, StockLevel.id)
    )
    there = StockLevel.quantity > 0
    if draft.scope is StocktakeScope.PLACE:
        return query.where(there, StockLevel.location.ilike(like.beginning(draft.place)))
    if draft.scope is StocktakeScope.MEDICINES:
        return query.where(there, StockLevel.product_id.in_(draft.product_ids))
    if draft.scope is StocktakeScope.ALL or draft.since is None:
        return query.where(there)
    begin = datetime.combine(draft.since, time(), ZoneInfo(here.zone)).astimezone(UTC)
    since = select(Movement.id).where(Movement.level_id == StockLevel.id, Movement.at >= begin)
    if draft.scope is StocktakeScope.MOVED:
        return query.where(since.exists())
    return query.where(there, ~since.where(Movement.kind == MovementKind.COUNT).exists())


async def at_work(ctx: Context, stocktake_id: UUID) -> Stocktake:
    """A stocktake of the site worked at, held until the end: those who count and those who post take turns."""
    stocktake = await ctx.get(Stocktake, stocktake_id, lock=True)
    await refuse_elsewhere(ctx, stocktake)
    return stocktake


async def refuse_elsewhere(ctx: Context, stocktake: Stocktake) -> None:
    """It is counted by those who work there; whoever supervises may look after it from anywhere."""
    if not ctx.actor.may("stock.supervise") and stocktake.site_id != (await store(ctx)).id:
        raise CountedElsewhere


async def progress(ctx: Context, stocktake_id: UUID) -> Progress:
    """How many places there are, how many are done, how many have to be counted again."""
    settled, counted = StocktakeLine.difference.is_not(None), StocktakeLine.rounds > 0
    row = (
        await ctx.db.execute(
            select(
                func.count(),
                func.count().filter(settled),
                func.count().filter(and_(counted, ~settled)),
                func.count().filter(~counted),
            ).where(StocktakeLine.stocktake_id == stocktake_id)
        )
    ).one()
    return Progress(*row)


@requires("stock.adjust")
async def complete_stocktake(ctx: Context, stocktake_id: UUID) -> Stocktake:
    """Everything is counted that will be; now the differences may be seen by whoever supervises."""
    stocktake = await at_work(ctx, stocktake_id)
    if again := (await progress(ctx, stocktake.id)).again:
        raise NotYetCounted(again=again)
    stocktake.status = StocktakeStatus.COUNTED
    ctx.flash(_("Counted. Whoever supervises looks at the differences and posts them."))
    return stocktake


@requires("stock.supervise")
async def reopen_stocktake(ctx: Context, stocktake_id: UUID) -> Stocktake:
    """Something is still to be counted."""
    stocktake = await at_work(ctx, stocktake_id)
    stocktake.status = StocktakeStatus.OPEN
    ctx.flash(_("Open again: the places can be counted."))
    return stocktake


@requires("stock.adjust")
async def cancel_stocktake(ctx: Context, stocktake_id: UUID, draft: CancelStocktakeDraft) -> Stocktake:
    """It comes to nothing: the stock stays as it is, and the counts stay readable in the audit log."""
    stocktake = await at_work(ctx, stocktake_id)
    stocktake.status, stocktake.ended_because = StocktakeStatus.CANCELLED, draft.reason
    ctx.flash(_("Cancelled. The stock is as it was."))
    return stocktake


@requires("stock.read")
async def stocktakes(ctx: Context, status: StocktakeStatus | None = None, after: str | None = None) -> Slice[Stocktake]:
    """The stocktakes of all sites, newest first."""
    query = select(Stocktake).options(joinedload(Stocktake.site))
    return await ctx.slice(query.where(Stocktake.status == status) if status else query, after)


@requires("stock.read")
async def stocktake_list(ctx: Context, after: str | None = None) -> StocktakeList:
    """The same as a page, with the limits of the site worked at."""
    here = ctx.site
    return StocktakeList(await stocktakes(ctx, None, after), await limits_at(ctx, here) if here else None)


@requires("stock.adjust")
async def stocktake_form(ctx: Context) -> StocktakeForm:
    """What can be counted at the site worked at."""
    return StocktakeForm(await store(ctx), [(scope.value, label(scope).capitalize()) for scope in StocktakeScope])


@requires("stock.read")
async def stocktake(ctx: Context, stocktake_id: UUID) -> StocktakePage:
    """One stocktake: how far it is; its differences stand on a page of their own."""
    found = await ctx.get(Stocktake, stocktake_id, include=(Stocktake.site,))
    uncounted = await uncounted_lines(ctx, found.id) if found.counted else []
    may_see = found.status is StocktakeStatus.POSTED or (found.counted and ctx.actor.may("stock.supervise"))
    return StocktakePage(found, await progress(ctx, found.id), uncounted, may_see)


@requires("stock.read")
async def open_stocktake_record(ctx: Context, stocktake_id: UUID) -> Stocktake:
    """One stocktake, for programs."""
    return await ctx.get(Stocktake, stocktake_id)


async def uncounted_lines(ctx: Context, stocktake_id: UUID) -> list[StocktakeLine]:
    """The places that nobody counted, in the order of the walk."""
    query = line_query(stocktake_id).where(StocktakeLine.rounds == 0).order_by(StocktakeLine.position)
    return list(await ctx.db.scalars(query))


def line_query(stocktake_id: UUID) -> Any:
    """The lines of a stocktake with what they are of."""
    with_names = joinedload(StocktakeLine.product), joinedload(StocktakeLine.batch)
    return select(StocktakeLine).where(StocktakeLine.stocktake_id == stocktake_id).options(*with_names)


@requires("stock.read")
async def stocktake_lines(
    ctx: Context, stocktake_id: UUID, only: str = "", after: str | None = None
) -> Slice[StocktakeLine]:
    """The places of a stocktake in the order of the walk, without quantities; `only` "open" leaves out what is done."""
    found = await ctx.get(Stocktake, stocktake_id)
    query = line_query(found.id)
    if only == "open":
        query = query.where(or_(StocktakeLine.difference.is_(None), StocktakeLine.rounds == 0))
    return await ctx.slice(query, after, size=100, by=StocktakeLine.position, descending=False)


def worth(lines: list[StocktakeLine]) -> tuple[Decimal, Decimal]:
    """What is over and what is short, in money."""
    over = sum((line.value for line in lines if line.value > 0), Decimal(0))
    return over, sum((line.value for line in lines if line.value < 0), Decimal(0))
