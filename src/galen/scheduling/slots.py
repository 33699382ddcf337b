"""Which times are offered, and which of them are free."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Uuid, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, Range

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.fast.prepared_query import PreparedQuery
from galen.core.gate import requires
from galen.core.visibility import bypass_visibility
from galen.i18n import gettext as _
from galen.organizations import Site

from .models import LIVE, Appointment, Availability, Kind, Leave, Practitioner
from .rules import Span, begun, cut, free, hours, reach, slots

LONGEST = 62  # days looked at in one question
MOST = 1_000  # free times in one answer: some twenty milliseconds of writing them down
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which someone can be booked."""

    practitioner_id: UUID
    practitioner: str
    specialty: str
    site_id: UUID
    site: str
    zone: str
    span: Span
    kinds: tuple[str, ...]
    room: str

    @property
    def starts(self) -> datetime:
        return self.span.start

    @property
    def ends(self) -> datetime:
        return self.span.end

    @property
    def day(self) -> date:
        """The day at its site on which it begins."""
        return self.starts.astimezone(ZoneInfo(self.zone)).date()


def between(first: date, last: date) -> Range[datetime]:
    """Every instant that can lie on these calendar days, in whatever zone."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return Range(start - timedelta(hours=14), start + (last - first) + timedelta(hours=48))


async def offered(
    ctx: Context,
    days: Sequence[date],
    *,
    practitioner_id: UUID | None = None,
    site_id: UUID | None = None,
    specialty: str = "",
) -> list[Slot]:
    """Every slot that begins on these days of its site, leave taken out, free or not. Hours go on past midnight."""
    eves = {day - DAY for day in days} - set(days)
    overnight = Availability.end <= Availability.start
    query = (
        select(Availability, Practitioner, Site)
        .join(Practitioner, Practitioner.id == Availability.practitioner_id)
        .join(Site, Site.id == Availability.site_id)
        .where(Practitioner.active, ~Site.closed)
        .where(or_(on_days(days), on_days(eves) & overnight))
    )
    if practitioner_id:
        query = query.where(Practitioner.id == practitioner_id)
    if site_id:
        query = query.where(Site.id == site_id)
    if specialty:
        query = query.where(func.lower(Practitioner.specialty) == specialty.lower())
    rows = (await ctx.db.execute(query.order_by(Practitioner.name, Availability.id))).all()
    away = await absences(ctx, {row.Practitioner.id for row in rows}, between(min(days), max(days))) if rows else {}
    return await asyncio.to_thread(laid_out, rows, days, away)  # weeks of many people are many thousands


def laid_out(rows: Iterable[Any], days: Sequence[date], away: dict[UUID, list[Span]]) -> list[Slot]:
    """The slots of these hours, by practitioner and site."""
    eves = {day - DAY for day in days} - set(days)
    groups: dict[tuple[UUID, UUID], list[tuple[Availability, Practitioner, Site]]] = defaultdict(list)
    for availability, practitioner, site in rows:
        groups[practitioner.id, site.id].append((availability, practitioner, site))
    found = []
    for group in groups.values():
        nights = [row for row in group if row[0].end <= row[0].start]
        late = [slot for eve in sorted(eves) if nights for slot in of_day(eve, nights, away)]
        found += [slot for slot in side_by_side(late, days, group, away) if slot.day in days]
    return found


def on_days(days: Iterable[date]) -> ColumnElement[bool]:
    """Hours of these days, weekly ones and single ones."""
    return or_(Availability.weekday.in_({day.weekday() for day in days}), Availability.day.in_(days))


def side_by_side(
    late: list[Slot],
    days: Sequence[date],
    group: list[tuple[Availability, Practitioner, Site]],
    away: dict[UUID, list[Span]],
) -> list[Slot]:
    """The slots of one day after another; what goes on past midnight comes before what begins then and overlaps it."""
    kept, reach = [*late], max((slot.ends for slot in late), default=None)
    for day in days:
        more = [slot for slot in of_day(day, group, away) if reach is None or slot.starts >= reach]
        kept += more
        reach = max((slot.ends for slot in more), default=reach)
    return kept


def of_day(
    day: date,
    group: list[tuple[Availability, Practitioner, Site]],
    away: dict[UUID, list[Span]],
    at: datetime | None = None,
) -> Iterable[Slot]:
    """The slots of one practitioner at one site on one day; with `at`, none but those of hours open at that moment."""
    practitioner, site = group[0][1:]
    leave = away.get(practitioner.id, ())
    patterns = [(pattern, row[0]) for row in group if (pattern := row[0].on(day))]
    openings = [
        (opening, pattern, availability)
        for pattern, availability in patterns
        if (opening := hours(pattern, day, site.tz))
    ]
    if at and not any(opening.start <= at < opening.end for opening, pattern, availability in openings):
        return
    origin: dict[Span, Availability] = {}
    if at and len(openings) == 1:
        ((opening, pattern, availability),) = openings
        span = begun(opening, pattern, at)
        kept = [span] if span and not any(span.meets(time) for time in leave) else []
        origin = dict.fromkeys(kept, availability)
    else:
        for opening, pattern, availability in openings:
            for span in cut(opening, pattern.minutes, pattern.pause):
                origin.setdefault(span, availability)
        kept = slots(day, site.tz, [pattern for pattern, availability in patterns], leave)
    for span in kept:
        source = origin[span]
        yield slot_of(practitioner, site, span, tuple(source.kinds), source.room)


def slot_of(practitioner: Practitioner, site: Site, span: Span, kinds: tuple[str, ...], room: str) -> Slot:
    """A time of this practitioner at this site."""
    return Slot(
        practitioner.id, practitioner.name, practitioner.specialty, site.id, site.name, site.zone, span, kinds, room
    )


WHO = bindparam("who", type_=ARRAY(Uuid))
AWAY = PreparedQuery(
    select(Leave.practitioner_id, Leave.starts, Leave.ends).where(
        Leave.practitioner_id == any_(WHO), Leave.starts < bindparam("until"), Leave.ends > bindparam("since")
    ),
    bypass_visibility="times only: patients do not see why someone is away, but their slots must know it",
)


async def absences(ctx: Context, practitioner_ids: Iterable[UUID], during: Range[datetime]) -> dict[UUID, list[Span]]:
    """Leave in these days."""
    away: dict[UUID, list[Span]] = defaultdict(list)
    for row in await AWAY.all(ctx, who=list(practitioner_ids), since=during.lower, until=during.upper):
        away[row.practitioner_id].append(Span(row.starts, row.ends))
    return away


async def taken(ctx: Context, practitioner_ids: Iterable[UUID], during: Range[datetime]) -> dict[UUID, list[Span]]:
    """When these practitioners are booked: times only, whoever asks."""
    query = select(Appointment.practitioner_id, Appointment.during).where(
        Appointment.practitioner_id.in_(practitioner_ids),
        Appointment.status.in_(LIVE),
        Appointment.during.overlaps(during),
    )
    booked: dict[UUID, list[Span]] = defaultdict(list)
    for row in await ctx.db.execute(bypass_visibility(query, "a free slot is free of other people's bookings, too")):
        booked[row.practitioner_id].append(Span(row.during.lower, row.during.upper))
    return booked


@requires("practitioner.read")
async def free_slots(
    ctx: Context,
    day: date | None = None,
    practitioner_id: UUID | None = None,
    specialty: str = "",
    site_id: UUID | None = None,
    kind: Kind | None = None,
    days: int = 1,
) -> list[Slot]:
    """Free slots from a day of their site on (today when none is named), by doctor, specialty, site and kind.

    The first thousand of them: whoever wants more asks again from the day of the last one.
    """
    return (await every_free(ctx, day, practitioner_id, specialty, site_id, kind, days))[:MOST]


async def every_free(
    ctx: Context,
    day: date | None = None,
    practitioner_id: UUID | None = None,
    specialty: str = "",
    site_id: UUID | None = None,
    kind: Kind | None = None,
    days: int = 1,
) -> list[Slot]:
    """The same, all of them."""
    if not 1 <= days <= LONGEST:
        raise Invalid("days", _("Ask for 1 to %(most)s days at a time.", most=LONGEST))
    first = day or (ctx.now - 12 * HOUR).date()  # where it is earliest; further east today has begun already
    asked = [first + timedelta(days=n) for n in range(days if day else days + 2)]
    every = await offered(ctx, asked, practitioner_id=practitioner_id, site_id=site_id, specialty=specialty)
    if day is None:
        every = [slot for slot in every if 0 <= (slot.day - today_at(ctx, slot)).days < days]
    if kind:
        every = [slot for slot in every if kind.value in slot.kinds]
    doctors = {slot.practitioner_id for slot in every}
    busy = await taken(ctx, doctors, between(asked[0], asked[-1])) if every else {}
    return await asyncio.to_thread(open_ones, every, busy, ctx.now)


def open_ones(every: Iterable[Slot], busy: dict[UUID, list[Span]], now: datetime) -> list[Slot]:
    """Those of these times that nobody has taken and that have not begun, the earliest first."""
    free_now = [slot for slot in every if free([slot.span], busy.get(slot.practitioner_id, ()), now)]
    return sorted(free_now, key=lambda slot: (slot.starts, slot.practitioner))


def today_at(ctx: Context, slot: Slot) -> date:
    return ctx.now.astimezone(ZoneInfo(slot.zone)).date()


async def slot_at(
    ctx: Context, practitioner: Practitioner, starts: datetime, kind: Kind, site_id: UUID | None = None
) -> Slot | None:
    """The offered slot that begins exactly then."""
    day = starts.astimezone(UTC).date()
    near = [day + timedelta(days=n) for n in (-2, -1, 0, 1)]  # east and west of Greenwich, and past midnight
    if not practitioner.active:
        return None
    own = await ctx.list_by(Availability, Availability.practitioner_id, practitioner.id)
    offers = [availability for availability in own if availability.offers(near)]
    sites = await ctx.get_many(Site, {offer.site_id for offer in offers if site_id in (None, offer.site_id)})
    away = await absences(ctx, [practitioner.id], between(near[0], near[-1]))
    for site in sorted(sites.values(), key=lambda site: site.id):
        group = [(offer, practitioner, site) for offer in offers if offer.site_id == site.id and not site.closed]
        for slot in (slot for day in near if group for slot in of_day(day, group, away, starts)):
            if slot.starts == starts and kind.value in slot.kinds:
                return slot
    return None


async def lasting(ctx: Context, slot: Slot, kind: Kind, length: timedelta) -> Slot | None:
    """A visit that begins with this slot and goes on over the next ones; nothing when hours end or leave begins."""
    span = Span(slot.starts, slot.starts + length)
    own = await ctx.list_by(Availability, Availability.practitioner_id, slot.practitioner_id)
    zone, near = ZoneInfo(slot.zone), [slot.day + DAY * n for n in (-1, 0, 1)]
    openings = [
        opening
        for offer in own
        if offer.site_id == slot.site_id and kind.value in offer.kinds
        for day in near
        if (pattern := offer.on(day)) and (opening := hours(pattern, day, zone))
    ]
    away = (await absences(ctx, [slot.practitioner_id], Range(span.start, span.end))).get(slot.practitioner_id, [])
    whole = reach(openings, span.start) >= span.end and not any(span.meets(leave) for leave in away)
    return replace(slot, span=span) if whole else None
