"""Beginning, completing and cancelling a visit."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import exists, or_, select

from galen import billing, patients, queue, scheduling
from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.i18n import label
from galen.patients import Patient
from galen.queue import Token, TokenStatus

from ..events import VisitChanged, VisitCompleted, VisitStarted
from ..models import Visit, VisitStatus
from ..schemas import VisitCancelDraft, VisitChange, VisitDraft
from .beforehand import let_out, take_in


class AlreadyStarted(Conflict):
    message = "This visit has been started already. It stands among the visits that are open."
    constraint = "visit_token_key"


class AppointmentStarted(Conflict):
    message, constraint = AlreadyStarted.message, "visit_appointment_key"


class VisitOver(Conflict):
    message = "This visit is {status}; nothing more is recorded in it. Start a new visit, or amend a note."


@requires("visit.write")
async def start_visit(ctx: Context, draft: VisitDraft) -> Visit:
    """The patient enters the room: from the queue, from an appointment, or just so."""
    visit = Visit(started_at=ctx.now, site_id=ctx.here.id, reason=draft.reason)
    if draft.patient_id:
        visit.patient_id = draft.patient_id
    if token_id := draft.token_id or await token_waiting(ctx, draft):
        token = await queue.enter_room(ctx, token_id)
        visit.token_id, visit.patient_id = token.id, token.patient_id
        visit.appointment_id = token.appointment_id
        if token.practitioner_id:
            visit.practitioner_id = token.practitioner_id
    visit.appointment_id = visit.appointment_id or draft.appointment_id
    if visit.appointment_id:
        appointment = await scheduling.begin(ctx, visit.appointment_id)
        visit.patient_id, visit.practitioner_id = appointment.patient_id, appointment.practitioner_id
        visit.reason = visit.reason or appointment.reason
    if visit.patient_id is None:
        raise Invalid("patient_id", _("Please choose the patient."))
    if draft.patient_id and draft.patient_id != visit.patient_id:
        raise Invalid("patient_id", _("The token or appointment belongs to another patient."))
    if not visit.token_id and not visit.appointment_id:
        await ctx.get(Patient, visit.patient_id)
    if visit.practitioner_id is None:
        visit.practitioner_id = (await scheduling.practitioner_of_actor(ctx)).id
    ctx.add(visit)
    await take_in(ctx, visit)
    ctx.emit(VisitStarted(visit.id, visit.patient_id))
    return visit


async def token_waiting(ctx: Context, draft: VisitDraft) -> UUID | None:
    """The token in today's queue of someone whose chart was opened instead: with this doctor, or with nobody yet."""
    if draft.appointment_id or draft.patient_id is None:
        return None
    own = select(scheduling.Practitioner.id).where(scheduling.Practitioner.account_id == ctx.actor.id)
    query = select(Token.id).where(
        Token.site_id == ctx.here.id,
        Token.day == ctx.today,
        Token.patient_id == draft.patient_id,
        Token.status.in_([TokenStatus.WAITING, TokenStatus.CALLED]),
        or_(Token.practitioner_id.is_(None), Token.practitioner_id.in_(own)),
    )
    return await ctx.db.scalar(query)


@requires("visit.read")
async def open_visit(ctx: Context, visit_id: UUID) -> Visit:
    """One visit."""
    return await ctx.get(Visit, visit_id)


@requires("visit.read")
async def visits(
    ctx: Context, status: VisitStatus | None = None, patient_id: UUID | None = None, after: str | None = None
) -> Slice[Visit]:
    """Visits, the latest first."""
    query = select(Visit)
    if status:
        query = query.where(Visit.status == status)
    if patient_id:
        await patients.known(ctx, patient_id)
        query = query.where(Visit.patient_id == patient_id)
    return await ctx.slice(query, after, by=Visit.started_at)


@requires("visit.write")
async def edit_visit(ctx: Context, visit_id: UUID, draft: VisitChange) -> Visit:
    """Change why the patient came."""
    visit = draft.onto(await still_open(ctx, visit_id))
    ctx.emit(VisitChanged(visit.id, visit.patient_id))
    return visit


@requires("visit.write")
async def complete_visit(ctx: Context, visit_id: UUID) -> Visit:
    """The patient leaves: appointment, place in the queue and consultation fee are settled in the same moment."""
    visit = await still_open(ctx, visit_id)
    visit.status, visit.ended_at = VisitStatus.COMPLETED, ctx.now
    fee = await fee_of(ctx, visit)
    if visit.token_id:
        await queue.finish_token(ctx, visit.token_id)
    if fee:
        line = billing.ChargeLine(
            text="Consultation", quantity=Decimal(1), unit_price=fee, tax_class="service", reference=("visit", visit.id)
        )
        await billing.charge(ctx, patient_id=visit.patient_id, reference=("visit", visit.id), lines=[line])
    ctx.emit(VisitCompleted(visit.id, visit.patient_id))
    return visit


async def fee_of(ctx: Context, visit: Visit) -> Decimal:
    """The price agreed at booking; for a walk-in, what the price rule says today."""
    if visit.appointment_id:
        return (await scheduling.complete(ctx, visit.appointment_id)).price
    here = Visit.patient_id == visit.patient_id, Visit.status == VisitStatus.COMPLETED, Visit.elsewhere == ""
    earlier = exists().where(*here, Visit.id != visit.id)
    before = int(bool(await ctx.db.scalar(select(earlier))))
    return (await scheduling.quote(ctx, visit.patient_id, visit.practitioner_id, before)).amount


@requires("visit.write")
async def cancel_visit(ctx: Context, visit_id: UUID, draft: VisitCancelDraft) -> Visit:
    """Started by mistake, or the patient left: nothing is charged."""
    visit = await still_open(ctx, visit_id)
    visit.status, visit.ended_at, ctx.reason = VisitStatus.CANCELLED, ctx.now, draft.reason
    visit.reason = visit.reason or draft.reason
    if visit.token_id:
        await queue.finish_token(ctx, visit.token_id)
    if visit.appointment_id:
        await scheduling.miss(ctx, visit.appointment_id, came=True)
    await let_out(ctx, visit.id)
    ctx.emit(VisitChanged(visit.id, visit.patient_id))
    return visit


async def still_open(ctx: Context, visit_id: UUID) -> Visit:
    """The visit, held until the end of the transaction; refused when it is over."""
    visit = await ctx.get(Visit, visit_id, lock=True)
    if visit.status is not VisitStatus.OPEN:
        raise VisitOver(status=label(visit.status))
    return visit
