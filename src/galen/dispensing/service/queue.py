"""What waits at the pharmacy, who has taken it, and what sleeps until its day."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.orm import lazyload

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.i18n import N_, formats, label
from galen.i18n import gettext as _
from galen.medicines import of_code, scan_of
from galen.patients import Patient, named
from galen.prescribing import Line, Override, Prescription, PrescriptionStatus
from galen.values import like

from ..events import DispensingMoved
from ..interventions import Intervention
from ..models import OPEN, SUPPLIED, WITH_PRESCRIBER, Dispensing, DispensingLine, DispensingStatus
from ..refusals import (
    AlreadyTaken,
    NobodyWaitsForPack,
    NotHeld,
    NothingLeft,
    NotThere,
    OtherPharmacy,
    SeveralWaitForPack,
    Stopped,
    WakeLater,
)
from ..rules import days_of, is_controlled
from ..schemas import SEVERE, DispensingDraft, HoldDraft, QueueLine, ScanDraft, TakeDraft, WorkQueue
from .policies import current
from .stops import in_a_word, late, latest_of, refuse_stopped

STAGES = (
    DispensingStatus.WAITING,
    DispensingStatus.VERIFIED,
    DispensingStatus.DISPENSED,
    DispensingStatus.HELD,
    *WITH_PRESCRIBER,
)
UNFINISHED = (DispensingStatus.WAITING, DispensingStatus.VERIFIED)
ENDED = (DispensingStatus.REVERSED, DispensingStatus.CANCELLED)
EXPIRED = N_("The prescription has expired")
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
    standing = [dispensing for dispensing in of_rx if dispensing.status not in ENDED]
    waiting = (dispensing for dispensing in standing if dispensing.status in OPEN)
    if first := min(waiting, key=lambda dispensing: (dispensing.supply, dispensing.part), default=None):
        return first
    await refuse_stopped(ctx, rx.id, standing)
    supply = 1 + max((dispensing.supply for dispensing in standing), default=0)
    total = 1 + max(line.repeats for line in rx.lines)
    if supply > total:
        raise NothingLeft(total=total)
    if rx.status not in TO_SUPPLY:
        title = _("The prescription is %(status)s", status=label(rx.status))
        raise Stopped(title=title, detail=_("Nothing may be supplied on it."))
    return await admit(ctx, rx, supply)


async def admit(ctx: Context, rx: Prescription, supply: int) -> Dispensing:
    """One supply of a prescription, as the work to be done: the lines that have a repeat left for it."""
    wanted = [line for line in rx.lines if line.repeats >= supply - 1]
    controlled = is_controlled(line.schedule for line in wanted)
    rules = await current(ctx)
    dispensing = Dispensing(
        number=f"D{await next_number(ctx, 'dispensing'):06}",
        prescription_id=rx.id,
        patient_id=rx.patient_id,
        supply=supply,
        part=1,
        last=supply > max(line.repeats for line in rx.lines),
        round=1,
        status=DispensingStatus.WAITING,
        queued_at=ctx.now,
        controlled=controlled,
        two_persons=controlled or rules.wants_two(line.schedule for line in wanted),
        answers=[],
        lines=[line_of(line) for line in wanted],
        items=[],
    )
    ctx.add(dispensing)
    ctx.emit(DispensingMoved(dispensing.id))
    return dispensing


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
        refused=False,
        supplied=Decimal(0),
    )


def here(ctx: Context) -> ColumnElement[bool]:
    """What this site may work on: its own, and what no pharmacy has taken."""
    unclaimed = Dispensing.site_id.is_(None)
    return or_(unclaimed, Dispensing.site_id == ctx.site.id) if ctx.site else unclaimed


@requires("dispensing.read")
async def worklist(ctx: Context, stage: str = "", q: str = "") -> WorkQueue:
    """The work queue of this site, the longest waiting first within each stage."""
    tally = (
        select(Dispensing.status, func.count())
        .where(here(ctx), Dispensing.status.in_(STAGES))
        .group_by(Dispensing.status)
    )
    counts = {row[0]: row[1] for row in await ctx.db.execute(tally)}
    stages = [DispensingStatus(stage)] if stage in STAGES else STAGES
    order = case({status: at for at, status in enumerate(STAGES)}, value=Dispensing.status)
    past = select(func.array_agg(Override.severity)).where(Override.prescription_id == Dispensing.prescription_id)
    query = (
        select(Dispensing, Patient.family, Patient.given, Prescription.number, past.scalar_subquery())
        .join(Patient, Patient.id == Dispensing.patient_id)
        .join(Prescription, Prescription.id == Dispensing.prescription_id)
        .where(here(ctx), Dispensing.status.in_(stages))
        .options(lazyload(Dispensing.items))
        .order_by(order, Dispensing.queued_at, Dispensing.id)
        .limit(200)
    )
    if q.strip():
        query = query.where(matching(q.strip()))
    rows = list(await ctx.db.execute(query))
    said = await latest_of(ctx, [row[0].id for row in rows if row[0].open])
    items = [
        row_of(ctx, dispensing, f"{family.upper()}, {given}".strip(", "), rx, severities or [], said.get(dispensing.id))
        for dispensing, family, given, rx, severities in rows
    ]
    return WorkQueue(
        items=items, counts={str(s): counts.get(s, 0) for s in STAGES}, stage=stage if stage in STAGES else ""
    )


def matching(q: str) -> ColumnElement[bool]:
    """By patient, medicine, or the number of the prescription or the dispensing."""
    drug = exists().where(DispensingLine.dispensing_id == Dispensing.id, DispensingLine.drug.ilike(like.within(q)))
    ways = [
        drug,
        Dispensing.number.ilike(like.beginning(q)),
        Prescription.number.ilike(like.beginning(q)),
    ]
    if (people := named(q)) is not None:
        ways.append(people)
    return or_(*ways)


def row_of(
    ctx: Context, dispensing: Dispensing, patient: str, rx: str, overridden: list[str], said: Intervention | None
) -> QueueLine:
    severities = {*overridden, *(answer["severity"] for answer in dispensing.answers)}
    return QueueLine(
        severe=next((severity for severity in SEVERE if severity in severities), ""),
        id=dispensing.id,
        number=dispensing.number,
        patient_id=dispensing.patient_id,
        patient=patient,
        medicines=dispensing.medicines,
        prescription=rx,
        of=dispensing.of,
        note=_("Owed") if dispensing.part > 1 else dispensing.of if dispensing.supply > 1 else "",
        status=dispensing.status,
        queued_at=dispensing.queued_at,
        minutes=max(0, int((ctx.now - dispensing.queued_at).total_seconds() // 60)),
        taken_name=dispensing.taken_name,
        mine=dispensing.taken_by == ctx.actor.id,
        controlled=dispensing.controlled,
        two_persons=dispensing.two_persons,
        owing=dispensing.part > 1,
        held_because=dispensing.held_because,
        wake_on=dispensing.wake_on,
        asked=in_a_word(said) if said else "",
        overdue=late(ctx, said),
    )


@requires("dispensing.read")
async def waiting_count(ctx: Context) -> int:
    """How many wait for a pharmacist here."""
    query = (
        select(func.count())
        .select_from(Dispensing)
        .where(here(ctx), Dispensing.status.in_([DispensingStatus.WAITING, DispensingStatus.VERIFIED]))
    )
    return await ctx.db.scalar(query) or 0


@requires("dispensing.read")
async def scan(ctx: Context, draft: ScanDraft) -> Dispensing:
    """The dispensing whose label or number was scanned; by a pack, the only one that waits here for its medicine."""
    code = draft.code.strip().upper()
    if labelled := await ctx.db.scalar(select(Dispensing).where(Dispensing.number == code)):
        return labelled
    scan_of(ctx, draft.code)
    if (product := await of_code(ctx, draft.code)) is None:
        raise NotThere(code=code)
    holds = exists().where(DispensingLine.dispensing_id == Dispensing.id, DispensingLine.product_id == product.id)
    wait = Dispensing.status.in_(UNFINISHED), here(ctx), holds
    waiting = list(await ctx.db.scalars(select(Dispensing).where(*wait).limit(2)))
    if len(waiting) != 1:
        raise (SeveralWaitForPack if waiting else NobodyWaitsForPack)(medicine=product.name)
    return waiting[0]


async def claimed(ctx: Context, dispensing_id: UUID, *, over: bool = False) -> Dispensing:
    """Open it for work: from now on it is this person's, at this pharmacy. Two never have the same one."""
    dispensing = await ctx.get(Dispensing, dispensing_id, lock=True)
    if dispensing.site_id not in (None, ctx.here.id):
        raise OtherPharmacy
    if dispensing.taken_by not in (None, ctx.actor.id) and not over:
        since = dispensing.taken_at.astimezone(ctx.zone) if dispensing.taken_at else ctx.now
        raise AlreadyTaken(name=dispensing.taken_name, since=formats.clock(since))
    dispensing.site_id = ctx.here.id
    if dispensing.taken_by != ctx.actor.id:
        dispensing.taken_by, dispensing.taken_name, dispensing.taken_at = ctx.actor.id, ctx.actor.name, ctx.now
    return dispensing


def let_go(dispensing: Dispensing) -> None:
    """It is nobody's again."""
    dispensing.taken_by, dispensing.taken_name, dispensing.taken_at = None, "", None


@requires("dispensing.prepare")
async def take(ctx: Context, dispensing_id: UUID, draft: TakeDraft) -> Dispensing:
    """Take it, so that no colleague does the same work."""
    dispensing = await claimed(ctx, dispensing_id, over=draft.over)
    ctx.emit(DispensingMoved(dispensing.id))
    return dispensing


@requires("dispensing.prepare")
async def release(ctx: Context, dispensing_id: UUID) -> Dispensing:
    """Leave it to a colleague."""
    dispensing = await claimed(ctx, dispensing_id)
    let_go(dispensing)
    ctx.emit(DispensingMoved(dispensing.id))
    return dispensing


@requires("dispensing.prepare")
async def hold(ctx: Context, dispensing_id: UUID, draft: HoldDraft) -> Dispensing:
    """Put it aside with a reason, until its day. It must be verified anew afterwards."""
    if draft.wake_on < ctx.today:
        raise WakeLater(day=formats.day(draft.wake_on))
    dispensing = await claimed(ctx, dispensing_id)
    dispensing.status, dispensing.held_because, dispensing.wake_on = DispensingStatus.HELD, draft.reason, draft.wake_on
    dispensing.held_for = draft.waits_for
    let_go(dispensing)
    ctx.emit(DispensingMoved(dispensing.id))
    return dispensing


@requires("dispensing.prepare")
async def resume(ctx: Context, dispensing_id: UUID) -> Dispensing:
    """Take up again what was put aside."""
    dispensing = await claimed(ctx, dispensing_id)
    if not dispensing.held:
        raise NotHeld(status=label(dispensing.status))
    let_go(dispensing)
    return awake(ctx, dispensing)


def awake(ctx: Context, dispensing: Dispensing) -> Dispensing:
    dispensing.status, dispensing.held_because = DispensingStatus.WAITING, ""
    dispensing.held_for, dispensing.wake_on = None, None
    ctx.emit(DispensingMoved(dispensing.id))
    return dispensing


async def wake(ctx: Context) -> int:
    """What was held until today waits again."""
    query = select(Dispensing).where(Dispensing.status == DispensingStatus.HELD, Dispensing.wake_on <= ctx.today)
    due = list(await ctx.db.scalars(query.with_for_update(of=Dispensing, skip_locked=True).limit(500)))
    for dispensing in due:
        awake(ctx, dispensing)
    return len(due)


async def clear_expired(ctx: Context) -> int:
    """What waits on a prescription that may no longer be supplied leaves the queue."""
    over = select(Prescription.id).where(Prescription.status == PrescriptionStatus.EXPIRED)
    query = select(Dispensing).where(Dispensing.status.in_(OPEN), Dispensing.prescription_id.in_(over))
    late = await ctx.db.scalars(query.with_for_update(of=Dispensing, skip_locked=True).limit(500))
    return cancelled(ctx, late, EXPIRED)


async def cancel_open(ctx: Context, prescription_id: UUID, because: str) -> int:
    """What has not been dispensed of a prescription will not be."""
    query = select(Dispensing).where(Dispensing.prescription_id == prescription_id, Dispensing.status.in_(OPEN))
    return cancelled(ctx, await ctx.db.scalars(query.with_for_update(of=Dispensing)), because)


def cancelled(ctx: Context, dispensings: Iterable[Dispensing], because: str) -> int:
    """They end here, with a reason that is kept in English."""
    ended = list(dispensings)
    for dispensing in ended:
        dispensing.status, dispensing.ended_because = DispensingStatus.CANCELLED, because
        let_go(dispensing)
        ctx.emit(DispensingMoved(dispensing.id))
    return len(ended)


async def supplied_count(ctx: Context, prescription_id: UUID, but: UUID) -> int:
    """How many other supplies of a prescription stand."""
    query = select(func.count()).select_from(Dispensing).where(
        Dispensing.prescription_id == prescription_id, Dispensing.status.in_(SUPPLIED), Dispensing.id != but
    )  # fmt: skip
    return await ctx.db.scalar(query) or 0
