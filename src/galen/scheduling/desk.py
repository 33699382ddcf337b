"""What the booking pages and the home page ask for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from galen import organizations
from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import formats
from galen.i18n import gettext as _
from galen.identity import Account
from galen.organizations import Site
from galen.patients import BannerView, banner
from galen.values.units import plain

from .booking_form import KINDS
from .calendar import visible_practitioners
from .models import LIVE, Appointment, AppointmentStatus, Availability, Practitioner, StandardFees
from .roster import availabilities, candidates, leaves, own_profile, practitioner, practitioners, standard_fees
from .rules import price
from .schemas import LeaveView, PractitionerDraft
from .service import begins_on, with_names
from .weekdays import weekday_choices, weekday_name


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    """One appointment and who it is for."""

    appointment: Appointment
    banner: BannerView
    begun: bool  # its time has come

    @property
    def how(self) -> str:
        return _(KINDS[self.appointment.kind])

    @property
    def cancellable(self) -> bool:
        return self.appointment.still_booked or self.appointment.arrived

    @property
    def why_beside(self) -> str:
        """Why it stands beside another one, if it does."""
        return self.appointment.overbook_reason if self.appointment.overbooked else ""


@requires("appointment.read")
async def appointment(ctx: Context, appointment_id: UUID) -> AppointmentPage:
    """One appointment, with the patient's banner."""
    query = with_names(select(Appointment)).where(Appointment.id == appointment_id)
    await ctx.get(Appointment, appointment_id)
    shown = (await ctx.db.scalars(query)).one()
    return AppointmentPage(shown, await banner(ctx, shown.patient_id), shown.starts <= ctx.now)


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

    @property
    def weekday(self) -> str:
        return weekday_name(self.day.weekday())

    @property
    def calendar_path(self) -> str:
        own = f"&practitioner_id={self.practitioner.id}" if self.practitioner else ""
        return f"/calendar?day={self.day}{own}"

    @property
    def others(self) -> list[Practitioner]:
        """Whose list may be chosen, when it is everybody's so far."""
        return self.practitioners if len(self.practitioners) > 1 and not self.practitioner else []


@requires("appointment.read")
async def day_list_page(ctx: Context, day: date | None = None, practitioner_id: UUID | None = None) -> DayList:
    """The day's list, of one practitioner or of all here, for paper."""
    people = await visible_practitioners(ctx)
    chosen = next((person for person in people if person.id == practitioner_id), None)
    query = with_names(select(Appointment)).where(
        Appointment.practitioner_id.in_([chosen.id] if chosen else [person.id for person in people]),
        Appointment.status != AppointmentStatus.CANCELLED,
        begins_on(ctx, day),
    )
    appointments = list(await ctx.db.scalars(query.order_by(func.lower(Appointment.during))))
    return DayList(day or ctx.today, chosen, people, appointments)


@dataclass(frozen=True, slots=True)
class PractitionerFields:
    """What the form of a profile asks for in this country, and what is known so far."""

    known: Practitioner | PractitionerDraft
    country: str
    currency: str

    @property
    def registration_hint(self) -> str:
        return _("AHPRA number") if self.country == "AU" else _("Licence number")

    @property
    def numbers(self) -> list[tuple[str, str, str]]:
        """Of each number under which somebody practises here: its name, its label, what is known."""
        known = self.known
        if self.country != "AU":
            return [("npi", _("NPI"), known.npi), ("dea", _("DEA number"), known.dea)]
        return [
            ("prescriber_number", _("Prescriber number"), known.prescriber_number),
            ("provider_number", _("Provider number"), known.provider_number),
            ("hpi_i", _("HPI-I"), known.hpi_i),
        ]

    @property
    def fee_new(self) -> str:
        return "" if self.known.fee_new is None else plain(self.known.fee_new)

    @property
    def fee_returning(self) -> str:
        return "" if self.known.fee_returning is None else plain(self.known.fee_returning)


@dataclass(frozen=True)
class PractitionerPage:
    """A practitioner's page: who they are, when they can be booked, when they are away."""

    practitioner: Practitioner
    fields: PractitionerFields
    availabilities: list[Availability]
    leaves: list[LeaveView]
    sites: list[Site]
    zone: str  # the reader's
    editable: bool  # by the one who looks

    @property
    def weekdays(self) -> list[tuple[int, str]]:
        return weekday_choices()

    @property
    def hours(self) -> list[tuple[str, Availability, str]]:
        """Each line of the hours, weekly ones under the name of their weekday, with the site on whose clock."""
        return [
            ("" if each.weekday is None else weekday_name(each.weekday), each, self.where(each.site_id))
            for each in self.availabilities
        ]

    def place(self, site_id: UUID) -> Site | None:
        return next((site for site in self.sites if site.id == site_id), None)

    def where(self, site_id: UUID) -> str:
        """A site, with its time when that is not the reader's."""
        if (site := self.place(site_id)) is None:
            return ""
        if site.zone == self.zone:
            return site.name
        return _("%(site)s (%(place)s time)", site=site.name, place=formats.zone_name(site.tz))

    @property
    def site_choices(self) -> list[tuple[UUID, str]]:
        return [(site.id, self.where(site.id)) for site in self.sites if not site.closed]

    @property
    def first_site(self) -> UUID | str:
        return next((site.id for site in self.sites if not site.closed), "")


@requires("practitioner.read")
async def profile(ctx: Context, practitioner_id: UUID) -> PractitionerPage:
    """A practitioner's page."""
    shown = await practitioner(ctx, practitioner_id)
    editable = ctx.actor.may("practitioner.write")
    return PractitionerPage(
        practitioner=shown,
        fields=PractitionerFields(shown, ctx.organization.country, ctx.organization.currency),
        leaves=await leaves(ctx, shown.id) if editable else [],
        availabilities=await availabilities(ctx, shown.id),
        sites=await organizations.sites(ctx, closed=True),
        zone=ctx.zone.key,
        editable=editable,
    )


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who can be booked, and the organisation's fees."""

    practitioners: list[Practitioner]
    fees: StandardFees | None
    currency: str
    staff: bool  # who opens a profile; a patient goes on to book
    editable: bool

    @property
    def fee_new(self) -> Decimal:
        return self.fees.fee_new if self.fees else price(0, self.currency).amount

    @property
    def fee_returning(self) -> Decimal:
        return self.fees.fee_returning if self.fees else price(1, self.currency).amount

    def path_of(self, practitioner: Practitioner) -> str:
        path = "/practitioners/" if self.staff else "/appointments/new?practitioner_id="
        return f"{path}{practitioner.id}"


@requires("practitioner.read")
async def roster(ctx: Context) -> Roster:
    """Who works here, inactive ones for those who may bring them back."""
    editable = ctx.actor.may("practitioner.write")
    return Roster(
        practitioners=await practitioners(ctx, inactive=editable),
        fees=await standard_fees(ctx),
        currency=ctx.organization.currency,
        staff=ctx.actor.kind == "staff",
        editable=editable,
    )


@dataclass(frozen=True, slots=True)
class NewPractitioner:
    """The form for a profile, and the accounts that have none yet."""

    accounts: list[Account]
    fields: PractitionerFields

    @property
    def choices(self) -> list[tuple[UUID, str]]:
        return [(account.id, account.name) for account in self.accounts]


@requires("practitioner.write")
async def new_practitioner(ctx: Context) -> NewPractitioner:
    """The form for a profile: which accounts have none yet."""
    empty = PractitionerDraft.model_construct(account_id=UUID(int=0), name="")
    fields = PractitionerFields(empty, ctx.organization.country, ctx.organization.currency)
    return NewPractitioner(await candidates(ctx), fields)


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
        begins_on(ctx, None),
    )
    booked = list(await ctx.db.scalars(query.order_by(func.lower(Appointment.during))))
    still = [appointment for appointment in booked if appointment.status in LIVE]
    seen = sum(appointment.status is AppointmentStatus.COMPLETED for appointment in booked)
    return OwnDay(still, len(booked), seen)


@requires("home.patient")
async def own_appointments(ctx: Context) -> list[Appointment]:
    """A patient's next appointments."""
    query = with_names(select(Appointment)).where(
        Appointment.status.in_(LIVE), func.upper(Appointment.during) > ctx.now
    )
    return list(await ctx.db.scalars(query.order_by(func.lower(Appointment.during)).limit(5)))
