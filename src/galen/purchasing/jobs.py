"""What purchasing does by itself: the weekly list, and prices that come with a supplier's list."""

from galen.core.context import Context
from galen.core.events import on
from galen.core.jobs import every
from galen.medicines import PriceListApplied

from .service import needs, prices


@every("Monday 10:00")
async def weekly_list(ctx: Context) -> None:
    """What is to be ordered stands in drafts, and the person in charge is told."""
    await needs.weekly_list(ctx)


@on(PriceListApplied)
async def take_over_prices(ctx: Context, fact: PriceListApplied) -> None:
    """An imported list is what its supplier asks."""
    await prices.take_over(ctx, fact.source)
