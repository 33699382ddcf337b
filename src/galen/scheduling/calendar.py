"""The calendar: a day of several practitioners, or a week of one, as a table of free and taken times."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import formats
from galen.i18n import gettext as _

from .models import Appointment, AppointmentStatus, Practitioner
from .roster import own_profile, practitioners
from .rules import Span, fives, free, local_day
from .service import with_names
from .slots import offered, taken
from .weekdays import weekday_name

Row = tuple[int, int, int]
"""A time of day as it reads on the wall: hour, whether it is the second time tonight, minute."""
GONE = (AppointmentStatus.NO_SHOW, AppointmentStatus.LEFT)  # their time may be given to somebody else


@dataclass(slots=True)
class Block:
    """One cell: a free time, a closed one, or the appointments that share it."""

    span: int
    starts: datetime | None = None
    practitioner_id: UUID | None = None
    label: str = ""
    free: bool = False
    appointments: list[Appointment] = field(default_factory=list)

    @property
    def values(self) -> dict[str, str]:
        """What moving an appointment here sends."""
        assert self.starts
        return {"starts": self.starts.isoformat(), "practitioner_id": str(self.practitioner_id)}

    @property
    def query(self) -> str:
        """What the booking form is told when this free time is chosen."""
        assert self.starts
        return "?" + urlencode({"practitioner_id": self.practitioner_id, "starts": self.starts.isoformat()})


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One row: from one moment at which something begins or ends to the next."""

    key: Row
    label: str
    fives: int  # as tall as it is long
    now: bool


@dataclass(frozen=True, slots=True)
class PractitionerDay:
    """One column: a practitioner's day."""

    key: str
    title: str
    practitioner_id: UUID
    day: date
    free: list[Span]
    appointments: list[Appointment]

    @property
    def spans(self) -> Iterable[Span]:
        yield from self.free
        yield from (appointment.span for appointment in self.appointments)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the calendar page shows."""

    view: str
    day: date
    before: date
    after: date
    practitioner_id: UUID | None
    practitioners: list[Practitioner]
    columns: list[tuple[str, str]]
    times: list[TimeRow]
    slots: dict[tuple[str, Row], Block]
    first: date  # Monday of the week, or the day
    hours: int  # of this day: 23 or 25 when the clocks change

    @property
    def weekly(self) -> bool:
        """A week of one practitioner, not a day of everybody."""
        return self.view == "week"

    @property
    def weekday(self) -> str:
        return weekday_name(self.day.weekday())

    @property
    def own(self) -> str:
        """What an address adds to stay with the chosen practitioner."""
        return f"&practitioner_id={self.practitioner_id}" if self.practitioner_id else ""

    @property
    def chosen(self) -> str:
        """Whose calendar this is."""
        names = {practitioner.id: practitioner.name for practitioner in self.practitioners}
        return names[self.practitioner_id] if self.practitioner_id in names else _("Everybody")

    @property
    def clocks_change(self) -> bool:
        """The day that is shown is shorter or longer than others."""
        return not self.weekly and self.hours != 24


@requires("queue.read")
async def calendar(
    ctx: Context,
    day: date | None = None,
    view: Literal["day", "week"] = "day",
    practitioner_id: UUID | None = None,
) -> Calendar:
    """A day of everybody (or of one), or a week of one practitioner, at the site one works at: for staff."""
    day = day or ctx.today
    people = await visible_practitioners(ctx)
    chosen = next((person for person in people if person.id == practitioner_id), None)
    if view == "week":
        own = await own_profile(ctx)
        chosen = chosen or (own if own in people else None) or next(iter(people), None)
        columns = await week_of(ctx, day, chosen) if chosen else []
    else:
        days = [await column(ctx, day, person, person.name) for person in ([chosen] if chosen else people)]
        columns = [each for each in days if chosen or any(each.spans)] or days
    now = ctx.now.astimezone(ctx.zone)
    present = (now.hour, now.fold, now.minute) if any(each.day == now.date() for each in columns) else None
    times, slots = grid(columns, ctx.zone, present)
    step = timedelta(days=7 if view == "week" else 1)
    return Calendar(
        view=view,
        day=day,
        before=day - step,
        after=day + step,
        practitioner_id=chosen.id if chosen else None,
        practitioners=people,
        columns=[(each.key, each.title) for each in columns],
        times=times,
        slots=slots,
        first=monday_of(day) if view == "week" else day,
        hours=round(local_day(day, ctx.zone).length.total_seconds() / 3600),
    )


async def week_of(ctx: Context, day: date, practitioner: Practitioner) -> list[PractitionerDay]:
    """The week around a day; Saturday and Sunday only when something is on them."""
    days = [monday_of(day) + timedelta(days=n) for n in range(7)]
    columns = [await column(ctx, each, practitioner, formats.weekday_and_day(each)) for each in days]
    return [each for each in columns if each.day.weekday() < 5 or any(each.spans)]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@requires("appointment.read")
async def calendar_page(
    ctx: Context,
    day: date | None = None,
    view: Literal["day", "week"] = "day",
    practitioner_id: UUID | None = None,
) -> Calendar | Response:
    """The calendar for those who work with it; a patient is led to their own appointments."""
    if ctx.actor.kind == "patient":
        own = ctx.actor.patient_id
        return RedirectResponse(f"/patients/{own}/appointments" if own else "/", 303)
    return await calendar(ctx, day, view, practitioner_id)


async def visible_practitioners(ctx: Context) -> list[Practitioner]:
    """Whose calendars this person may open: a doctor's is their own."""
    if ctx.actor.may("appointment.read_all") or ctx.actor.kind != "staff":
        return await practitioners(ctx)
    own = await own_profile(ctx)
    return [own] if own else []


async def column(ctx: Context, day: date, practitioner: Practitioner, title: str) -> PractitionerDay:
    """What is free and what is booked, of one practitioner on one local day here."""
    whole = local_day(day, ctx.zone)
    during = Range(whole.start, whole.end)
    slots = await offered(ctx, [day], practitioner_id=practitioner.id, site_id=ctx.here.id)
    spans = [slot.span for slot in slots]
    busy = (await taken(ctx, [practitioner.id], during)).get(practitioner.id, [])
    query = with_names(select(Appointment)).where(
        Appointment.practitioner_id == practitioner.id,
        Appointment.site_id == ctx.here.id,
        Appointment.status != AppointmentStatus.CANCELLED,
        Appointment.during.overlaps(during),
    )
    appointments = list(await ctx.db.scalars(query.order_by(Appointment.during)))
    standing = [appointment for appointment in appointments if appointment.status not in GONE]
    open_now = free(spans, [*busy, *(appointment.span for appointment in standing)], ctx.now)
    gone = [
        appointment
        for appointment in appointments
        if appointment.status in GONE and not any(appointment.span.meets(span) for span in open_now)
    ]
    return PractitionerDay(f"{practitioner.id} {day}", title, practitioner.id, day, open_now, standing + gone)


def grid(
    columns: list[PractitionerDay], zone: ZoneInfo, present: Row | None
) -> tuple[list[TimeRow], dict[tuple[str, Row], Block]]:
    """Rows wherever something begins or ends, and each column's cells in them, without a hole."""
    edges = sorted({row for each in columns for span in each.spans for row in rows_of(span, each.day, zone)})
    cells: dict[tuple[str, Row], Block] = {}
    for each in columns:
        at = 0
        for first, last, block in sorted(blocks(each, edges, zone), key=lambda block: block[0]):
            if first > at:
                cells[each.key, edges[at]] = Block(first - at)
            cells[each.key, edges[first]] = block
            at = last
        if at < len(edges) - 1:
            cells[each.key, edges[at]] = Block(len(edges) - 1 - at)
    return [time_row(row, until, present) for row, until in pairwise(edges)], cells


def time_row(row: Row, until: Row, present: Row | None) -> TimeRow:
    """How long it is on the wall clock; an hour that comes twice counts twice."""
    minutes = (until[0] - row[0]) * 60 + until[2] - row[2] + (60 if until[1] > row[1] else 0)
    return TimeRow(
        row, read_aloud(row), fives(timedelta(minutes=minutes)), present is not None and row <= present < until
    )


def blocks(column: PractitionerDay, edges: list[Row], zone: ZoneInfo) -> Iterable[tuple[int, int, Block]]:
    """Free times, and appointments; those that overlap stand in one cell."""
    index = {row: at for at, row in enumerate(edges)}
    for span in column.free:
        first, last = (index[row] for row in rows_of(span, column.day, zone))
        label = f"{formats.clock(span.start.astimezone(zone))}, {column.title}"
        yield first, last, Block(last - first, span.start, column.practitioner_id, label, free=True)
    shared: list[tuple[int, int, list[Appointment]]] = []
    for appointment in sorted(column.appointments, key=lambda appointment: appointment.starts):
        first, last = (index[row] for row in rows_of(appointment.span, column.day, zone))
        if shared and first < shared[-1][1]:
            before = shared.pop()
            shared.append((before[0], max(before[1], last), [*before[2], appointment]))
        else:
            shared.append((first, last, [appointment]))
    for first, last, together in shared:
        yield first, last, Block(last - first, appointments=together)


def rows_of(span: Span, day: date, zone: ZoneInfo) -> tuple[Row, Row]:
    """Where a span begins and ends on the wall clock of its day; what goes past midnight ends there."""
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    first = (start.hour, start.fold, start.minute) if start.date() == day else (0, 0, 0)
    return first, (end.hour, end.fold, end.minute) if end.date() == day else (24, 0, 0)


def read_aloud(row: Row) -> str:
    hour, again, minute = row
    return _("%(time)s again", time=f"{hour:02}:{minute:02}") if again else f"{hour:02}:{minute:02}"
