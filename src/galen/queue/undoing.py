"""Taking back what was just done at the desk: a check-in, a call, somebody marked as gone or not there."""

from datetime import datetime
from uuid import UUID

from galen import scheduling
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import View
from galen.core.undo import UndoDraft, opened, sealed
from galen.i18n import gettext as _
from galen.i18n import label
from galen.scheduling import Appointment, Standing

from .events import QueueMoved
from .models import Token, TokenStatus


class TokenStanding(View):
    """How a place in the queue stood, and the appointment that it belongs to."""

    status: TokenStatus
    practitioner_id: UUID | None
    called_at: datetime | None
    calls: int
    called_by: UUID | None
    room: str
    entered_at: datetime | None
    ended_at: datetime | None
    appointment: Standing | None = None
    new: bool = False  # there was none: the patient had just been checked in


def place_of(token: Token, appointment: Appointment | None = None) -> TokenStanding:
    """How it stands now, before it is changed; with the appointment when that is changed, too."""
    booked = scheduling.standing(appointment) if appointment else None
    return TokenStanding.model_validate(token).model_copy(update={"appointment": booked})


def tell(ctx: Context, token: Token, sentence: str, before: TokenStanding) -> Token:
    """Say what was done, with the way back where there is one."""
    back = before.new or token.status is before.status or token.status.may_become(before.status)
    undo = "queue.undo_check_in" if before.new else "queue.undo"
    ctx.flash(sentence, *((undo, sealed(ctx, token, before)) if back else ()), token_id=token.id)
    return token


@requires("queue.checkin")
async def undo_check_in(ctx: Context, token_id: UUID, draft: UndoDraft) -> Token:
    """The patient is not here after all: their number goes, and is given to nobody else."""
    token = await ctx.get(Token, token_id, lock=True)
    before = opened(ctx, token, TokenStanding, draft)
    await restore_appointment(ctx, token, before)
    await ctx.db.delete(token)
    ctx.emit(QueueMoved(token.id))
    ctx.flash(_("Undone: number %(number)s is not checked in.", number=token.label))
    return token


@requires("queue.read")
async def undo(ctx: Context, token_id: UUID, draft: UndoDraft) -> Token:
    """Take the last change of a place in the queue back, for whoever made it."""
    token = await ctx.get(Token, token_id, lock=True)
    before = opened(ctx, token, TokenStanding, draft)
    await restore_appointment(ctx, token, before)
    for name in set(TokenStanding.model_fields) - {"status", "appointment", "new"}:
        setattr(token, name, getattr(before, name))
    if before.status is not token.status:
        token.status = before.status
    ctx.emit(QueueMoved(token.id))
    ctx.flash(_("Undone: number %(number)s is %(status)s again.", number=token.label, status=label(token.status)))
    return token


async def restore_appointment(ctx: Context, token: Token, before: TokenStanding) -> None:
    if token.appointment_id and before.appointment:
        scheduling.restore(ctx, await scheduling.held(ctx, token.appointment_id), before.appointment)
