"""What inventory does by itself: telling the pharmacists what runs low and what ends."""

from galen.core.context import Context
from galen.core.events import on
from galen.core.jobs import every

from .events import StockLow
from .service import rounds


@on(StockLow)
async def tell_of_shortage(ctx: Context, fact: StockLow) -> None:
    """The pharmacists hear of what runs low."""
    await rounds.tell_of_shortage(ctx, fact)


@every("30m")
async def morning_round(ctx: Context) -> None:
    """The pharmacists' day begins with what is out, low, or ends soon: at eight on the clock of each place, once."""
    await rounds.morning_round(ctx)
