"""What the booking pages and the home page ask for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import func, select

from galen import organizations
from galen.core.context import Context
from galen.core.gate import requires
from galen.identity import Account
from galen.organizations import Site
from galen.patients import BannerView, Patient, banner

from .calendar import visible_practitioners
from .models import LIVE, Appointment, AppointmentStatus, Availability, Kind, Practitioner, StandardFees
from .roster import availabilities, candidates, leaves, own_profile, practitioner, practitioners, standard_fees
from .schemas import LeaveView
from .service import bounds, with_names
from .slots import Slot, free_slots

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
KINDS = [(Kind.IN_PERSON.value, "In person"), (Kind.TELE.value, "Teleconsultation")]


@dataclass(frozen=True)
class BookingForm:
    """A form with what is known already filled in."""

    practitioners: list[Practitioner]
    practitioner: Practitioner | None
    day: date
    slots: list[Slot]
    times: list[tuple[str, str]]
    starts: datetime | None
    patient: Patient | None
    beside: bool
    moving: Appointment | None = None

    kinds = KINDS

    @property
    def choices(self) -> list[tuple[UUID, str]]:
        return [(one.id, f"{one.name}, {one.specialty}") for one in self.practitioners]


@requires("appointment.book")
async def new_appointment(
    ctx: Context,
    practitioner_id: UUID | None = None,
    day: date | None = None,
    starts: datetime | None = None,
    patient_id: UUID | None = None,
    appointment_id: UUID | None = None,
    beside: bool = False,
) -> BookingForm:
    """The booking form: whose calendar, which day, which of the free times, who, and why. Also to move a booking."""
    moving = (await appointment(ctx, appointment_id)).appointment if appointment_id else None
    who = await visible_practitioners(ctx)
    wanted = practitioner_id or (moving.practitioner_id if moving else None)
    chosen = next((one for one in who if one.id == wanted), None) or next(iter(who), None)
    day = day or (starts or (moving.starts if moving else ctx.now)).astimezone(ctx.zone).date()
    slots = await free_slots(ctx, day, chosen.id) if chosen else []
    return BookingForm(
        practitioners=who,
        practitioner=chosen,
        day=day,
        slots=slots,
        times=[(slot.starts.isoformat(), f"{slot.starts.astimezone(ctx.zone):%H:%M}") for slot in slots],
        starts=starts.astimezone(UTC) if starts else None,
        patient=await ctx.get(Patient, patient_id) if patient_id else None,
        beside=beside,
        moving=moving,
    )


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    """One appointment and who it is for."""

    appointment: Appointment
    banner: BannerView


@requires("appointment.read")
async def appointment(ctx: Context, appointment_id: UUID) -> AppointmentPage:
    """One appointment, with the patient's banner."""
    query = with_names(select(Appointment)).where(Appointment.id == appointment_id)
    await ctx.get(Appointment, appointment_id)
    found = (await ctx.db.scalars(query)).one()
    return AppointmentPage(found, await banner(ctx, found.patient_id))


@requires("appointment.read")
async def find_appointment(ctx: Context, appointment_id: UUID) -> Appointment:
    """One appointment."""
    return await ctx.get(Appointment, appointment_id)


@dataclass(frozen=True, slots=True)
class DayList:
    """A practitioner's day, to be printed."""

    day: date
    practitioner: Practitioner | None
    practitioners: list[Practitioner]
    appointments: list[Appointment]


@requires("appointment.read")
async def day_list_page(ctx: Context, day: date | None = None, practitioner_id: UUID | None = None) -> DayList:
    """The day's list, of one practitioner or of all here, for paper."""
    who = await visible_practitioners(ctx)
    chosen = next((one for one in who if one.id == practitioner_id), None)
    query = with_names(select(Appointment)).where(
        Appointment.practitioner_id.in_([chosen.id] if chosen else [one.id for one in who]),
        Appointment.status != AppointmentStatus.CANCELLED,
        func.lower(Appointment.during).between(*bounds(ctx, day or ctx.today)),
    )
    found = list(await ctx.db.scalars(query.order_by(func.lower(Appointment.during))))
    return DayList(day or ctx.today, chosen, who, found)


@dataclass(frozen=True)
class Profile:
    """A practitioner's page: who they are, when they can be booked, when they are away."""

    practitioner: Practitioner
    availabilities: list[Availability]
    leaves: list[LeaveView]
    sites: list[Site]

    weekdays = WEEKDAYS

    @property
    def site_choices(self) -> list[tuple[UUID, str]]:
        return [(site.id, site.name) for site in self.sites]


@requires("practitioner.read")
async def profile(ctx: Context, practitioner_id: UUID) -> Profile:
    """A practitioner's page."""
    who = await practitioner(ctx, practitioner_id)
    away = await leaves(ctx, who.id) if ctx.actor.may("practitioner.write") else []
    hours = await availabilities(ctx, who.id)
    return Profile(who, hours, away, await organizations.sites(ctx))


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who can be booked, and the organisation's fees."""

    practitioners: list[Practitioner]
    fees: StandardFees | None


@requires("practitioner.read")
async def roster(ctx: Context) -> Roster:
    """Who works here, inactive ones for those who may bring them back."""
    return Roster(await practitioners(ctx, inactive=ctx.actor.may("practitioner.write")), await standard_fees(ctx))


@requires("practitioner.write")
async def new_practitioner(ctx: Context) -> list[Account]:
    """The form for a profile: which accounts have none yet."""
    return await candidates(ctx)


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A doctor's day at a glance."""

    appointments: list[Appointment]
    booked: int
    seen: int


@requires("home.doctor")
async def own_day(ctx: Context) -> OwnDay:
    """Today, for the doctor who looks: what is still to come first."""
    own = await own_profile(ctx)
    if own is None:
        return OwnDay([], 0, 0)
    query = with_names(select(Appointment)).where(
        Appointment.practitioner_id == own.id,
        Appointment.status != AppointmentStatus.CANCELLED,
        func.lower(Appointment.during).between(*bounds(ctx, ctx.today)),
    )
    found = list(await ctx.db.scalars(query.order_by(func.lower(Appointment.during))))
    still = [one for one in found if one.status in LIVE]
    return OwnDay(still, len(found), sum(one.status is AppointmentStatus.COMPLETED for one in found))


@requires("home.patient")
async def own_appointments(ctx: Context) -> list[Appointment]:
    """A patient's next appointments."""
    query = with_names(select(Appointment)).where(
        Appointment.status.in_(LIVE), func.upper(Appointment.during) > ctx.now
    )
    return list(await ctx.db.scalars(query.order_by(func.lower(Appointment.during)).limit(5)))
