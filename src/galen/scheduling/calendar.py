"""The calendar: a day of several practitioners, or a week of one, as a table of free and taken times."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from galen.core.context import Context
from galen.core.gate import requires

from .models import Appointment, AppointmentStatus, Practitioner
from .roster import own_profile, practitioners
from .rules import Span, free, local_day
from .service import with_names
from .slots import offered, taken

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


@dataclass(frozen=True, slots=True)
class Column:
    """One practitioner's day."""

    key: str
    title: str
    practitioner_id: UUID
    day: date
    free: list[Span]
    appointments: list[Appointment]

    @property
    def spans(self) -> Iterable[Span]:
        yield from self.free
        yield from (one.span for one in self.appointments)


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
    times: list[tuple[Row, str]]
    slots: dict[tuple[str, Row], Block]
    first: date  # Monday of the week, or the day
    hours: int  # of this day: 23 or 25 when the clocks change


@requires("queue.read")
async def calendar(
    ctx: Context,
    day: date | None = None,
    view: Literal["day", "week"] = "day",
    practitioner_id: UUID | None = None,
) -> Calendar:
    """A day of everybody (or of one), or a week of one practitioner, at the site one works at: for staff."""
    day = day or ctx.today
    who = await visible_practitioners(ctx)
    chosen = next((one for one in who if one.id == practitioner_id), None)
    if view == "week":
        own = await own_profile(ctx)
        chosen = chosen or (own if own in who else None) or next(iter(who), None)
        monday = day - timedelta(days=day.weekday())
        days = [monday + timedelta(days=n) for n in range(7)]
        columns = [await column(ctx, one, chosen, f"{one:%a %-d %b}") for one in days] if chosen else []
        columns = [one for one in columns if one.day.weekday() < 5 or any(one.spans)]
    else:
        people = [chosen] if chosen else who
        columns = [await column(ctx, day, one, one.name) for one in people]
        columns = [one for one in columns if chosen or any(one.spans)] or columns
    times, slots = grid(columns, ctx.zone)
    step = timedelta(days=7 if view == "week" else 1)
    return Calendar(
        view=view,
        day=day,
        before=day - step,
        after=day + step,
        practitioner_id=chosen.id if chosen else None,
        practitioners=who,
        columns=[(one.key, one.title) for one in columns],
        times=times,
        slots=slots,
        first=day - timedelta(days=day.weekday()) if view == "week" else day,
        hours=round(local_day(day, ctx.zone).length.total_seconds() / 3600),
    )


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


async def column(ctx: Context, day: date, who: Practitioner, title: str) -> Column:
    """What is free and what is booked, of one practitioner on one local day here."""
    whole = local_day(day, ctx.zone)
    during = Range(whole.start, whole.end)
    found = await offered(ctx, [day - timedelta(days=1), day], practitioner_id=who.id, site_id=ctx.here.id)
    spans = [slot.span for slot in found if whole.holds(slot.starts)]
    busy = (await taken(ctx, [who.id], during)).get(who.id, [])
    query = with_names(select(Appointment)).where(
        Appointment.practitioner_id == who.id,
        Appointment.site_id == ctx.here.id,
        Appointment.status != AppointmentStatus.CANCELLED,
        Appointment.during.overlaps(during),
    )
    appointments = list(await ctx.db.scalars(query.order_by(Appointment.during)))
    gone = [one for one in appointments if one.status in GONE]
    there = [one for one in appointments if one.status not in GONE]
    open_now = free(spans, [*busy, *(one.span for one in there)], ctx.now)
    kept = [one for one in gone if not any(one.span.meets(span) for span in open_now)]
    return Column(f"{who.id} {day}", title, who.id, day, open_now, there + kept)


def grid(columns: list[Column], zone: ZoneInfo) -> tuple[list[tuple[Row, str]], dict[tuple[str, Row], Block]]:
    """Rows wherever something begins or ends, and each column's cells in them, without a hole."""
    edges = sorted({row for one in columns for span in one.spans for row in rows_of(span, one.day, zone)})
    cells: dict[tuple[str, Row], Block] = {}
    for one in columns:
        at = 0
        for first, last, block in sorted(blocks(one, edges, zone), key=lambda found: found[0]):
            if first > at:
                cells[one.key, edges[at]] = Block(first - at)
            cells[one.key, edges[first]] = block
            at = last
        if at < len(edges) - 1:
            cells[one.key, edges[at]] = Block(len(edges) - 1 - at)
    return [(row, read_aloud(row)) for row in edges[:-1]], cells


def blocks(column: Column, edges: list[Row], zone: ZoneInfo) -> Iterable[tuple[int, int, Block]]:
    """Free times, and appointments; those that overlap stand in one cell."""
    place = {row: at for at, row in enumerate(edges)}
    for span in column.free:
        first, last = (place[row] for row in rows_of(span, column.day, zone))
        label = f"{span.start.astimezone(zone):%H:%M}, {column.title}"
        yield first, last, Block(last - first, span.start, column.practitioner_id, label, free=True)
    shared: list[tuple[int, int, list[Appointment]]] = []
    for one in sorted(column.appointments, key=lambda one: one.starts):
        first, last = (place[row] for row in rows_of(one.span, column.day, zone))
        if shared and first < shared[-1][1]:
            before = shared.pop()
            shared.append((before[0], max(before[1], last), [*before[2], one]))
        else:
            shared.append((first, last, [one]))
    for first, last, together in shared:
        yield first, last, Block(last - first, appointments=together)


def rows_of(span: Span, day: date, zone: ZoneInfo) -> tuple[Row, Row]:
    """Where a span begins and ends on the wall clock of its day; what goes past midnight ends there."""
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    first = (start.hour, start.fold, start.minute) if start.date() == day else (0, 0, 0)
    return first, (end.hour, end.fold, end.minute) if end.date() == day else (24, 0, 0)


def read_aloud(row: Row) -> str:
    hour, again, minute = row
    return f"{hour:02}:{minute:02}{' again' if again else ''}"
