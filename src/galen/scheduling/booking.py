"""The verbs that take a time in the calendar: book and reschedule, and what it costs."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import Range

from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid, NotFound
from galen.core.fast.prepared_query import PreparedQuery
from galen.core.gate import requires
from galen.core.visibility import bypass_visibility
from galen.core.web.formats import clock, when
from galen.i18n import gettext as _
from galen.i18n import label
from galen.organizations import Site
from galen.patients import Patient
from galen.values.money import Money

from .events import AppointmentBooked, AppointmentMoved
from .models import BOOKABLE, LIVE, Appointment, AppointmentStatus, Practitioner, StandardFees
from .roster import clock_of, on_clock, own_profile
from .rules import Fees, Span, price
from .schemas import AppointmentDraft, MoveDraft
from .slots import Slot, lasting, slot_at, slot_of
from .undoing import UNDONE, standing, tell

Status = AppointmentStatus
USUAL = timedelta(minutes=15)


class SlotTaken(Conflict):
    message, constraint = "This time has just been taken. Choose another one.", "appointment_practitioner_excl"


class PatientBusy(Conflict):
    message, constraint = "This patient has another appointment at that time.", "appointment_patient_excl"


class RoomTaken(Conflict):
    message, constraint = "The room is taken at that time. Choose another time or room.", "appointment_room_excl"


class NotOffered(Conflict):
    message = "{name} offers no such slot. Choose one of the free slots, or book all the same and say why."


class TooLongHere(Conflict):
    message = "{name} is not free for {minutes} minutes from then on. Choose another time, or a shorter visit."


class SlotPast(Conflict):
    message = "This time is over. Choose a later one."


class NotYours(Conflict):
    message = "You can book, move and cancel only your own appointments."


class CannotMove(Conflict):
    message = "This appointment is {status} and can no longer be moved. Book a new one."


class CannotBook(Conflict):
    message = "This patient's record is closed ({why}); no appointment can be booked for them."


class NoSuchVisits(Conflict):
    message = "Teleconsultations cannot be held with Galen yet. Book a visit in person."


@requires("appointment.book")
async def book(ctx: Context, draft: AppointmentDraft) -> Appointment:
    """Book a time. Of any number of people who ask for the same one, exactly one gets it."""
    practitioner = await ctx.get(Practitioner, draft.practitioner_id)
    await refuse_foreign(ctx, practitioner.id)
    if draft.kind not in BOOKABLE:
        raise NoSuchVisits
    refuse_overbooking(ctx, draft.overbook_reason)
    asked = await price_for(ctx, whom(ctx, draft), practitioner)
    slot = await room_in_the_day(ctx, practitioner, draft)
    appointment = Appointment(
        version=1,
        patient_id=asked.patient_id,
        practitioner_id=practitioner.id,
        site_id=slot.site_id,
        during=Range(slot.starts, slot.ends),
        kind=draft.kind,
        status=Status.BOOKED,
        price=asked.price.amount,
        reason=draft.reason,
        room=slot.room,
        overbooked=False,
        overbook_reason=draft.overbook_reason,
        booked_at=ctx.now,
        arrived_at=None,
        ended_reason="",
    )
    if not await ctx.insert(appointment):
        await refuse_the_loser(ctx, appointment)
        appointment.overbooked, appointment.room = True, ""
        if not await ctx.insert(appointment):
            raise PatientBusy
    ctx.emit(AppointmentBooked(appointment.id, appointment.patient_id))
    sentence = _("Booked for %(time)s with %(practitioner)s.", time=told(ctx, slot), practitioner=slot.practitioner)
    tell(ctx, appointment, sentence, standing(appointment, status=Status.CANCELLED, ended_reason=UNDONE))
    return appointment


def told(ctx: Context, slot: Slot) -> str:
    """The time of a slot: its hour when it is today there."""
    here = ctx.now.astimezone(ZoneInfo(slot.zone)).date() == slot.starts.astimezone(ZoneInfo(slot.zone)).date()
    return (clock if here else when)(ctx)(slot.starts, slot)


def whom(ctx: Context, draft: AppointmentDraft) -> UUID:
    """A patient books for themself; staff say for whom."""
    patient_id = ctx.actor.patient_id if ctx.actor.kind == "patient" else draft.patient_id
    if patient_id is None:
        raise Invalid("patient_id", _("Choose the patient."))
    if draft.patient_id not in (None, patient_id):
        raise NotFound(thing="patient")
    return patient_id


async def refuse_foreign(ctx: Context, practitioner_id: UUID) -> None:
    """Doctors keep to their own calendar unless they may read everybody's."""
    if ctx.actor.kind == "staff" and not ctx.actor.may("appointment.read_all"):
        own = await own_profile(ctx)
        if own is None or own.id != practitioner_id:
            raise NotYours


class MayNotOverbook(Forbidden):
    message = "Your role does not allow overbooking. Choose a free time, or ask the reception desk."


def refuse_overbooking(ctx: Context, reason: str) -> None:
    if reason and not ctx.actor.may("appointment.manage"):
        raise MayNotOverbook(permission="appointment.manage")


@dataclass(frozen=True, slots=True)
class Quote:
    """For whom, and what the visit costs them."""

    patient_id: UUID
    price: Money


STANDING = PreparedQuery(
    select(
        Patient.archived_at,
        Patient.deceased_on,
        StandardFees.fee_new,
        StandardFees.fee_returning,
        select(func.count(Appointment.id))
        .where(Appointment.patient_id == Patient.id, Appointment.status == Status.COMPLETED)
        .scalar_subquery()
        .label("earlier"),
    )
    .select_from(Patient)
    .outerjoin(StandardFees, StandardFees.sole.is_(True))
    .where(Patient.id == bindparam("patient_id")),
    bypass_visibility="visits to every doctor count, and price_for asks first whether this actor may see the patient",
)


async def price_for(ctx: Context, patient_id: UUID, practitioner: Practitioner, earlier: int | None = None) -> Quote:
    """The price by rule, for a patient whose record is open. Earlier visits are appointments that were completed."""
    seen = ctx.sees_all(Patient) or ctx.actor.patient_id == patient_id
    row = await STANDING.one(ctx, patient_id=patient_id) if seen else None
    if row is None:
        raise NotFound(thing="patient")
    if row.deceased_on or row.archived_at:
        raise CannotBook(why=_("deceased") if row.deceased_on else _("archived"))
    standard = fees_of(row.fee_new, row.fee_returning, ctx.organization.currency)
    doctors = fees_of(practitioner.fee_new, practitioner.fee_returning, ctx.organization.currency, standard)
    before = max(row.earlier, earlier or 0)
    return Quote(patient_id, price(before, ctx.organization.currency, doctors, standard))


def fees_of(
    new: Decimal | None, returning: Decimal | None, currency: str, otherwise: Fees | None = None
) -> Fees | None:
    """Fees as far as they are set; a doctor may have one of their own and leave the other to the organisation."""
    if new is None and returning is None:
        return None
    usual = otherwise or Fees(price(0, currency), price(1, currency))
    return Fees(
        usual.new if new is None else Money.rounded(new, currency),
        usual.returning if returning is None else Money.rounded(returning, currency),
    )


async def quote(ctx: Context, patient_id: UUID, practitioner_id: UUID, earlier: int | None = None) -> Money:
    """What a visit costs this patient with this practitioner; `earlier` visits that the caller knows of."""
    return (await price_for(ctx, patient_id, await ctx.get(Practitioner, practitioner_id), earlier)).price


async def room_in_the_day(ctx: Context, practitioner: Practitioner, draft: AppointmentDraft) -> Slot:
    """The offered slot, or, when someone says why, a time of their choosing."""
    starts = draft.starts
    if starts.tzinfo is None:
        starts = on_clock(starts, await clock_of(ctx, practitioner, draft.site_id))
    if starts < ctx.now:
        raise SlotPast
    slot = await slot_at(ctx, practitioner, starts, draft.kind, draft.site_id)
    if slot is None and not draft.overbook_reason:
        raise NotOffered(name=practitioner.name)
    length = timedelta(minutes=draft.minutes) if draft.minutes else slot.span.length if slot else USUAL
    if slot and (whole := slot if length == slot.span.length else await lasting(ctx, slot, draft.kind, length)):
        return whole
    if not draft.overbook_reason:
        raise TooLongHere(name=practitioner.name, minutes=draft.minutes)
    site = await ctx.get(Site, draft.site_id or (slot.site_id if slot else ctx.here.id))
    span, kinds = Span(starts, starts + length), (draft.kind.value,)
    return slot_of(practitioner, site, span, kinds, "")


async def refuse_the_loser(ctx: Context, wanted: Appointment) -> None:
    """Say what stands in the way. Only another booking of the doctor or the room gives way to a reason."""
    ways = await in_the_way(ctx, wanted)
    if any(other.patient_id == wanted.patient_id for other in ways):
        raise PatientBusy
    if not wanted.overbook_reason:
        doctors = not ways or any(other.practitioner_id == wanted.practitioner_id for other in ways)
        raise SlotTaken if doctors else RoomTaken


async def in_the_way(ctx: Context, wanted: Appointment) -> list[Any]:
    query = select(Appointment.patient_id, Appointment.practitioner_id).where(
        Appointment.id != wanted.id,
        Appointment.status.in_(LIVE),
        Appointment.during.overlaps(wanted.during),
        or_(
            (Appointment.practitioner_id == wanted.practitioner_id) & ~Appointment.overbooked,
            Appointment.patient_id == wanted.patient_id,
            (Appointment.site_id == wanted.site_id) & (Appointment.room == wanted.room) & (Appointment.room != ""),
        ),
    )
    return list((await ctx.db.execute(bypass_visibility(query, "what is taken is taken, whoever has it"))).all())


@requires("appointment.book")
async def reschedule(ctx: Context, appointment_id: UUID, draft: MoveDraft) -> Appointment:
    """Move to another time, or to another practitioner."""
    appointment = await ctx.get(Appointment, appointment_id, lock=True)
    if appointment.status is not Status.BOOKED:
        raise CannotMove(status=label(appointment.status))
    practitioner = await ctx.get(Practitioner, draft.practitioner_id or appointment.practitioner_id)
    await refuse_foreign(ctx, practitioner.id)
    refuse_overbooking(ctx, draft.overbook_reason)
    refuse_patient_too_late(ctx, appointment)
    before = standing(appointment)
    same_site = None if practitioner.id != appointment.practitioner_id else appointment.site_id
    asked = AppointmentDraft(
        practitioner_id=practitioner.id,
        starts=draft.starts,
        site_id=draft.site_id or same_site,
        minutes=draft.minutes or await longer_than_a_slot(ctx, appointment),
        kind=appointment.kind,
        overbook_reason=draft.overbook_reason,
    )
    slot = await room_in_the_day(ctx, practitioner, asked)
    wanted = Appointment(
        id=appointment.id,
        patient_id=appointment.patient_id,
        practitioner_id=practitioner.id,
        site_id=slot.site_id,
        during=Range(slot.starts, slot.ends),
        room=slot.room,
        overbook_reason=draft.overbook_reason,
    )
    await one_at_a_time(ctx, practitioner.id)
    beside = bool(await in_the_way(ctx, wanted))
    if beside:
        await refuse_the_loser(ctx, wanted)
    if practitioner.id != appointment.practitioner_id:
        appointment.price = (await price_for(ctx, appointment.patient_id, practitioner)).price.amount
    appointment.practitioner_id, appointment.site_id = practitioner.id, slot.site_id
    appointment.during, appointment.room = wanted.during, "" if beside else slot.room
    appointment.overbooked, appointment.overbook_reason = beside, draft.overbook_reason
    ctx.emit(AppointmentMoved(appointment.id, appointment.patient_id))
    tell(ctx, appointment, _("Moved to %(time)s.", time=told(ctx, slot)), before)
    return appointment


async def longer_than_a_slot(ctx: Context, appointment: Appointment) -> int | None:
    """The minutes of a visit that was not booked for the usual length: it keeps them wherever it is moved."""
    practitioner = await ctx.get(Practitioner, appointment.practitioner_id)
    usual = await slot_at(ctx, practitioner, appointment.starts, appointment.kind, appointment.site_id)
    odd = usual is not None and usual.span.length != appointment.span.length
    return int(appointment.span.length / timedelta(minutes=1)) if odd else None


async def one_at_a_time(ctx: Context, practitioner_id: UUID) -> None:
    """Moves into one calendar wait for each other, so that two of them never deadlock."""
    connection = await ctx.db.connection()
    lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
    await connection.exec_driver_sql(lock, (f"move {practitioner_id}",))


def refuse_patient_too_late(ctx: Context, appointment: Appointment) -> None:
    if ctx.actor.kind == "patient" and appointment.starts <= ctx.now:
        raise SlotPast
