"""What the cold chain does by itself: telling at once, and looking every minute."""

from galen.core.context import Context
from galen.core.events import on
from galen.core.jobs import every

from .events import ExcursionOpened
from .service import alarms


@on(ExcursionOpened)
async def tell(ctx: Context, fact: ExcursionOpened) -> None:
    """Whoever decides at the site is told at once."""
    await alarms.escalate(ctx, fact.excursion_id)


@every("1m")
async def watch(ctx: Context) -> None:
    """What has fallen silent, what goes on, and who is told next."""
    await alarms.watch(ctx)
