"""What follows a sign-in that failed, and a password that was forgotten: the same work for a name that nobody has."""

from galen.core.context import Context
from galen.core.events import on
from galen.core.jobs import every

from . import service
from .events import ResetAsked, TriesUsed


@on(TriesUsed)
async def show_lock(ctx: Context, fact: TriesUsed) -> None:
    """Administrators see at which account was guessed."""
    await service.show_lock(ctx, bytes.fromhex(fact.mark))


@on(ResetAsked)
async def send_reset(ctx: Context, fact: ResetAsked) -> None:
    """A link goes out, where the address is that of an account."""
    await service.send_reset(ctx, bytes.fromhex(fact.mark), fact.language)


@every("1h")
async def forget_tries(ctx: Context) -> None:
    """Tries count for half an hour; they are kept for a day."""
    await service.forget_tries(ctx)
