"""The verbs of practitioners: profiles, hours, leave, fees."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from galen.core.context import Context
from galen.core.errors import Conflict, NotFound
from galen.core.gate import requires
from galen.core.visibility import bypass_visibility
from galen.identity import Account, AccountKind
from galen.organizations import Site
from galen.values import like

from .events import AvailabilityChanged
from .models import LIVE, Appointment, Availability, Leave, Practitioner, StandardFees
from .rules import instant
from .schemas import (
    AppointmentView,
    FeesDraft,
    HoursDraft,
    LeaveDraft,
    LeaveView,
    PractitionerChange,
    PractitionerDraft,
    SlotsDraft,
)


class ProfileTaken(Conflict):
    message, constraint = "This account has a profile already: open that one.", "practitioner_account_id_key"


class NotAPractitioner(Conflict):
    message = "Only a practitioner with a profile can do this. An administrator can add yours under Practitioners."


@requires("practitioner.read")
async def practitioners(ctx: Context, specialty: str = "", inactive: bool = False) -> list[Practitioner]:
    """Who can be booked, by name."""
    query = select(Practitioner).order_by(Practitioner.name)
    if not inactive:
        query = query.where(Practitioner.active)
    if specialty:
        query = query.where(Practitioner.specialty.ilike(like.exactly(specialty)))
    return list(await ctx.db.scalars(query))


@requires("practitioner.read")
async def practitioner(ctx: Context, practitioner_id: UUID) -> Practitioner:
    """One profile with its registration numbers: for staff."""
    if ctx.actor.kind == "patient":
        raise NotFound(thing="profile")
    return await ctx.get(Practitioner, practitioner_id)


async def practitioner_of_actor(ctx: Context) -> Practitioner:
    """The profile of the practitioner who is acting; refuses when there is none."""
    own = await own_profile(ctx)
    if own is None:
        raise NotAPractitioner
    return own


async def own_profile(ctx: Context) -> Practitioner | None:
    own = await ctx.find_by(Practitioner, Practitioner.account_id, ctx.actor.id)
    return own if own and own.active else None


@requires("practitioner.write")
async def candidates(ctx: Context) -> list[Account]:
    """Staff accounts without a profile."""
    query = select(Account).where(
        Account.kind == AccountKind.STAFF, Account.active, Account.id.not_in(select(Practitioner.account_id))
    )
    return list(await ctx.db.scalars(query.order_by(Account.name)))


@requires("practitioner.write")
async def add_practitioner(ctx: Context, draft: PractitionerDraft) -> Practitioner:
    """Give an account a practitioner's profile."""
    account = await ctx.get(Account, draft.account_id)
    return ctx.add(draft.into(Practitioner, account_id=account.id))


@requires("practitioner.write")
async def edit_practitioner(ctx: Context, practitioner_id: UUID, draft: PractitionerChange) -> Practitioner:
    """Change a profile; an inactive one can no longer be booked."""
    return draft.onto(await ctx.get(Practitioner, practitioner_id, lock=True))


@requires("practitioner.read")
async def availabilities(ctx: Context, practitioner_id: UUID) -> list[Availability]:
    """The hours a practitioner offers: weekly ones first, then single days."""
    query = select(Availability).where(Availability.practitioner_id == practitioner_id)
    return list(await ctx.db.scalars(query.order_by(Availability.weekday, Availability.day, Availability.start)))


@requires("practitioner.write")
async def add_slots(ctx: Context, draft: SlotsDraft) -> list[Availability]:
    """Offer hours, cut into slots: on weekdays for every week, on single days once."""
    practitioner = await ctx.get(Practitioner, draft.practitioner_id)
    site = await ctx.get(Site, draft.site_id)
    alike = {"practitioner_id": practitioner.id, "site_id": site.id, "kinds": [kind.value for kind in draft.kinds]}
    weekly = [draft.into(Availability, **alike, weekday=weekday) for weekday in sorted(set(draft.weekdays))]
    once = [draft.into(Availability, **alike, day=day) for day in sorted(set(draft.days))]
    ctx.emit(AvailabilityChanged(practitioner.id))
    return [ctx.add(availability) for availability in weekly + once]


@requires("practitioner.write")
async def offer_hours(ctx: Context, practitioner_id: UUID, draft: HoursDraft) -> list[Availability]:
    """Offer hours of one practitioner, from their page."""
    return await add_slots(ctx, SlotsDraft(practitioner_id=practitioner_id, **draft.model_dump()))


@requires("practitioner.write")
async def remove_availability(ctx: Context, availability_id: UUID) -> Availability:
    """Offer these hours no longer. What is booked stays booked."""
    availability = await ctx.get(Availability, availability_id, lock=True)
    await ctx.db.delete(availability)
    ctx.emit(AvailabilityChanged(availability.practitioner_id))
    return availability


def on_clock(at: datetime, zone: ZoneInfo) -> datetime:
    """A time without a zone is on this clock."""
    return at if at.tzinfo else instant(at.date(), at.time(), zone)


async def sites_of(ctx: Context, practitioner: Practitioner) -> list[Site]:
    """Where somebody can be booked."""
    own = select(Availability.site_id).where(Availability.practitioner_id == practitioner.id)
    return list(await ctx.db.scalars(select(Site).where(Site.id.in_(own), ~Site.closed).order_by(Site.name)))


async def clock_of(ctx: Context, practitioner: Practitioner, site_id: UUID | None) -> ZoneInfo:
    """The clock on which a time was read that names no zone: that of its site, else of the only one it can be."""
    sites = [await ctx.get(Site, site_id)] if site_id else await sites_of(ctx, practitioner)
    zones = {site.tz for site in sites}
    return zones.pop() if len(zones) == 1 else ctx.zone


@requires("practitioner.write")
async def add_leave(ctx: Context, practitioner_id: UUID, draft: LeaveDraft) -> LeaveView:
    """Take someone off the calendar for a while, and list the bookings that must now be moved."""
    who = await ctx.get(Practitioner, practitioner_id)
    starts, ends = on_clock(draft.starts, ctx.zone), on_clock(draft.ends, ctx.zone)
    leave = ctx.add(Leave(practitioner_id=who.id, starts=starts, ends=ends, reason=draft.reason))
    ctx.emit(AvailabilityChanged(who.id))
    await ctx.flush()
    return await with_affected(ctx, leave)


@requires("practitioner.write")
async def leaves(ctx: Context, practitioner_id: UUID) -> list[LeaveView]:
    """Leave that is not over, each with the bookings still to be moved."""
    query = select(Leave).where(Leave.practitioner_id == practitioner_id, Leave.ends > ctx.now).order_by(Leave.starts)
    return [await with_affected(ctx, leave) for leave in await ctx.db.scalars(query)]


async def with_affected(ctx: Context, leave: Leave) -> LeaveView:
    query = select(Appointment).where(
        Appointment.practitioner_id == leave.practitioner_id,
        Appointment.status.in_(LIVE),
        Appointment.during.overlaps(Range(leave.starts, leave.ends)),
    )
    affected = await ctx.db.scalars(query.order_by(Appointment.during))
    view = LeaveView.model_validate(leave)
    return view.model_copy(update={"affected": [AppointmentView.model_validate(booked) for booked in affected]})


@requires("practitioner.write")
async def remove_leave(ctx: Context, leave_id: UUID) -> Leave:
    """Someone will be there after all."""
    leave = await ctx.get(Leave, leave_id, lock=True)
    await ctx.db.delete(leave)
    ctx.emit(AvailabilityChanged(leave.practitioner_id))
    return leave


async def standard_fees(ctx: Context) -> StandardFees | None:
    return (
        await ctx.db.scalars(bypass_visibility(select(StandardFees), "a price is quoted to everybody"))
    ).one_or_none()


@requires("practitioner.write")
async def set_fees(ctx: Context, draft: FeesDraft) -> StandardFees:
    """What a consultation costs here when the doctor has no fee of their own."""
    fees = await standard_fees(ctx)
    return draft.onto(fees) if fees else ctx.add(draft.into(StandardFees))


async def room_of(ctx: Context, practitioner_id: UUID, site_id: UUID) -> str:
    """The room in which a practitioner works at a site: the one of today's hours, else the one of any."""
    query = select(Availability).where(
        Availability.practitioner_id == practitioner_id, Availability.site_id == site_id, Availability.room != ""
    )
    rooms = sorted(await ctx.db.scalars(query), key=lambda hours: (hours.on(ctx.today) is None, hours.id))
    return rooms[0].room if rooms else ""
