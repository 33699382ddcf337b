"""The two weeks before today: people were booked, seen and charged; some did not come, some still owe."""

from datetime import date, datetime, time, timedelta
from itertools import cycle

from sqlalchemy import select

from galen import billing, encounters, organizations, scheduling
from galen.billing import Invoice, Method, PaymentDraft
from galen.core.context import Context
from galen.encounters import VisitDraft
from galen.patients import Patient
from galen.scheduling import AppointmentDraft, Slot

DAYS = 14
A_DAY = 3
REASONS = cycle(["Cough", "Blood pressure", "Travel vaccination", "Skin check", "Back pain", "Results", "Headache"])


async def seed(ctx: Context) -> None:
    """The cast begins without a past."""


async def seed_bulk(ctx: Context) -> None:
    """Figures of this day last week, so that today can be compared; today itself as far as it has gone."""
    site, now = ctx.site, ctx.now
    ctx.site = (await organizations.sites(ctx))[0].info
    query = select(Patient).where(Patient.archived_at.is_(None), Patient.deceased_on.is_(None)).order_by(Patient.id)
    people = list(await ctx.db.scalars(query.limit(60)))
    waiting = cycle(people[3:] or people)
    for ago in range(DAYS - 1, -1, -1):
        day = now.astimezone(ctx.zone).date() - timedelta(days=ago)
        for turn, slot in enumerate(await offered(ctx, day, now, 1 if len(people) < A_DAY else A_DAY)):
            await live_through(ctx, next(waiting), slot, missed=turn == 2 and ago % 2 == 1, owed=turn == 2)
    ctx.site, ctx.now = site, now


async def offered(ctx: Context, day: date, now: datetime, count: int) -> list[Slot]:
    """A few times of that day, spread over it, that have passed by now."""
    ctx.now = datetime.combine(day, time(6), ctx.zone)
    slots = [slot for slot in await scheduling.free_slots(ctx, day=day) if slot.ends < now]
    return slots[:: max(1, len(slots) // count)][:count]


async def live_through(ctx: Context, patient: Patient, slot: Slot, *, missed: bool, owed: bool) -> None:
    """Booked, and either seen, charged and mostly paid, or missed."""
    ctx.now = slot.starts - timedelta(days=2)
    asked = AppointmentDraft(
        patient_id=patient.id, practitioner_id=slot.practitioner_id, starts=slot.starts, reason=next(REASONS)
    )
    appointment = await scheduling.book(ctx, asked)
    ctx.now = slot.ends
    if missed:
        await scheduling.no_show(ctx, appointment.id)
        return
    visit = await encounters.start_visit(ctx, VisitDraft(appointment_id=appointment.id))
    visit.started_at = slot.starts
    await ctx.flush()
    await encounters.complete_visit(ctx, visit.id)
    await ctx.flush()
    invoice = await ctx.db.scalar(select(Invoice).where(Invoice.reference_id == visit.id))
    if invoice is not None and not owed:
        await billing.take_payment(ctx, invoice.id, PaymentDraft(method=Method.CARD))
