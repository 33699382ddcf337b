"""Measured while the patient waits: a nurse need not wait for the doctor to open the visit."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from galen import patients
from galen.core.context import Context
from galen.core.errors import Conflict, NotFound
from galen.core.gate import requires
from galen.patients import BannerView
from galen.queue import Token, TokenStatus
from galen.scheduling import Appointment, AppointmentStatus

from ..events import VisitChanged
from ..models import Visit, VisitStatus, Vitals
from ..schemas import VitalsDraft, VitalsView
from .beforehand import midnight
from .vitals import OF_PATIENT, measured, written

HERE = (TokenStatus.WAITING, TokenStatus.CALLED, TokenStatus.IN_ROOM, TokenStatus.SKIPPED)
EXPECTED = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS)


class NotCheckedIn(Conflict):
    message = "This patient is neither checked in here today nor expected. Check them in first, or start a visit."


@requires("visit.write")
async def measure(ctx: Context, patient_id: UUID, draft: VitalsDraft) -> Vitals:
    """Keep measurements of somebody who waits here: they stand in the visit once it begins, or in the open one."""
    kept = measured(draft)
    row = await OF_PATIENT.one(ctx, patient_id=patient_id, now=ctx.now)
    if row is None:
        raise NotFound(thing="patient")
    visit_id = await open_here(ctx, patient_id)
    if visit_id is None and not await is_here(ctx, patient_id):
        raise NotCheckedIn
    vitals = written(ctx, draft, kept, [*row])
    vitals.visit_id, vitals.site_id = visit_id, None if visit_id else ctx.here.id
    ctx.emit(VisitChanged(visit_id, patient_id))
    return vitals


async def open_here(ctx: Context, patient_id: UUID) -> UUID | None:
    """The visit in which this patient is now, at this site."""
    query = select(Visit.id).where(
        Visit.patient_id == patient_id, Visit.site_id == ctx.here.id, Visit.status == VisitStatus.OPEN
    )
    return await ctx.db.scalar(query.order_by(Visit.started_at.desc()).limit(1))


async def is_here(ctx: Context, patient_id: UUID) -> bool:
    """Checked in, or booked for today, at this site."""
    token = exists().where(
        Token.patient_id == patient_id, Token.site_id == ctx.here.id, Token.day == ctx.today, Token.status.in_(HERE)
    )
    booked = exists().where(
        Appointment.patient_id == patient_id,
        Appointment.site_id == ctx.here.id,
        Appointment.status.in_(EXPECTED),
        func.lower(Appointment.during).between(midnight(ctx), midnight(ctx) + timedelta(days=1)),
    )
    return bool(await ctx.db.scalar(select(or_(token, booked))))


@dataclass(frozen=True)
class MeasurePage:
    """A form for somebody who waits, with what was measured of them today."""

    banner: BannerView
    here: bool
    vitals: list[VitalsView]


@requires("visit.write")
async def measure_page(ctx: Context, patient_id: UUID) -> MeasurePage:
    """Measure somebody who waits, without a visit."""
    banner = await patients.banner(ctx, patient_id)
    query = select(Vitals).where(Vitals.patient_id == patient_id, Vitals.taken_at >= midnight(ctx))
    taken = [
        VitalsView.model_validate(vitals) for vitals in await ctx.db.scalars(query.order_by(Vitals.taken_at.desc()))
    ]
    here = await open_here(ctx, patient_id) is not None or await is_here(ctx, patient_id)
    return MeasurePage(banner, here, taken)
