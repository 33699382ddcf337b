"""The will-call shelf: which bag stands where, who is found by a scan, and what leaves it."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import lazyload

from galen import organizations
from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import N_, formats, label
from galen.i18n import gettext as _
from galen.patients import Patient, named
from galen.values import like

from ..bags import LIVE, Bag, BagStatus
from ..events import DispensingMoved
from ..models import Dispensing, DispensingLine, DispensingStatus
from ..refusals import BagVoid, KeepLonger, NoBag, NoSuchBin, NotOnShelf, OtherPharmacy, SeveralInBin
from ..schemas import ScanDraft
from ..shelf_schemas import BagDraft, KeepDraft, WaitingBag, WaitingBags
from .policies import current

MOST = 100
NOT_COLLECTED = N_("Not collected")
WAITING = (*LIVE, BagStatus.EXPIRED)


async def bag_of(ctx: Context, dispensing_id: UUID, *statuses: BagStatus, lock: bool = False) -> Bag | None:
    """The bag of a dispensing in one of these states, the latest first."""
    query = select(Bag).where(Bag.dispensing_id == dispensing_id, Bag.status.in_(statuses))
    query = query.order_by(Bag.assigned_at.desc(), Bag.id.desc()).limit(1)
    if lock:
        query = query.with_for_update(of=Bag).execution_options(populate_existing=True)
    return await ctx.db.scalar(query)


def normal(bin: str) -> str:
    """As bins are written and scanned: A 12 and a12 are the same."""
    return "".join(bin.split()).upper()


@requires("dispensing.prepare")
async def shelve_bag(ctx: Context, dispensing_id: UUID, draft: BagDraft) -> Bag:
    """Give it a bin, or another one. Placed, its days begin to count; else it only has its place."""
    dispensing = await ctx.get(Dispensing, dispensing_id, lock=True)
    if dispensing.status is not DispensingStatus.DISPENSED or dispensing.site_id is None:
        raise NotOnShelf(status=label(dispensing.status))
    if dispensing.site_id != ctx.here.id:
        raise OtherPharmacy
    bag = await bag_of(ctx, dispensing_id, *LIVE, lock=True)
    if bag is None:
        bag = ctx.add(
            Bag(
                dispensing_id=dispensing.id,
                patient_id=dispensing.patient_id,
                site_id=dispensing.site_id,
                bin=normal(draft.bin),
                status=BagStatus.ASSIGNED,
                assigned_at=ctx.now,
                assigned_name=ctx.actor.name,
            )
        )
    bag.bin = normal(draft.bin)
    if draft.placed and bag.status is BagStatus.ASSIGNED:
        rules = await current(ctx)
        bag.status, bag.ready_at = BagStatus.READY, ctx.now
        bag.remind_on = ctx.today + timedelta(days=rules.remind_days)
        bag.collect_by = ctx.today + timedelta(days=rules.collect_days)
    ctx.emit(DispensingMoved(dispensing.id))
    ctx.flash(_("Number %(number)s is in bin %(bin)s.", number=dispensing.number, bin=bag.bin))
    return bag


@requires("dispensing.prepare")
async def keep_bag(ctx: Context, dispensing_id: UUID, draft: KeepDraft) -> Bag:
    """Keep it for longer: the patient has said when they come. They are reminded no more."""
    await ctx.get(Dispensing, dispensing_id, lock=True)
    if draft.until < ctx.today:
        raise KeepLonger(day=formats.day(draft.until))
    bag = await bag_of(ctx, dispensing_id, BagStatus.READY, lock=True)
    if bag is None:
        raise NoBag
    bag.collect_by, bag.remind_on = draft.until, None
    ctx.emit(DispensingMoved(dispensing_id))
    return bag


@requires("dispensing.prepare")
async def put_back(ctx: Context, dispensing_id: UUID) -> Bag:
    """Somebody has taken it out of its bin and put it where it came from."""
    await ctx.get(Dispensing, dispensing_id, lock=True)
    bag = await bag_of(ctx, dispensing_id, BagStatus.EXPIRED, lock=True)
    if bag is None:
        raise NoBag
    bag.status = BagStatus.RETURNED
    ctx.emit(DispensingMoved(dispensing_id))
    return bag


async def let_out(ctx: Context, dispensing: Dispensing, status: BagStatus, because: str = "") -> None:
    """A supply that is held locked leaves the shelf with its bag, if it has one."""
    if bag := await bag_of(ctx, dispensing.id, *LIVE, lock=True):
        bag.status, bag.ended_at = status, ctx.now
        bag.ended_name, bag.ended_because = ctx.actor.name, because


@requires("dispensing.read")
async def find_bag(ctx: Context, draft: ScanDraft) -> Dispensing:
    """The supply whose label was scanned at hand-over, or the only one in the bin that was. A void label is told."""
    code = normal(draft.code)
    if labelled := await ctx.db.scalar(select(Dispensing).where(Dispensing.number == code)):
        if not labelled.supplied and (void := await bag_of(ctx, labelled.id, BagStatus.EXPIRED, BagStatus.RETURNED)):
            raise BagVoid(number=labelled.number, day=formats.day(ended_day(ctx, void)))
        return labelled
    query = select(Bag.dispensing_id, Dispensing.number).join(Dispensing, Dispensing.id == Bag.dispensing_id)
    query = query.where(here(ctx), Bag.status.in_(LIVE), Bag.bin == code).order_by(Dispensing.number)
    found = (await ctx.db.execute(query.limit(MOST))).all()
    if len(found) > 1:
        raise SeveralInBin(bin=code, count=len(found), numbers=", ".join(number for _id, number in found[:10]))
    if not found:
        raise NoSuchBin(code=code)
    return await ctx.get(Dispensing, found[0][0])


def ended_day(ctx: Context, bag: Bag) -> date:
    return (bag.ended_at or bag.assigned_at).astimezone(ctx.zone).date()


def here(ctx: Context) -> ColumnElement[bool]:
    return Bag.site_id == ctx.here.id


@dataclass(frozen=True)
class WillCallPage:
    """The bags that wait to be collected here, and those that are to be put back."""

    bags: WaitingBags
    place: organizations.Site | None


@requires("dispensing.read")
async def will_call(ctx: Context, q: str = "") -> WillCallPage:
    """The shelf as a page."""
    return WillCallPage(await waiting_bags(ctx, q), await organizations.place_of(ctx, ctx.here.id))


@requires("dispensing.read")
async def waiting_bags(ctx: Context, q: str = "") -> WaitingBags:
    """What waits to be collected at this site, the longest waiting first; found by name, number, medicine or bin."""
    counted = select(Bag.status, func.count()).where(here(ctx), Bag.status.in_(WAITING)).group_by(Bag.status)
    counts: dict[BagStatus, int] = {row[0]: row[1] for row in await ctx.db.execute(counted)}
    found = await ctx.db.execute(listed(ctx, q.strip()))
    rows = [row_of(ctx, bag, dispensing, family, given) for bag, dispensing, family, given in found]
    return WaitingBags(
        items=[row for row in rows if not row.to_put_back],
        put_back=[row for row in rows if row.to_put_back],
        waiting=sum(counts.get(status, 0) for status in LIVE),
        expired=counts.get(BagStatus.EXPIRED, 0),
        q=q.strip(),
    )


def listed(ctx: Context, q: str) -> Select[Bag, Dispensing, str, str]:
    query = (
        select(Bag, Dispensing, Patient.family, Patient.given)
        .join(Dispensing, Dispensing.id == Bag.dispensing_id)
        .join(Patient, Patient.id == Bag.patient_id)
        .where(here(ctx), Bag.status.in_(WAITING))
        .options(lazyload(Dispensing.items))
        .order_by(Bag.assigned_at, Bag.id)
        .limit(MOST)
    )
    if not q:
        return query
    drug = exists().where(DispensingLine.dispensing_id == Dispensing.id, DispensingLine.drug.ilike(like.within(q)))
    ways = [drug, Dispensing.number.ilike(like.beginning(q)), Bag.bin == normal(q)]
    if (people := named(q)) is not None:
        ways.append(people)
    return query.where(or_(*ways))


def row_of(ctx: Context, bag: Bag, dispensing: Dispensing, family: str, given: str) -> WaitingBag:
    since = (bag.ready_at or bag.assigned_at).astimezone(ctx.zone).date()
    return WaitingBag(
        dispensing_id=dispensing.id,
        number=dispensing.number,
        patient_id=bag.patient_id,
        patient=f"{family.upper()}, {given}".strip(", "),
        medicines=dispensing.medicines,
        controlled=dispensing.controlled,
        bin=bag.bin,
        status=bag.status,
        since=since,
        days=max(0, (ctx.today - since).days),
        collect_by=bag.collect_by,
        reminded_at=bag.reminded_at,
    )


@requires("dispensing.read")
async def waiting_bag_count(ctx: Context) -> int:
    """How many bags wait here."""
    return await ctx.db.scalar(select(func.count()).select_from(Bag).where(here(ctx), Bag.status.in_(LIVE))) or 0
