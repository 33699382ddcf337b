"""The drawers of a site: who works at them, what they were left with, and how their tills closed."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.values.money import Money

from ..till_schemas import DrawerDraft, DrawerNow, DrawersView, OverShort, TillPolicyDraft
from ..tills import Drawer, TillPolicy, TillSession, TillState, ZReport
from .charging import refuse_other_currency

REPORTS_SHOWN = 50


class DrawerNameTaken(Conflict):
    message, constraint = "There is a drawer of this name at this site. Choose another name.", "drawer_site_id_name_key"


class DrawerInUse(Conflict):
    message = "A till is open at this drawer. Close the till first, then the drawer can be retired."


@requires("till.manage")
async def drawers(ctx: Context) -> DrawersView:
    """The drawers of this site, their closed tills, and who was over or short."""
    reports = (
        select(ZReport)
        .join(Drawer, Drawer.id == ZReport.drawer_id)
        .where(Drawer.site_id == ctx.here.id)
        .options(selectinload(ZReport.drawer))
        .order_by(ZReport.closed_at.desc(), ZReport.id.desc())
        .limit(REPORTS_SHOWN)
    )
    return DrawersView(
        site=ctx.here.name,
        drawers=await drawers_now(ctx, ctx.here.id, retired=True),
        reports=list(await ctx.db.scalars(reports)),
        people=await over_and_short(ctx, ctx.here.id),
        policy=await ctx.find_by(TillPolicy, TillPolicy.site_id, ctx.here.id),
    )


async def over_and_short(ctx: Context, site_id: UUID) -> list[OverShort]:
    """What each person's tills at a site were over and short, altogether; the largest difference first."""
    query = (
        select(
            func.max(ZReport.cashier),
            func.count(),
            func.coalesce(func.sum(ZReport.difference).filter(ZReport.difference > 0), 0),
            func.coalesce(func.sum(ZReport.difference).filter(ZReport.difference < 0), 0),
        )
        .join(Drawer, Drawer.id == ZReport.drawer_id)
        .where(Drawer.site_id == site_id)
        .group_by(ZReport.account_id)
    )
    currency = ctx.organization.currency
    people = [
        OverShort(cashier, closed, Money(over, currency), Money(short, currency))
        for cashier, closed, over, short in await ctx.db.execute(query)
    ]
    return sorted(people, key=lambda person: (person.short.amount - person.over.amount, person.cashier))


async def drawers_now(ctx: Context, site_id: UUID, *, retired: bool = False) -> list[DrawerNow]:
    """The drawers of a site by name, with the till that is open at each and the last one that was closed."""
    query = select(Drawer).where(Drawer.site_id == site_id).order_by(Drawer.retired, func.lower(Drawer.name))
    there = list(await ctx.db.scalars(query if retired else query.where(~Drawer.retired)))
    ids = [drawer.id for drawer in there]
    busy = select(TillSession).where(TillSession.drawer_id.in_(ids), TillSession.status != TillState.CLOSED)
    latest = (
        select(ZReport)
        .ext(distinct_on(ZReport.drawer_id))
        .where(ZReport.drawer_id.in_(ids))
        .order_by(ZReport.drawer_id, ZReport.number.desc())
    )
    sessions = {session.drawer_id: session for session in await ctx.db.scalars(busy)}
    last = {report.drawer_id: report for report in await ctx.db.scalars(latest)}
    nothing = Money.zero(ctx.organization.currency)
    return [
        DrawerNow(
            drawer=drawer,
            session=sessions.get(drawer.id),
            left_in=last[drawer.id].left_money if drawer.id in last else nothing,
            last=last.get(drawer.id),
        )
        for drawer in there
    ]


async def left_in(ctx: Context, drawer_id: UUID, currency: str) -> Money:
    """What the last till left in a drawer: the float of the next."""
    query = select(ZReport.left_in).where(ZReport.drawer_id == drawer_id).order_by(ZReport.number.desc()).limit(1)
    return Money(await ctx.db.scalar(query) or Decimal(0), currency)


@requires("till.manage")
async def add_drawer(ctx: Context, draft: DrawerDraft) -> Drawer:
    """A drawer at this site."""
    taken = select(Drawer.id).where(Drawer.site_id == ctx.here.id, Drawer.name == draft.name)
    if await ctx.db.scalar(taken):
        raise DrawerNameTaken
    ctx.flash(_("The drawer %(name)s is ready.", name=draft.name))
    return ctx.add(Drawer(site_id=ctx.here.id, name=draft.name, retired=False))


@requires("till.manage")
async def rename_drawer(ctx: Context, drawer_id: UUID, draft: DrawerDraft) -> Drawer:
    """Another name for a drawer; its reports stay with it."""
    drawer = await ctx.get(Drawer, drawer_id, lock=True)
    drawer.name = draft.name
    ctx.flash(_("The drawer is now called %(name)s.", name=draft.name))
    return drawer


@requires("till.manage")
async def retire_drawer(ctx: Context, drawer_id: UUID) -> Drawer:
    """Open no more tills at a drawer. Its reports stay, and it can be used again."""
    drawer = await ctx.get(Drawer, drawer_id, lock=True)
    busy = select(TillSession.id).where(TillSession.drawer_id == drawer.id, TillSession.status != TillState.CLOSED)
    if await ctx.db.scalar(busy):
        raise DrawerInUse
    drawer.retired = True
    ctx.flash(_("The drawer %(name)s is retired.", name=drawer.name))
    return drawer


@requires("till.manage")
async def use_drawer(ctx: Context, drawer_id: UUID) -> Drawer:
    """Use a retired drawer again."""
    drawer = await ctx.get(Drawer, drawer_id, lock=True)
    drawer.retired = False
    ctx.flash(_("The drawer %(name)s is used again.", name=drawer.name))
    return drawer


@requires("till.manage")
async def set_till_policy(ctx: Context, draft: TillPolicyDraft) -> TillPolicy:
    """What this site wants of its tills."""
    refuse_other_currency(draft.currency, ctx.organization.currency, "tolerance")
    try:
        Money(draft.tolerance, ctx.organization.currency)
    except ValueError as error:
        raise Invalid("tolerance", str(error)) from None
    policy = await ctx.find_by(TillPolicy, TillPolicy.site_id, ctx.here.id, lock=True)
    policy = policy or ctx.add(TillPolicy(site_id=ctx.here.id))
    policy.cash_needs_till, policy.tolerance = draft.cash_needs_till, draft.tolerance
    ctx.flash(_("Kept: how tills work at %(site)s.", site=ctx.here.name))
    return policy
