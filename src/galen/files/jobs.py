from galen.core.context import Context
from galen.core.jobs import every

from . import service


@every("03:30")
async def sweep(ctx: Context) -> None:
    """Files of transactions that were rolled back leave the store."""
    await service.sweep(ctx)
