"""Taking back what was just done to an appointment: booked, moved, cancelled, marked absent."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import View
from galen.core.undo import UndoDraft, opened, sealed
from galen.core.web.formats import when
from galen.i18n import gettext as _
from galen.organizations import Site

from .events import AppointmentBooked, AppointmentCancelled, AppointmentMoved
from .models import Appointment, AppointmentStatus

UNDONE = "Undone"  # why a booking that was a slip is cancelled


class Standing(View):
    """How an appointment stood: what a change of it can touch."""

    practitioner_id: UUID
    site_id: UUID
    starts: datetime
    ends: datetime
    status: AppointmentStatus
    price: Decimal
    room: str
    overbooked: bool
    overbook_reason: str
    arrived_at: datetime | None
    ended_reason: str


def standing(appointment: Appointment, **otherwise: Any) -> Standing:
    return Standing.model_validate(appointment).model_copy(update=otherwise)


def tell(ctx: Context, appointment: Appointment, sentence: str, before: Standing) -> None:
    """Say what was done, with the way back where there is one."""
    back = appointment.status is before.status or appointment.status.may_become(before.status)
    undo = ("scheduling.undo", sealed(ctx, appointment, before)) if back else ()
    ctx.flash(sentence, *undo, appointment_id=appointment.id)


@requires("appointment.book")
async def undo(ctx: Context, appointment_id: UUID, draft: UndoDraft) -> Appointment:
    """Take the last change back, for whoever made it: time, place, price and status as they were."""
    appointment = await ctx.get(Appointment, appointment_id, lock=True)
    before = opened(ctx, appointment, Standing, draft)
    restore(ctx, appointment, before)
    site = await ctx.get(Site, before.site_id)
    if before.status is AppointmentStatus.CANCELLED:
        ctx.flash(_("The booking is undone."))
    else:
        ctx.flash(_("Undone: it is at %(time)s again.", time=when(ctx)(before.starts, site)))
    return appointment


def restore(ctx: Context, appointment: Appointment, before: Standing) -> None:
    """As it stood. Whether its time is still free is for the database to say."""
    was = appointment.status
    for name in set(Standing.model_fields) - {"starts", "ends", "status"}:
        setattr(appointment, name, getattr(before, name))
    appointment.during = Range(before.starts, before.ends)
    if before.status is not was:
        appointment.status = before.status
    facts = {before.status: AppointmentCancelled, was: AppointmentBooked}
    fact = facts.get(AppointmentStatus.CANCELLED, AppointmentMoved)
    ctx.emit(fact(appointment.id, appointment.patient_id))
