"""From where on a correction is for the manager; each site may set its own limits."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select

from galen.core.context import Context, SiteInfo
from galen.core.errors import Forbidden
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.medicines import Product

from ..models import Movement, MovementKind, StockLevel
from ..rules import Thresholds, unit_value
from ..schemas import LimitsDraft, LimitsView
from ..stocktakes import StockLimits
from .places import store

WINDOW = timedelta(hours=24)


class ForTheManager(Forbidden):
    message = "So much is taken off by the manager, or whoever else has the permission “stock.supervise”. Ask them."


async def limits_at(ctx: Context, place: SiteInfo) -> Thresholds:
    """What the site has set, else the defaults."""
    kept = await ctx.find_by(StockLimits, StockLimits.site_id, place.id)
    return kept.rule if kept else Thresholds()


async def refuse_write_off(ctx: Context, level: StockLevel, change: Decimal, product: Product) -> None:
    """Refuse to take off more than this person may; what they took off the same place within a day counts with it."""
    if change >= 0 or ctx.actor.may("stock.supervise"):
        return
    lately = select(func.coalesce(func.sum(Movement.quantity), 0)).where(
        Movement.level_id == level.id,
        Movement.actor_id == ctx.actor.id,
        Movement.kind.in_([MovementKind.ADJUST, MovementKind.COUNT]),
        Movement.quantity < 0,
        Movement.at > ctx.now - WINDOW,
    )
    taken = -(change + (await ctx.db.scalar(lately) or 0))
    worth = taken * unit_value(level.batch.unit_cost, product.price, product.pack_size)
    if (await limits_at(ctx, await store(ctx, level.site_id))).needs_manager(taken, worth):
        raise ForTheManager(permission="stock.supervise")


@requires("stock.adjust")
async def limits(ctx: Context) -> LimitsView:
    """The limits of the site worked at."""
    return LimitsView.model_validate(await limits_at(ctx, await store(ctx)))


@requires("stock.supervise")
async def set_limits(ctx: Context, draft: LimitsDraft) -> LimitsView:
    """Set the limits of the site worked at; a stocktake that is open keeps those it began with."""
    here = await store(ctx)
    if kept := await ctx.find_by(StockLimits, StockLimits.site_id, here.id, lock=True):
        draft.onto(kept)
    else:
        ctx.add(draft.into(StockLimits, site_id=here.id))
    ctx.flash(_("The limits hold from now on."))
    return LimitsView.model_validate(draft.model_dump())
