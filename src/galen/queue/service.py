"""The verbs of the queue."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from galen import scheduling
from galen.core.context import Context
from galen.core.errors import Conflict, NotFound
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.i18n import formats, label, sentence_case
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.patients import Patient
from galen.scheduling import Practitioner

from .events import PatientCheckedIn, QueueMoved, TokenCalled
from .models import Token, TokenStatus
from .schemas import CallDraft, CheckInDraft, StatusDraft, WalkInDraft
from .undoing import TokenStanding, place_of, tell

Status = TokenStatus
TURNS = (Token.practitioner_id.is_(None), Token.due, Token.number)  # the order in which people are called
HERE = (Status.WAITING, Status.CALLED, Status.IN_ROOM, Status.SKIPPED)


class AlreadyHere(Conflict):
    message, constraint = "This patient is checked in already; see today's queue.", "token_present_idx"


class AlreadyCheckedIn(Conflict):
    message, constraint = "This appointment is checked in already; see today's queue.", "token_appointment_id_key"


class NotToday(Conflict):
    message = "This appointment is on {day}, not today. Move it to today, or check the patient in as a walk-in."


class OtherSite(Conflict):
    message = "This appointment is at {site}. Move it, or check the patient in there."


class NobodyWaits(Conflict):
    message = "Nobody is waiting."


class Gone(Conflict):
    message = "This patient is not here any more. Take them back into the queue first."


class CalledAlready(Conflict):
    message = "Number {number} is not waiting any more: {status}{place}. Nobody was called; choose somebody else."


class WaitsForAnother(Conflict):
    message = "Number {number} waits for {name}. Call somebody of your own list, or ask {name}."


class RecordClosed(Conflict):
    message = "This patient's record is closed; open it again before checking them in."


@requires("queue.checkin")
async def check_in(ctx: Context, draft: CheckInDraft) -> Token:
    """The patient of an appointment has come: give them a number."""
    earlier = await token_of(ctx, draft.appointment_id)
    if earlier and earlier.status in HERE:
        raise AlreadyCheckedIn
    booked = scheduling.standing(await scheduling.held(ctx, draft.appointment_id))
    appointment = await scheduling.arrive(ctx, draft.appointment_id)
    if appointment.site_id != ctx.here.id:
        raise OtherSite(site=(await ctx.get(Site, appointment.site_id)).name)
    day = appointment.starts.astimezone(ctx.zone).date()
    if day != ctx.today:
        raise NotToday(day=formats.day(day))
    if earlier:
        before = place_of(earlier).model_copy(update={"appointment": booked})
        return told(ctx, moved(ctx, earlier, Status.WAITING), before)
    due = max(appointment.starts, ctx.now)
    token = await given(ctx, appointment.patient_id, appointment.practitioner_id, due, appointment.id)
    return told(ctx, token, place_of(token).model_copy(update={"appointment": booked, "new": True}))


@requires("queue.checkin")
async def walk_in(ctx: Context, draft: WalkInDraft) -> Token:
    """Someone has come without an appointment: they wait from now on, between those whose time comes later."""
    query = select(Patient.archived_at, Patient.deceased_on).where(Patient.id == draft.patient_id)
    patient = (await ctx.db.execute(query)).one_or_none()
    if patient is None:
        raise NotFound(thing="patient")
    if patient.archived_at or patient.deceased_on:
        raise RecordClosed
    if draft.practitioner_id:
        await ctx.get(Practitioner, draft.practitioner_id)
    token = await given(ctx, draft.patient_id, draft.practitioner_id, ctx.now, None)
    return told(ctx, token, place_of(token).model_copy(update={"new": True}))


async def given(
    ctx: Context, patient_id: UUID, practitioner_id: UUID | None, due: datetime, appointment_id: UUID | None
) -> Token:
    """The next number of this site and day. It counts even when the patient leaves again."""
    token = Token(
        site_id=ctx.here.id,
        day=ctx.today,
        number=await next_number(ctx, f"token {ctx.here.id} {ctx.today}"),
        patient_id=patient_id,
        practitioner_id=practitioner_id,
        appointment_id=appointment_id,
        status=Status.WAITING,
        calls=0,
        room="",
        checked_in_at=ctx.now,
        due=due,
    )
    ctx.emit(PatientCheckedIn(token.id, patient_id))
    return ctx.add(token)


@requires("queue.call")
async def call_next(ctx: Context, draft: CallDraft) -> Token:
    """Call whose turn it is: from one's own list, then from the shared one. Two callers never get the same patient."""
    own = draft.practitioner_id or await own_id(ctx)
    lists = or_(Token.practitioner_id.is_(None), Token.practitioner_id == own)
    query = (
        at_work(ctx)
        .where(Token.status == Status.WAITING, lists)
        .order_by(*TURNS)
        .limit(1)
        .with_for_update(of=Token, skip_locked=True)
    )
    token = await ctx.db.scalar(query)
    if token is None:
        raise NobodyWaits
    before = place_of(token)
    token.practitioner_id = token.practitioner_id or own
    return told(ctx, await called(ctx, token, draft.room), before)


@requires("queue.call")
async def call_chosen(ctx: Context, token_id: UUID, draft: CallDraft) -> Token:
    """Call this one, whoever's turn it is: of one's own list or the shared one; a nurse calls for every doctor. Who
    waits is looked at only when nobody else can be calling them."""
    query = with_names(at_work(ctx).where(Token.id == token_id)).with_for_update(of=Token)
    token = await ctx.db.scalar(query.execution_options(populate_existing=True))
    if token is None:
        raise NotFound(thing="token")
    if token.status is not Status.WAITING:
        place = f", {token.called_into}" if token.called_into else ""
        raise CalledAlready(number=token.label, status=label(token.status), place=place)
    own = draft.practitioner_id or await own_id(ctx)
    if own and token.practitioner and token.practitioner_id != own:
        raise WaitsForAnother(number=token.label, name=token.practitioner.name)
    before = place_of(token)
    token.practitioner_id = token.practitioner_id or own
    return told(ctx, await called(ctx, token, draft.room), before)


def told(ctx: Context, token: Token, before: TokenStanding) -> Token:
    """Say where this number stands now, and offer the way back."""
    about = {"number": token.label, "status": label(token.status), "room": token.called_into}
    into = _("Number %(number)s: %(status)s, %(room)s.", **about)
    return tell(ctx, token, into if about["room"] else _("Number %(number)s: %(status)s.", **about), before)


async def awaited(ctx: Context, token_id: UUID) -> Token:
    """A token of somebody who is here, or whose call may be heard."""
    token = await ctx.get(Token, token_id, lock=True)
    if token.status in (Status.NO_SHOW, Status.LEFT):
        raise Gone
    return token


async def called(ctx: Context, token: Token, room: str = "") -> Token:
    """Into the room that is named, else the one they were called to, the doctor's, the caller's: always somewhere."""
    token.status, token.called_at, token.calls = Status.CALLED, ctx.now, token.calls + 1
    room = room or token.room
    if token.practitioner_id and not room:
        room = await scheduling.room_of(ctx, token.practitioner_id, token.site_id)
    token.room = room or await own_place(ctx) or sentence_case(label(next(iter(ctx.actor.roles), "")))
    token.called_by = ctx.actor.id if ctx.actor.kind == "staff" else None
    ctx.emit(TokenCalled(token.id))
    return token


async def own_place(ctx: Context) -> str:
    """Where the patients go whom this person calls: to the room of their hours, else to where they called to last."""
    own = await own_id(ctx)
    if own and (room := await scheduling.room_of(ctx, own, ctx.here.id)):
        return room
    mine = select(Token.room).where(Token.called_by == ctx.actor.id, Token.site_id == ctx.here.id, Token.room != "")
    return await ctx.db.scalar(mine.order_by(Token.called_at.desc()).limit(1)) or ""


async def own_id(ctx: Context) -> UUID | None:
    query = select(Practitioner.id).where(Practitioner.account_id == ctx.actor.id, Practitioner.active)
    return await ctx.db.scalar(query)


@requires("queue.call")
async def recall(ctx: Context, token_id: UUID) -> Token:
    """Call again: someone who did not answer, or who was skipped."""
    token = await awaited(ctx, token_id)
    if token.status is Status.WAITING:
        return await call_chosen(ctx, token_id, CallDraft())
    before = place_of(token)
    return told(ctx, await called(ctx, token), before)


@requires("queue.call")
async def undo_call(ctx: Context, token_id: UUID) -> Token:
    """Back into the queue, at the same place: a call that was a slip, or someone who is back."""
    token = await ctx.get(Token, token_id, lock=True)
    gone = bool(token.appointment_id) and token.status in (Status.NO_SHOW, Status.LEFT)
    before = place_of(token, await booking_of(ctx, token) if gone else None)
    if token.appointment_id and gone:
        await scheduling.arrive(ctx, token.appointment_id)
    token.room = "" if token.status is Status.CALLED else token.room
    return told(ctx, moved(ctx, token, Status.WAITING), before)


async def booking_of(ctx: Context, token: Token) -> scheduling.Appointment | None:
    return await scheduling.held(ctx, token.appointment_id) if token.appointment_id else None


@requires("queue.call")
async def skip(ctx: Context, token_id: UUID) -> Token:
    """Not there when called: someone else goes first, and they can be called again."""
    token = await awaited(ctx, token_id)
    before = place_of(token)
    return told(ctx, moved(ctx, token, Status.SKIPPED), before)


@requires("queue.call")
async def no_show(ctx: Context, token_id: UUID) -> Token:
    """Called and not found: the appointment, if there is one, counts as missed."""
    return await absent(ctx, token_id, Status.NO_SHOW)


@requires("queue.checkin")
async def leave(ctx: Context, token_id: UUID) -> Token:
    """Gone before being seen: something else than not coming at all."""
    return await absent(ctx, token_id, Status.LEFT)


async def absent(ctx: Context, token_id: UUID, status: TokenStatus) -> Token:
    token = await ctx.get(Token, token_id, lock=True)
    before = place_of(token, await booking_of(ctx, token))
    moved(ctx, token, status)
    token.ended_at = ctx.now
    if token.appointment_id:
        await scheduling.miss(ctx, token.appointment_id, came=status is Status.LEFT)
    return told(ctx, token, before)


@requires("queue.call")
async def finish(ctx: Context, token_id: UUID) -> Token:
    """Seen, without a visit having been recorded."""
    token = await enter_room(ctx, token_id)
    if token.appointment_id:
        await scheduling.complete(ctx, token.appointment_id)
    token = await finish_token(ctx, token_id)
    ctx.flash(_("Number %(number)s: %(status)s.", number=token.label, status=label(token.status)))
    return token


async def enter_room(ctx: Context, token_id: UUID) -> Token:
    """The patient is with whoever sees them."""
    token = await ctx.get(Token, token_id, lock=True)
    if token.status is not Status.IN_ROOM:
        token.entered_at = ctx.now
        moved(ctx, token, Status.IN_ROOM)
    return token


async def finish_token(ctx: Context, token_id: UUID) -> Token:
    """The patient has been seen."""
    token = await ctx.get(Token, token_id, lock=True)
    token.ended_at = ctx.now
    return moved(ctx, token, Status.DONE)


def moved(ctx: Context, token: Token, status: TokenStatus) -> Token:
    token.status = status
    ctx.emit(QueueMoved(token.id))
    return token


@requires("queue.read")
async def set_status(ctx: Context, token_id: UUID, draft: StatusDraft) -> Token:
    """Say what happened to a token; each status asks for its own permission."""
    verbs = {
        "waiting": undo_call,
        "called": recall,
        "skipped": skip,
        "no_show": no_show,
        "left": leave,
        "done": finish,
    }
    return await verbs[draft.status](ctx, token_id)


def at_work(ctx: Context) -> Select[Token]:
    """Today's tokens at the site one works at."""
    return select(Token).where(Token.site_id == ctx.here.id, Token.day == ctx.today)


def with_names(query: Select[Token]) -> Select[Token]:
    patient = selectinload(Token.patient).raiseload(Patient.allergies)
    return query.options(patient, selectinload(Token.practitioner))


@requires("queue.read")
async def today(ctx: Context) -> list[Token]:
    """Today's queue at the site one works at, in the order in which people's turn comes."""
    return list(await ctx.db.scalars(with_names(at_work(ctx)).order_by(*TURNS)))


@requires("queue.read")
async def token(ctx: Context, token_id: UUID) -> Token:
    """One token."""
    return await ctx.get(Token, token_id, include=(Token.practitioner,))


async def waiting(ctx: Context) -> int:
    """How many wait here: for doctors, on their own list and the shared one."""
    if ctx.site is None:
        return 0
    query = select(func.count(Token.id)).where(
        Token.site_id == ctx.site.id, Token.day == ctx.today, Token.status == Status.WAITING
    )
    if own := await own_id(ctx):
        query = query.where(or_(Token.practitioner_id.is_(None), Token.practitioner_id == own))
    return await ctx.db.scalar(query) or 0


async def token_of(ctx: Context, appointment_id: UUID) -> Token | None:
    """The token that was given for an appointment."""
    return await ctx.find_by(Token, Token.appointment_id, appointment_id, lock=True)
