"""What the clock does at the counter."""

from galen.core.context import Context
from galen.core.jobs import every

from . import service


@every("04:30")
async def void_forgotten(ctx: Context) -> None:
    """Baskets that nobody came back for."""
    await service.void_forgotten(ctx)
