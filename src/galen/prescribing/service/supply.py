"""What becomes of a signed prescription: supplied, brought back, expired. Dispensing and the clock ask for it."""

from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.errors import Conflict
from galen.i18n import formats

from ..events import PrescriptionSupplied
from ..models import Prescription, PrescriptionStatus


class NotValid(Conflict):
    message = "This prescription was valid until {day}. Ask the prescriber for a new one."


class NotYet(Conflict):
    message = "The prescriber asks not to supply this before {day}."


async def mark_dispensed(ctx: Context, prescription_id: UUID, complete: bool) -> Prescription:
    """Something was supplied: all of it, or part. Refused outside its days."""
    rx = await ctx.get(Prescription, prescription_id, lock=True)
    if rx.valid_until and ctx.today > rx.valid_until:
        raise NotValid(day=formats.day(rx.valid_until))
    if rx.not_before and ctx.today < rx.not_before:
        raise NotYet(day=formats.day(rx.not_before))
    rx.status = PrescriptionStatus.DISPENSED if complete else PrescriptionStatus.PARTLY_DISPENSED
    ctx.emit(PrescriptionSupplied(rx.id, rx.patient_id))
    return rx


async def mark_returned(ctx: Context, prescription_id: UUID, nothing_left: bool = True) -> Prescription:
    """A supply was taken back: all of it, or part. A prescription that has ended meanwhile stays so."""
    rx = await ctx.get(Prescription, prescription_id, lock=True)
    if rx.status in (PrescriptionStatus.DISPENSED, PrescriptionStatus.PARTLY_DISPENSED):
        rx.status = PrescriptionStatus.SIGNED if nothing_left else PrescriptionStatus.PARTLY_DISPENSED
    ctx.emit(PrescriptionSupplied(rx.id, rx.patient_id))
    return rx


async def expire(ctx: Context) -> int:
    """Close what may no longer be supplied. Harmless when run twice."""
    query = select(Prescription).where(
        Prescription.status.in_([PrescriptionStatus.SIGNED, PrescriptionStatus.PARTLY_DISPENSED]),
        Prescription.valid_until < ctx.today,
    )
    over = list(await ctx.db.scalars(query.with_for_update(of=Prescription, skip_locked=True).limit(500)))
    for rx in over:
        rx.status = PrescriptionStatus.EXPIRED
    return len(over)
