"""The booking page: whose calendar, at which site, on which day; it opens on the next free time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import N_, formats
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.patients import Patient

from .calendar import visible_practitioners
from .models import BOOKABLE, Appointment, Kind, Practitioner
from .roster import sites_of
from .rules import fives
from .service import with_names
from .slots import DAY, LONGEST, Slot, every_free

KINDS = {Kind.IN_PERSON: N_("In person"), Kind.TELE: N_("Teleconsultation")}
SOON = 7  # days that are looked at first
MOST = 4  # slots that one visit may be chosen to cover


@dataclass(frozen=True, slots=True)
class TimeOffer:
    """A free time as it is offered: on the clock of its site, as tall as it is long."""

    slot: Slot
    next: bool  # the first there is

    @property
    def value(self) -> str:
        return self.slot.starts.isoformat()

    @property
    def fives(self) -> int:
        return fives(self.slot.span.length)

    @property
    def words(self) -> str:
        at = self.slot.starts.astimezone(ZoneInfo(self.slot.zone))
        if not self.next:
            return formats.clock(at)
        return _("Next free: %(day)s, %(time)s", day=formats.weekday_and_day(at.date()), time=formats.clock(at))


@dataclass(frozen=True)
class BookingForm:
    """A form with what is known already filled in."""

    practitioners: list[Practitioner]
    practitioner: Practitioner | None
    sites: list[Site]  # at which this practitioner can be booked
    site: Site | None
    zone: str  # of the site, named when it is not the reader's
    day: date
    kind: Kind
    asked: date | None  # the day that was asked for, when nothing is free on it
    offers: list[TimeOffer]
    starts: datetime | None
    patient: Patient | None
    beside: bool
    staff: bool  # who says for whom it is
    may_overbook: bool
    moving: Appointment | None = None

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.value, _(name)) for kind, name in KINDS.items() if kind in BOOKABLE]

    @property
    def choices(self) -> list[tuple[UUID, str]]:
        return [(each.id, f"{each.name}, {each.specialty}") for each in self.practitioners]

    @property
    def site_choices(self) -> list[tuple[UUID, str]]:
        return [(site.id, site.name) for site in self.sites]

    @property
    def lengths(self) -> list[tuple[str, str]]:
        """One slot, or several in a row."""
        minutes = min((offer.slot.span.length for offer in self.offers), default=timedelta()) // timedelta(minutes=1)
        longer = [(str(minutes * n), _("%(minutes)s min", minutes=minutes * n)) for n in range(2, MOST + 1)]
        return [("", _("As offered (%(minutes)s min)", minutes=minutes)), *longer]

    @property
    def path(self) -> str:
        """Where the form is sent."""
        return f"/appointments/{self.moving.id}/time" if self.moving else "/appointments"

    @property
    def back(self) -> str:
        return f"/calendar?day={self.day}" if self.staff else "/"

    @property
    def beside_path(self) -> str:
        """The same form for a time that is taken or not offered."""
        known = {
            "practitioner_id": self.practitioner and self.practitioner.id,
            "site_id": self.site and self.site.id,
            "day": self.asked or self.day,
            "kind": self.kind.value,
            "patient_id": self.patient and self.patient.id,
            "appointment_id": self.moving and self.moving.id,
            "beside": "true",
        }
        return "/appointments/new?" + urlencode({name: value for name, value in known.items() if value})


@requires("appointment.book")
async def new_appointment(
    ctx: Context,
    practitioner_id: UUID | None = None,
    day: date | None = None,
    starts: datetime | None = None,
    patient_id: UUID | None = None,
    appointment_id: UUID | None = None,
    site_id: UUID | None = None,
    kind: Kind | None = None,
    beside: bool = False,
) -> BookingForm:
    """The booking form: whose calendar, where, which of the free times, who, and why. Also to move a booking."""
    moving = await moved(ctx, appointment_id) if appointment_id else None
    people = await visible_practitioners(ctx)
    kind = kind or (moving.kind if moving else Kind.IN_PERSON)
    wanted = practitioner_id or (moving.practitioner_id if moving else None)
    chosen = next((person for person in people if person.id == wanted), None)
    since = day or (starts and (starts - DAY).date())
    since = since or (moving.starts.astimezone(moving.site.tz).date() if moving else None)
    site_id = site_id or (moving.site_id if moving and chosen and chosen.id == moving.practitioner_id else None)
    slots = await next_free(ctx, since, kind, chosen.id if chosen else None, site_id) if people else []
    seen = {person.id for person in people}
    slots = [slot for slot in slots if slot.practitioner_id in seen]
    first = first_of(ctx, slots, starts)
    chosen = chosen or next((person for person in people if first and person.id == first.practitioner_id), None)
    chosen = chosen or next(iter(people), None)
    sites = await sites_of(ctx, chosen) if chosen else []
    where = site_id or (first.site_id if first else None) or (ctx.site.id if ctx.site else None)
    site = next((each for each in sites if each.id == where), None) or next(iter(sites), None)
    shown = first.day if first else since or ctx.today
    own = [s for s in slots if chosen and site and (s.practitioner_id, s.site_id, s.day) == (chosen.id, site.id, shown)]
    return BookingForm(
        practitioners=people,
        practitioner=chosen,
        sites=sites,
        site=site,
        zone=formats.zone_name(site.tz) if site and site.zone != ctx.zone.key else "",
        day=shown,
        kind=kind,
        asked=day if day and day != shown else None,
        offers=[TimeOffer(slot, slot is own[0]) for slot in own],
        starts=starts.astimezone(UTC) if starts else (own[0].starts if own else None),
        patient=await ctx.get(Patient, patient_id) if patient_id else None,
        beside=beside,
        staff=ctx.actor.kind == "staff",
        may_overbook=ctx.actor.may("appointment.manage"),
        moving=moving,
    )


def first_of(ctx: Context, slots: list[Slot], starts: datetime | None) -> Slot | None:
    """The time that was chosen; else the next one where the reader works, or anywhere."""
    asked = (slot for slot in slots if starts and slot.starts == starts)
    here = (slot for slot in slots if ctx.site and slot.site_id == ctx.site.id)
    return next(asked, None) or next(here, None) or next(iter(slots), None)


async def next_free(
    ctx: Context, since: date | None, kind: Kind, practitioner_id: UUID | None, site_id: UUID | None
) -> list[Slot]:
    """Free times from a day on: those of the next days, or of the next weeks when there are none."""
    about: dict[str, Any] = {"practitioner_id": practitioner_id, "site_id": site_id, "kind": kind}
    return await every_free(ctx, since, days=SOON, **about) or await every_free(ctx, since, days=LONGEST, **about)


async def moved(ctx: Context, appointment_id: UUID) -> Appointment:
    await ctx.get(Appointment, appointment_id)
    return (await ctx.db.scalars(with_names(select(Appointment)).where(Appointment.id == appointment_id))).one()
