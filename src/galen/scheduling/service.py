"""The verbs of appointments that stand: who came, who did not, who has been seen; and the lists of them."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, func, literal, select
from sqlalchemy.orm import selectinload

from galen import patients
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden
from galen.core.gate import requires
from galen.core.schemas import Slice, TimelineEntry
from galen.core.state import CannotBecome
from galen.i18n import gettext as _
from galen.i18n import label
from galen.organizations import Site
from galen.patients import Patient

from .booking import CannotMove, refuse_patient_too_late
from .events import AppointmentArrived, AppointmentCancelled, AppointmentMissed, AppointmentMoved
from .models import LIVE, Appointment, AppointmentStatus
from .schemas import AppointmentCancelDraft, AppointmentChange
from .slots import between
from .undoing import standing, tell

Status = AppointmentStatus
HALF_A_DAY = timedelta(hours=12)


class TooEarly(Conflict):
    message = "This appointment has not begun yet. Cancel it instead."


class NoLongerBooked(CannotBecome):
    message = "This appointment was cancelled. Book a new one, or take the patient as a walk-in."


@requires("appointment.book")
async def amend(ctx: Context, appointment_id: UUID, draft: AppointmentChange) -> Appointment:
    """Change the reason, the kind or the room of an appointment that is still to come."""
    appointment = await ctx.get(Appointment, appointment_id, lock=True)
    if appointment.status not in LIVE:
        raise CannotMove(status=label(appointment.status))
    if "room" in draft.model_fields_set and not ctx.actor.may("appointment.manage"):
        raise Forbidden(permission="appointment.manage")
    for field in draft.model_fields_set:
        if (value := getattr(draft, field)) is not None:
            setattr(appointment, field, value)
    ctx.emit(AppointmentMoved(appointment.id, appointment.patient_id))
    return appointment


@requires("appointment.book")
async def cancel(ctx: Context, appointment_id: UUID, draft: AppointmentCancelDraft) -> Appointment:
    """Give the time free again, and keep why."""
    appointment = await ctx.get(Appointment, appointment_id, lock=True)
    refuse_patient_too_late(ctx, appointment)
    before = standing(appointment)
    appointment.status, appointment.ended_reason = Status.CANCELLED, draft.reason
    ctx.emit(AppointmentCancelled(appointment.id, appointment.patient_id))
    tell(ctx, appointment, _("The appointment is cancelled."), before)
    return appointment


@requires("appointment.manage")
async def no_show(ctx: Context, appointment_id: UUID) -> Appointment:
    """The person did not come. Not before the time has begun."""
    appointment = await ctx.get(Appointment, appointment_id, lock=True)
    if ctx.now < appointment.starts:
        raise TooEarly
    before = standing(appointment)
    tell(ctx, absent(ctx, appointment, Status.NO_SHOW), _("Marked as not come."), before)
    return appointment


@requires("appointment.manage")
async def left(ctx: Context, appointment_id: UUID) -> Appointment:
    """The person came, and left before being seen."""
    appointment = await ctx.get(Appointment, appointment_id, lock=True)
    before = standing(appointment)
    tell(ctx, absent(ctx, appointment, Status.LEFT), _("Marked as left."), before)
    return appointment


def absent(ctx: Context, appointment: Appointment, status: AppointmentStatus) -> Appointment:
    appointment.status = status
    ctx.emit(AppointmentMissed(appointment.id, appointment.patient_id))
    return appointment


async def held(ctx: Context, appointment_id: UUID) -> Appointment:
    """One appointment, locked, for a room above that has asked for its own permission: whoever's calendar it is in."""
    appointment = await ctx.get(
        Appointment, appointment_id, lock=True, bypass_visibility="the module above has asked for its own permission"
    )
    if appointment.status is Status.CANCELLED:
        raise NoLongerBooked
    return appointment


async def arrive(ctx: Context, appointment_id: UUID) -> Appointment:
    """The person is here. Someone marked absent comes beside whoever has been given the time since."""
    appointment = await held(ctx, appointment_id)
    if appointment.status in (Status.NO_SHOW, Status.LEFT):
        appointment.overbooked, appointment.room = True, ""
        appointment.overbook_reason = "Came after being marked absent"
    appointment.status, appointment.arrived_at = Status.ARRIVED, ctx.now
    ctx.emit(AppointmentArrived(appointment.id, appointment.patient_id))
    return appointment


async def begin(ctx: Context, appointment_id: UUID) -> Appointment:
    """The person is being seen."""
    appointment = await held(ctx, appointment_id)
    appointment.status = Status.IN_PROGRESS
    appointment.arrived_at = appointment.arrived_at or ctx.now
    return appointment


async def complete(ctx: Context, appointment_id: UUID) -> Appointment:
    """The person has been seen."""
    appointment = await held(ctx, appointment_id)
    appointment.status = Status.COMPLETED
    return appointment


async def miss(ctx: Context, appointment_id: UUID, *, came: bool) -> Appointment:
    """What the queue found out: the person did not answer, or (`came`) left before being seen."""
    return absent(ctx, await held(ctx, appointment_id), Status.LEFT if came else Status.NO_SHOW)


def with_names(query: Select[Appointment]) -> Select[Appointment]:
    """With what a list shows of each: the patient's, the practitioner's and the site's name."""
    return query.options(
        selectinload(Appointment.patient).raiseload(Patient.allergies),
        selectinload(Appointment.practitioner),
        selectinload(Appointment.site),
    )


@requires("appointment.read")
async def appointments(
    ctx: Context,
    day: date | None = None,
    practitioner_id: UUID | None = None,
    patient_id: UUID | None = None,
    site_id: UUID | None = None,
    status: AppointmentStatus | None = None,
    after: str | None = None,
) -> Slice[Appointment]:
    """Appointments this person may see: those of a day in order of time, otherwise the latest booked first."""
    if patient_id:
        await patients.known(ctx, patient_id)
    query = with_names(select(Appointment))
    if day:
        query = query.where(begins_on(ctx, day))
    for column, value in (
        (Appointment.practitioner_id, practitioner_id),
        (Appointment.patient_id, patient_id),
        (Appointment.site_id, site_id),
        (Appointment.status, status),
    ):
        if value is not None:
            query = query.where(column == value)
    part: Slice[Appointment] = await ctx.slice(query, after, size=500 if day else 50)
    if day:
        part.items.sort(key=lambda appointment: appointment.starts)
    return part


def begins_on(ctx: Context, day: date | None) -> ColumnElement[bool]:
    """That an appointment begins on this day of its own site, or on what is today there."""
    zone = select(Site.zone).where(Site.id == Appointment.site_id).correlate(Appointment).scalar_subquery()
    begins = func.lower(Appointment.during)
    near = between(day or (ctx.now - HALF_A_DAY).date(), day or (ctx.now + HALF_A_DAY).date())
    its_day: Any = literal(day) if day else cast(func.timezone(zone, ctx.now), Date)
    return and_(begins.between(near.lower, near.upper), cast(func.timezone(zone, begins), Date) == its_day)


@requires("appointment.read")
async def day_list(ctx: Context, practitioner_id: UUID, day: date | None = None) -> list[Appointment]:
    """A doctor's appointments on one day, in order of time."""
    query = with_names(select(Appointment)).where(
        Appointment.practitioner_id == practitioner_id,
        begins_on(ctx, day),
    )
    return list(await ctx.db.scalars(query.order_by(Appointment.during)))


@requires("appointment.read")
async def of_patient(ctx: Context, patient_id: UUID) -> list[Appointment]:
    """A patient's appointments, the latest first."""
    await patients.known(ctx, patient_id)
    query = with_names(select(Appointment)).where(Appointment.patient_id == patient_id)
    return list(await ctx.db.scalars(query.order_by(func.lower(Appointment.during).desc()).limit(20)))


@requires("appointment.read")
async def on_timeline(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """Appointments as lines of the patient's story."""
    return [
        TimelineEntry(
            at=appointment.starts.astimezone(appointment.site.tz),
            icon="calendar-event",
            title=_("Appointment with %(practitioner)s", practitioner=appointment.practitioner.name),
            detail=", ".join(filter(None, (label(appointment.status), appointment.reason))),
            href=f"/appointments/{appointment.id}",
        )
        for appointment in await of_patient(ctx, patient_id)
    ]
