"""What the queue's pages and the home pages ask for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from galen import scheduling
from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.patients import Patient
from galen.scheduling import Appointment, AppointmentStatus, Practitioner
from galen.values.search_key import opened, search_key

from .models import Token, TokenStatus
from .rules import Turn, ahead
from .service import TURNS, at_work, own_id, own_place, token_of, with_names

SHARED, ROOM = "shared", "room "
"""What a filter calls the list of nobody in particular; what it puts before the name of a room."""

GROUPS = {
    TokenStatus.CALLED: N_("Called"),
    TokenStatus.WAITING: N_("Waiting"),
    TokenStatus.IN_ROOM: N_("With someone"),
    TokenStatus.SKIPPED: N_("Passed over"),
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A token with how long it has been waiting, why the person comes, and when they were to come."""

    token: Token
    minutes: int
    callable: bool = False

    @property
    def reason(self) -> str:
        return self.token.booking.reason if self.token.booking else ""

    @property
    def booked_at(self) -> datetime | None:
        return self.token.booking.starts if self.token.booking else None

    @property
    def doctor(self) -> str:
        return self.token.practitioner.name if self.token.practitioner else _("whoever is free")

    def fits(self, words: list[str], who: str) -> bool:
        """Whether each word is its number or in its name or reason, and it is of this list or room."""
        token = self.token
        said = " ".join(key(text) for text in (token.patient.name, self.reason) for key in (search_key, opened))
        found = all(int(word) == token.number if word.isdecimal() else word in said for word in words)
        return found and who in ("", str(token.practitioner_id or SHARED), ROOM + token.room)


@dataclass(frozen=True)
class TodaysQueue:
    """Today's queue here, by what is to be done: what fits the filters, of how many."""

    rows: list[QueueRow]
    count: int  # who is here, whatever is shown
    state: str
    lists: list[tuple[str, str]]
    organization: str
    site_id: UUID
    own: UUID | None
    place: str  # where whoever looks calls people to
    may_call: bool

    def those(self, *states: TokenStatus) -> list[QueueRow]:
        return [row for row in self.rows if row.token.status in states and self.state in ("", row.token.status.value)]

    @property
    def called(self) -> list[QueueRow]:
        return self.those(TokenStatus.CALLED)

    @property
    def waiting(self) -> list[QueueRow]:
        return self.those(TokenStatus.WAITING)

    @property
    def in_room(self) -> list[QueueRow]:
        return self.those(TokenStatus.IN_ROOM)

    @property
    def skipped(self) -> list[QueueRow]:
        return self.those(TokenStatus.SKIPPED)

    @property
    def over(self) -> list[QueueRow]:
        return self.those(TokenStatus.DONE, TokenStatus.LEFT, TokenStatus.NO_SHOW)

    @property
    def shown(self) -> int:
        return sum(map(len, (self.called, self.waiting, self.in_room, self.skipped)))

    @property
    def nobody(self) -> bool:
        """Nobody has come today."""
        return not self.count and not self.rows

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(status.value, _(word)) for status, word in GROUPS.items()]


@requires("queue.read")
async def queue(ctx: Context, q: str = "", who: str = "", state: str = "") -> TodaysQueue:
    """Today's queue here: called, waiting, with someone, passed over, over; all of it, or by words (a name, a number, a
    reason), by doctor or room, by state."""
    query = with_names(at_work(ctx)).options(selectinload(Token.booking)).order_by(*TURNS)
    tokens, own = (await ctx.db.scalars(query)).all(), await own_id(ctx)
    rows = [row_of(ctx, token, own) for token in tokens]
    words = search_key(q).split()
    doctors = {str(row.token.practitioner_id or SHARED): row.doctor for row in rows}
    rooms = {ROOM + row.token.room: row.token.room for row in rows if row.token.room}
    return TodaysQueue(
        rows=[row for row in rows if row.fits(words, who)],
        count=sum(not row.token.over for row in rows),
        state=state,
        lists=[*sorted(doctors.items(), key=itemgetter(1)), *sorted(rooms.items())],
        organization=ctx.organization.slug,
        site_id=ctx.here.id,
        own=own,
        place=await own_place(ctx) if ctx.actor.may("queue.call") else "",
        may_call=ctx.actor.may("queue.call"),
    )


def row_of(ctx: Context, token: Token, own: UUID | None = None) -> QueueRow:
    of_own_list = own is None or token.practitioner_id in (None, own)
    return QueueRow(token, max(0, round((ctx.now - token.checked_in_at).total_seconds() / 60)), of_own_list)


@dataclass(frozen=True)
class WalkInForm:
    """Who may be waited for."""

    practitioners: list[Practitioner]
    patient: Patient | None

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(str(practitioner.id), practitioner.name) for practitioner in self.practitioners]


@requires("queue.checkin")
async def new_walk_in(ctx: Context, patient_id: UUID | None = None) -> WalkInForm:
    """The form for someone without an appointment."""
    return WalkInForm(await scheduling.practitioners(ctx), await ctx.get(Patient, patient_id) if patient_id else None)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is printed for the patient: no name."""

    token: Token
    site: Site
    ahead: int


@requires("queue.read")
async def ticket(ctx: Context, token_id: UUID) -> Ticket:
    """The slip with the number."""
    token = (await ctx.db.scalars(with_names(select(Token)).where(Token.id == token_id))).one_or_none()
    token = token or await ctx.get(Token, token_id)
    of_day = select(Token.practitioner_id, Token.due, Token.number, Token.status).where(
        Token.site_id == token.site_id, Token.day == token.day
    )
    rows = (await ctx.db.execute(of_day)).all()
    waiting = [Turn(row.practitioner_id, row.due, row.number) for row in rows if row.status is TokenStatus.WAITING]
    doctors = {row.practitioner_id for row in rows if row.practitioner_id}
    before = ahead(Turn(token.practitioner_id, token.due, token.number), waiting, doctors)
    return Ticket(token, await ctx.get(Site, token.site_id), before)


@dataclass(frozen=True, slots=True)
class ExpectedArrival:
    """An appointment at the desk: due, or late by so many minutes."""

    appointment: Appointment
    late: int


@requires("home.reception")
async def arrivals(ctx: Context) -> list[ExpectedArrival]:
    """Who is expected today and is not here yet, the next one first."""
    if ctx.site is None:
        return []
    query = scheduling.with_names(select(Appointment)).where(
        Appointment.site_id == ctx.site.id,
        Appointment.status == AppointmentStatus.BOOKED,
        scheduling.begins_on(ctx, None),
    )
    return [
        ExpectedArrival(appointment, max(0, int((ctx.now - appointment.starts) / timedelta(minutes=1))))
        for appointment in await ctx.db.scalars(query.order_by(func.lower(Appointment.during)).limit(12))
    ]


@requires("home.doctor")
async def next_up(ctx: Context) -> list[QueueRow]:
    """Who waits for the doctor who looks, in the order in which they will be called."""
    if ctx.site is None:
        return []
    own = await own_id(ctx)
    mine = (Token.practitioner_id == own) | Token.practitioner_id.is_(None)
    with_me = Token.status.in_([TokenStatus.CALLED, TokenStatus.IN_ROOM]) & (Token.practitioner_id == own)
    query = with_names(at_work(ctx)).where(mine, (Token.status == TokenStatus.WAITING) | with_me)
    tokens = await ctx.db.scalars(query.order_by(Token.status == TokenStatus.WAITING, *TURNS))
    return [row_of(ctx, token) for token in tokens]


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """Where the patient of an appointment stands in the queue, and whether they can be checked in."""

    appointment: Appointment
    token: Token | None
    today: bool

    @property
    def may_come(self) -> bool:
        """The patient is not here, and may be checked in when the day has come."""
        awaited = (AppointmentStatus.BOOKED, AppointmentStatus.NO_SHOW, AppointmentStatus.LEFT)
        return self.appointment.status in awaited


@requires("queue.read")
async def of_appointment(ctx: Context, appointment_id: UUID) -> QueueStanding:
    """The queue's part of an appointment's page."""
    appointment = await ctx.get(Appointment, appointment_id)
    day = appointment.starts.astimezone(ctx.zone).date()
    here = ctx.site is not None and ctx.site.id == appointment.site_id and day == ctx.today
    return QueueStanding(appointment, await token_of(ctx, appointment_id), here)
