"""What waits at the pharmacy, who has taken it, and what sleeps until its day."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.orm import lazyload

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.patients import Patient
from galen.prescribing import Line, Prescription
from galen.prescribing import Status as PrescriptionStatus
from galen.values.search_key import search_key

from ..events import DispensingMoved
from ..models import OPEN, SUPPLIED, Dispensing, DispensingLine, Status
from ..refusals import AlreadyTaken, NothingLeft, NotThere, OtherPharmacy, Stopped, WakeLater
from ..rules import days_of, is_controlled
from ..schemas import DispensingDraft, HoldDraft, Queue, QueueLine, ScanDraft, TakeDraft
from .policies import current

STAGES = (Status.WAITING, Status.VERIFIED, Status.DISPENSED, Status.HELD)
ENDED = (Status.REVERSED, Status.CANCELLED)
TO_SUPPLY = (PrescriptionStatus.SIGNED, PrescriptionStatus.PARTLY_DISPENSED)


async def receive(ctx: Context, prescription_id: UUID) -> None:
    """A signed prescription comes into the queue, once, whatever became of it there."""
    rx = await ctx.get(Prescription, prescription_id, lock=True)
    known = await ctx.db.scalar(select(exists().where(Dispensing.prescription_id == rx.id)))
    if not known and rx.status in TO_SUPPLY:
        await admit(ctx, rx, supply=1)


@requires("dispensing.prepare")
async def enqueue(ctx: Context, draft: DispensingDraft) -> Dispensing:
    """Put the next supply of a prescription into the queue; what is in it already is answered as it is."""
    rx = await ctx.get(Prescription, draft.prescription_id, lock=True)
    of_rx = await ctx.list_by(Dispensing, Dispensing.prescription_id, rx.id)
    known = sorted((one for one in of_rx if one.status not in ENDED), key=lambda one: (one.supply, one.part))
    if waiting := next((one for one in known if one.status in OPEN), None):
        return waiting
    supply, total = max((one.supply for one in known), default=0) + 1, 1 + max(line.repeats for line in rx.lines)
    if supply > total:
        raise NothingLeft(total=total)
    if rx.status not in TO_SUPPLY:
        raise Stopped(title=f"The prescription is {rx.status}", detail="Nothing may be supplied on it.")
    return await admit(ctx, rx, supply)


async def admit(ctx: Context, rx: Prescription, supply: int) -> Dispensing:
    """One supply of a prescription, as the work to be done: the lines that have a repeat left for it."""
    wanted = [line for line in rx.lines if line.repeats >= supply - 1]
    controlled = is_controlled(line.schedule for line in wanted)
    rules = await current(ctx)
    one = Dispensing(
        number=f"D{await next_number(ctx, 'dispensing'):06}",
        prescription_id=rx.id,
        patient_id=rx.patient_id,
        supply=supply,
        part=1,
        last=supply > max(line.repeats for line in rx.lines),
        round=1,
        status=Status.WAITING,
        queued_at=ctx.now,
        controlled=controlled,
        two_persons=controlled or rules.two_persons_always,
        answers=[],
        lines=[line_of(line) for line in wanted],
        items=[],
    )
    ctx.add(one)
    ctx.emit(DispensingMoved(one.id))
    return one


def line_of(line: Line) -> DispensingLine:
    return DispensingLine(
        line_id=line.id,
        position=line.position,
        product_id=line.product_id,
        drug=line.drug,
        directions=line.directions,
        quantity=line.quantity,
        unit=line.unit,
        days=days_of(line.quantity, line.unit, line.dose),
        supplied=Decimal(0),
    )


def here(ctx: Context) -> ColumnElement[bool]:
    """What this site may work on: its own, and what no pharmacy has taken."""
    unclaimed = Dispensing.site_id.is_(None)
    return or_(unclaimed, Dispensing.site_id == ctx.site.id) if ctx.site else unclaimed


@requires("dispensing.read")
async def worklist(ctx: Context, stage: str = "", q: str = "") -> Queue:
    """The work queue of this site, the longest waiting first within each stage."""
    tally = (
        select(Dispensing.status, func.count())
        .where(here(ctx), Dispensing.status.in_(STAGES))
        .group_by(Dispensing.status)
    )
    counts = {row[0]: row[1] for row in await ctx.db.execute(tally)}
    stages = [Status(stage)] if stage in STAGES else STAGES
    order = case({status: at for at, status in enumerate(STAGES)}, value=Dispensing.status)
    query = (
        select(Dispensing, Patient.family, Patient.given, Prescription.number)
        .join(Patient, Patient.id == Dispensing.patient_id)
        .join(Prescription, Prescription.id == Dispensing.prescription_id)
        .where(here(ctx), Dispensing.status.in_(stages))
        .options(lazyload(Dispensing.items))
        .order_by(order, Dispensing.queued_at, Dispensing.id)
        .limit(200)
    )
    if q.strip():
        query = query.where(matching(q.strip()))
    rows = await ctx.db.execute(query)
    items = [row_of(ctx, one, f"{family.upper()}, {given}".strip(", "), rx) for one, family, given, rx in rows]
    return Queue(items=items, counts={str(s): counts.get(s, 0) for s in STAGES}, stage=stage if stage in STAGES else "")


def matching(q: str) -> ColumnElement[bool]:
    """By patient, medicine, or the number of the prescription or the dispensing."""
    drug = exists().where(
        DispensingLine.dispensing_id == Dispensing.id, DispensingLine.drug.icontains(q, autoescape=True)
    )
    name = Patient.search.contains(search_key(q), autoescape=True)
    return or_(
        name,
        drug,
        Dispensing.number.istartswith(q, autoescape=True),
        Prescription.number.istartswith(q, autoescape=True),
    )


def row_of(ctx: Context, one: Dispensing, patient: str, rx: str) -> QueueLine:
    return QueueLine(
        id=one.id,
        number=one.number,
        patient=patient,
        medicines=one.medicines,
        prescription=rx,
        of=one.of,
        status=one.status,
        queued_at=one.queued_at,
        minutes=max(0, int((ctx.now - one.queued_at).total_seconds() // 60)),
        taken_name=one.taken_name,
        mine=one.taken_by == ctx.actor.id,
        controlled=one.controlled,
        two_persons=one.two_persons,
        owing=one.part > 1,
        held_because=one.held_because,
        wake_on=one.wake_on,
    )


@requires("dispensing.read")
async def waiting_count(ctx: Context) -> int:
    """How many wait for a pharmacist here."""
    query = (
        select(func.count())
        .select_from(Dispensing)
        .where(here(ctx), Dispensing.status.in_([Status.WAITING, Status.VERIFIED]))
    )
    return await ctx.db.scalar(query) or 0


@requires("dispensing.read")
async def scan(ctx: Context, draft: ScanDraft) -> Dispensing:
    """The dispensing whose label or number was scanned."""
    code = draft.code.strip().upper()
    if found := await ctx.db.scalar(select(Dispensing).where(Dispensing.number == code)):
        return found
    raise NotThere(code=code)


async def claimed(ctx: Context, dispensing_id: UUID, *, over: bool = False) -> Dispensing:
    """Open it for work: from now on it is this person's, at this pharmacy. Two never have the same one."""
    one = await ctx.get(Dispensing, dispensing_id, lock=True)
    if one.site_id not in (None, ctx.here.id):
        raise OtherPharmacy
    if one.taken_by not in (None, ctx.actor.id) and not over:
        since = one.taken_at.astimezone(ctx.zone) if one.taken_at else ctx.now
        raise AlreadyTaken(name=one.taken_name, since=f"{since:%H:%M}")
    one.site_id = ctx.here.id
    if one.taken_by != ctx.actor.id:
        one.taken_by, one.taken_name, one.taken_at = ctx.actor.id, ctx.actor.name, ctx.now
    return one


def let_go(one: Dispensing) -> None:
    """It is nobody's again."""
    one.taken_by, one.taken_name, one.taken_at = None, "", None


@requires("dispensing.prepare")
async def take(ctx: Context, dispensing_id: UUID, draft: TakeDraft) -> Dispensing:
    """Take it, so that no colleague does the same work."""
    one = await claimed(ctx, dispensing_id, over=draft.over)
    ctx.emit(DispensingMoved(one.id))
    return one


@requires("dispensing.prepare")
async def release(ctx: Context, dispensing_id: UUID) -> Dispensing:
    """Leave it to a colleague."""
    one = await claimed(ctx, dispensing_id)
    let_go(one)
    ctx.emit(DispensingMoved(one.id))
    return one


@requires("dispensing.prepare")
async def hold(ctx: Context, dispensing_id: UUID, draft: HoldDraft) -> Dispensing:
    """Put it aside with a reason, until its day. It must be verified anew afterwards."""
    if draft.wake_on < ctx.today:
        raise WakeLater(day=f"{draft.wake_on:%-d %b %Y}")
    one = await claimed(ctx, dispensing_id)
    one.status, one.held_because, one.wake_on = Status.HELD, draft.reason, draft.wake_on
    let_go(one)
    ctx.emit(DispensingMoved(one.id))
    return one


@requires("dispensing.prepare")
async def resume(ctx: Context, dispensing_id: UUID) -> Dispensing:
    """Take up again what was put aside."""
    one = await claimed(ctx, dispensing_id)
    let_go(one)
    return awake(ctx, one)


def awake(ctx: Context, one: Dispensing) -> Dispensing:
    one.status, one.held_because, one.wake_on = Status.WAITING, "", None
    ctx.emit(DispensingMoved(one.id))
    return one


async def wake(ctx: Context) -> int:
    """What was held until today waits again."""
    query = select(Dispensing).where(Dispensing.status == Status.HELD, Dispensing.wake_on <= ctx.today)
    due = list(await ctx.db.scalars(query.with_for_update(of=Dispensing, skip_locked=True).limit(500)))
    for one in due:
        awake(ctx, one)
    return len(due)


async def clear_expired(ctx: Context) -> int:
    """What waits on a prescription that may no longer be supplied leaves the queue."""
    over = select(Prescription.id).where(Prescription.status == PrescriptionStatus.EXPIRED)
    query = select(Dispensing).where(Dispensing.status.in_(OPEN), Dispensing.prescription_id.in_(over))
    late = await ctx.db.scalars(query.with_for_update(of=Dispensing, skip_locked=True).limit(500))
    return cancelled(ctx, late, "The prescription has expired")


async def cancel_open(ctx: Context, prescription_id: UUID, because: str) -> int:
    """What has not been dispensed of a prescription will not be."""
    query = select(Dispensing).where(Dispensing.prescription_id == prescription_id, Dispensing.status.in_(OPEN))
    return cancelled(ctx, await ctx.db.scalars(query.with_for_update(of=Dispensing)), because)


def cancelled(ctx: Context, those: Iterable[Dispensing], because: str) -> int:
    ended = list(those)
    for one in ended:
        one.status, one.ended_because = Status.CANCELLED, because
        let_go(one)
        ctx.emit(DispensingMoved(one.id))
    return len(ended)


async def supplied_count(ctx: Context, prescription_id: UUID, but: UUID) -> int:
    """How many other supplies of a prescription stand."""
    query = select(func.count()).select_from(Dispensing).where(
        Dispensing.prescription_id == prescription_id, Dispensing.status.in_(SUPPLIED), Dispensing.id != but
    )  # fmt: skip
    return await ctx.db.scalar(query) or 0
