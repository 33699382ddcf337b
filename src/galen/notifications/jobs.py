"""What sends messages: the fact that one waits, and the clock."""

from galen.core.context import Context
from galen.core.events import on
from galen.core.jobs import every

from . import service
from .events import MessageQueued


@on(MessageQueued)
async def deliver(ctx: Context, fact: MessageQueued) -> None:
    """A message waits to go out."""
    await service.deliver(ctx, fact.message_id)


@every("30s")
async def deliver_due(ctx: Context) -> None:
    """What did not arrive is tried again."""
    await service.deliver_due(ctx)
