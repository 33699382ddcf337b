"""Some of today's patients of the demo are here already."""

from uuid import UUID

from sqlalchemy import func, select

from galen import organizations, queue
from galen.core.context import Context
from galen.patients import Patient
from galen.queue import CallDraft, CheckInDraft, WalkInDraft
from galen.scheduling import Appointment, AppointmentStatus


async def seed(ctx: Context) -> None:
    """The queue starts empty every morning."""


async def seed_bulk(ctx: Context) -> None:
    """Up to four are checked in; one doctor has called the first, and someone has walked in."""
    clinic = (await organizations.sites(ctx))[0]
    before, ctx.site = ctx.site, clinic.info
    query = select(Appointment).where(
        Appointment.status == AppointmentStatus.BOOKED, func.lower(Appointment.during) > ctx.now
    )
    booked = list(await ctx.db.scalars(query.order_by(func.lower(Appointment.during)).limit(12)))
    here: dict[UUID, Appointment] = {}
    for appointment in booked:
        today = appointment.starts.astimezone(clinic.tz).date() == ctx.today
        if today and appointment.patient_id not in here and len(here) < 4:
            here[appointment.patient_id] = appointment
            await queue.check_in(ctx, CheckInDraft(appointment_id=appointment.id))
            await ctx.flush()
    if here:
        first = next(iter(here.values()))
        await queue.call_next(ctx, CallDraft(practitioner_id=first.practitioner_id))
        expected = {appointment.patient_id for appointment in booked}
        if stranger := await another(ctx, expected):
            await queue.walk_in(ctx, WalkInDraft(patient_id=stranger))
    ctx.site = before


async def another(ctx: Context, known: set[UUID]) -> UUID | None:
    """Someone who is not expected today."""
    alive = Patient.archived_at.is_(None), Patient.deceased_on.is_(None)
    query = select(Patient.id).where(Patient.id.not_in(known), *alive)
    return await ctx.db.scalar(query.limit(1))
