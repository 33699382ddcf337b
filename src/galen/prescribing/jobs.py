"""What the clock wakes here."""

from galen.core.context import Context
from galen.core.jobs import every

from .service import expire


@every("00:10")
async def close_expired(ctx: Context) -> None:
    await expire(ctx)
