"""What wakes recalls: patients who wait for their message, and what became of one."""

from galen.core.context import Context
from galen.core.events import on
from galen.notifications import MessageSettled

from . import service
from .events import PatientsToTell


@on(PatientsToTell)
async def tell_the_waiting(ctx: Context, fact: PatientsToTell) -> None:
    """The next hundred patients get their message."""
    await service.send_waiting(ctx, fact)


@on(MessageSettled)
async def note_message(ctx: Context, fact: MessageSettled) -> None:
    """A message arrived, or did not."""
    await service.note_message(ctx, fact.message_id)
