"""Giving and taking back: stock, money and the prescription change together, or not at all."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from galen import billing, inventory, medicines, prescribing
from galen.billing import ChargeLine
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.i18n import gettext as _
from galen.i18n import label
from galen.inventory import Pick
from galen.medicines import Product
from galen.patients import Patient
from galen.prescribing import Prescription

from ..bags import BagStatus
from ..events import DispensingMoved, DispensingReversed, MedicineCollected, PrescriptionDispensed
from ..models import OPEN, SUPPLIED, CollectedBy, DispensedItem, Dispensing, DispensingLine, DispensingStatus, PackRule
from ..packs import PackCheck
from ..refusals import (
    BatchGone,
    Lapsed,
    NothingThere,
    NotToReverse,
    NotVerified,
    OwedPartFirst,
    PacksNotConfirmed,
    SecondPerson,
    Stopped,
    WhereAreTheGoods,
    WhoCollects,
)
from ..rules import outlast
from ..schemas import CollectionDraft, ReversalDraft, SupplyDraft, SupplyLineDraft
from .bags import let_out
from .changes import other_brand
from .checks import lapsed, placed, refuse_altered, refuse_changed
from .packs import confirmed, latest_packs
from .policies import current
from .queue import cancelled, claimed, let_go, supplied_count

Taken = dict[UUID, list[Pick]]


@requires("dispensing.prepare")
async def dispense(ctx: Context, dispensing_id: UUID, draft: SupplyDraft) -> Dispensing:
    """Take it from the shelf, first expired first, and charge it: stock, money, prescription in one transaction."""
    return await supplied(ctx, dispensing_id, draft, (PackRule.ALWAYS,))


@requires("dispensing.prepare")
async def dispense_at_desk(ctx: Context, dispensing_id: UUID, draft: SupplyDraft) -> Dispensing:
    """The same at the workstation: every line's pack was scanned, or there is a reason why not."""
    return await supplied(ctx, dispensing_id, draft, (PackRule.ALWAYS, PackRule.DESK))


async def supplied(ctx: Context, dispensing_id: UUID, draft: SupplyDraft, rules: tuple[PackRule, ...]) -> Dispensing:
    with ctx.flush_later():
        dispensing = await claimed(ctx, dispensing_id)
        refuse_unready(ctx, dispensing)
        known = await chosen(ctx, dispensing, draft)
        for stop in placed(dispensing, known):
            raise Stopped(title=stop.title, detail=stop.detail)
        packs = await latest_packs(ctx, dispensing)
        dispensing.packs_needed = (await current(ctx)).pack_rule in rules
        taken = await picked(ctx, dispensing, draft, packs)
        if not any(taken.values()):
            raise NothingThere
        refuse_unconfirmed(dispensing, packs, taken)
        given = {line.id: sum((pick.quantity for pick in taken[line.id]), Decimal(0)) for line in dispensing.lines}
        whole = all(given[line.id] == line.quantity for line in dispensing.wanted)
        rx = await prescribing.mark_dispensed(ctx, dispensing.prescription_id, complete=dispensing.last and whole)
        refuse_altered(rx)
        await refuse_changed(ctx, dispensing, rx, known)
    for line in dispensing.lines:
        line.supplied = given[line.id]
        line.unit_price = line.price(known[line.product_id].unit_price)
        dispensing.items += [
            item_of(dispensing, line, pick, len(dispensing.items) + at) for at, pick in enumerate(taken[line.id])
        ]
    lines = [charged(line, known[line.product_id]) for line in dispensing.lines if line.supplied]
    dispensing.invoice = await billing.charge(
        ctx, patient_id=dispensing.patient_id, reference=("dispensing", dispensing.id), lines=lines
    )
    dispensing.status, dispensing.labelled = DispensingStatus.DISPENSED, 0
    dispensing.prepared_by, dispensing.prepared_name, dispensing.dispensed_at = ctx.actor.id, ctx.actor.name, ctx.now
    let_go(dispensing)
    if dispensing.owed:
        await owe(ctx, dispensing)
    ctx.emit(DispensingMoved(dispensing.id))
    ctx.emit(PrescriptionDispensed(dispensing.id, rx.id, dispensing.patient_id))
    return dispensing


def refuse_unready(ctx: Context, dispensing: Dispensing) -> None:
    if dispensing.status is not DispensingStatus.VERIFIED or dispensing.verified_at is None:
        raise NotVerified(status=label(dispensing.status))
    if lapsed(ctx, dispensing):
        raise Lapsed
    if dispensing.two_persons and dispensing.verified_by == ctx.actor.id:
        raise SecondPerson


async def chosen(ctx: Context, dispensing: Dispensing, draft: SupplyDraft) -> Mapping[UUID, Product]:
    """The product of each line; another brand only of the same medicine, and where the prescriber allows it."""
    said = wishes(dispensing, draft)
    others = {id: wish.product_id for id, wish in said.items() if wish.product_id}
    known = await medicines.products(ctx, [*(line.product_id for line in dispensing.lines), *others.values()])
    if not others:
        return known
    rx = await ctx.get(Prescription, dispensing.prescription_id)
    asked = {line.id: line for line in rx.lines}
    for line in dispensing.lines:
        other = others.get(line.id, line.product_id)
        if other == line.product_id:
            continue
        wish = said[line.id]
        if wish.reason is None:
            raise Invalid("reason", _("Say why another brand of %(drug)s is given.", drug=line.drug))
        other_brand(ctx, dispensing, line, asked[line.line_id], known, other, wish.reason, wish.note)
    return known


def wishes(dispensing: Dispensing, draft: SupplyDraft) -> dict[UUID, SupplyLineDraft]:
    """What was said of single lines, by the line it was said of."""
    mine = {key: line.id for line in dispensing.lines for key in (line.id, line.line_id)}
    for at, wish in enumerate(draft.lines):
        if wish.line_id not in mine:
            raise Invalid(f"lines.{at}.line_id", _("This line is not part of the dispensing."))
    return {mine[wish.line_id]: wish for wish in draft.lines}


async def picked(ctx: Context, dispensing: Dispensing, draft: SupplyDraft, packs: dict[UUID, PackCheck]) -> Taken:
    """Each line from the shelf, in the order of the products, so that two dispensers never block each other."""
    said, taken = wishes(dispensing, draft), {line.id: list[Pick]() for line in dispensing.lines}
    for line in sorted(dispensing.wanted, key=lambda line: (line.product_id, line.id)):
        wish = said.get(line.id)
        wanted = line.quantity if wish is None or wish.quantity is None else wish.quantity
        if wanted > line.quantity:
            most = f"{line.quantity.normalize():f}"
            problem = _("At most %(most)s of %(drug)s are prescribed this time.", most=most, drug=line.drug)
            raise Invalid("quantity", problem)
        if wanted < line.quantity and not draft.owe:
            problem = _("Less of %(drug)s than prescribed: agree to owe the rest.", drug=line.drug)
            raise Invalid("owe", problem)
        if wanted:
            lasting = outlast(ctx.today, line.days)
            taken[line.id] = await inventory.issue(
                ctx,
                line.product_id,
                wanted,
                reference=("dispensing", dispensing.id),
                outlast=lasting,
                partial=draft.owe,
                in_hand=packs[line.id].batch_id if line.id in packs else None,
            )
    return taken


def refuse_unconfirmed(dispensing: Dispensing, packs: Mapping[UUID, PackCheck], taken: Taken) -> None:
    """What was scanned is what is given; the database says the same (`dispensing_packs_check`)."""
    given = [line for line in dispensing.lines if taken[line.id]]
    if unsure := [line.drug for line in given if not confirmed(line, packs.get(line.id), dispensing.packs_needed)]:
        raise PacksNotConfirmed(drugs="; ".join(unsure))
    for line in given:
        pack = packs.get(line.id)
        if pack and pack.batch_id and pack.batch_id not in {pick.batch_id for pick in taken[line.id]}:
            raise BatchGone(batch=pack.batch, drug=line.drug)


def item_of(dispensing: Dispensing, line: DispensingLine, pick: Pick, position: int) -> DispensedItem:
    return DispensedItem(
        round=dispensing.round,
        position=position,
        dispensing_line_id=line.id,
        patient_id=dispensing.patient_id,
        product_id=line.product_id,
        batch_id=pick.batch_id,
        batch=pick.number,
        expires=pick.expires,
        quantity=pick.quantity,
        short_dated=pick.short_dated,
    )


def charged(line: DispensingLine, product: Product) -> ChargeLine:
    price = line.price(product.unit_price)
    return ChargeLine(product.label, line.supplied, price, product.tax_class, ("dispensing_line", line.id))


async def owe(ctx: Context, dispensing: Dispensing) -> Dispensing:
    """What fell short waits as a part of its own, at today's price."""
    part = Dispensing(
        number=f"D{await next_number(ctx, 'dispensing'):06}",
        prescription_id=dispensing.prescription_id,
        patient_id=dispensing.patient_id,
        site_id=dispensing.site_id,
        supply=dispensing.supply,
        part=dispensing.part + 1,
        last=dispensing.last,
        round=1,
        owes_id=dispensing.id,
        status=DispensingStatus.WAITING,
        queued_at=ctx.now,
        controlled=dispensing.controlled,
        two_persons=dispensing.two_persons,
        answers=[],
        lines=[owed_line(line) for line in dispensing.lines if line.owed],
        items=[],
    )
    ctx.add(part)
    ctx.emit(DispensingMoved(part.id))
    return part


def owed_line(line: DispensingLine) -> DispensingLine:
    return DispensingLine(
        line_id=line.line_id,
        position=line.position,
        product_id=line.product_id,
        drug=line.drug,
        directions=line.directions,
        quantity=line.owed,
        unit=line.unit,
        days=line.days and int(line.days * line.owed / line.quantity),
        substituted=line.substituted,
        refused=False,
        supplied=Decimal(0),
        unit_price=line.unit_price,
    )


@requires("dispensing.handover")
async def hand_over(ctx: Context, dispensing_id: UUID, draft: CollectionDraft) -> Dispensing:
    """It leaves the pharmacy. A controlled medicine goes only to somebody whose document was seen."""
    dispensing = await ctx.get(Dispensing, dispensing_id, lock=True)
    collector = await collected_by(ctx, dispensing, draft)
    if dispensing.controlled and not (collector and draft.document):
        raise WhoCollects
    dispensing.status = DispensingStatus.COLLECTED
    dispensing.collected_at, dispensing.handed_by = ctx.now, ctx.actor.name
    dispensing.collected_by, dispensing.collector = draft.collected_by, collector
    dispensing.collector_document = draft.document
    dispensing.counselling, dispensing.counselling_note = draft.counselling, draft.note
    await let_out(ctx, dispensing, BagStatus.COLLECTED)
    ctx.emit(DispensingMoved(dispensing.id))
    ctx.emit(MedicineCollected(dispensing.id, dispensing.patient_id))
    return dispensing


async def collected_by(ctx: Context, dispensing: Dispensing, draft: CollectionDraft) -> str:
    """The name of who takes it away: the patient's, where a controlled medicine asks for one; another's always."""
    if draft.collected_by is CollectedBy.OTHER and not draft.collector:
        raise Invalid("collector", _("Write the name of who collects it for the patient."))
    if draft.collected_by is CollectedBy.PATIENT and dispensing.controlled and not draft.collector:
        return (await ctx.get(Patient, dispensing.patient_id)).name
    return draft.collector


@requires("dispensing.handover")
async def reverse(ctx: Context, dispensing_id: UUID, draft: ReversalDraft) -> Dispensing:
    """Before hand-over: goods on the shelf, charge credited, verified as before. Afterwards it has ended."""
    dispensing = await ctx.get(Dispensing, dispensing_id, lock=True)
    if dispensing.status not in SUPPLIED:
        raise NotToReverse(status=label(dispensing.status))
    collected = dispensing.status is DispensingStatus.COLLECTED
    if collected and not draft.goods:
        raise WhereAreTheGoods
    await taken_back(ctx, dispensing, draft.reason, goods=not collected or draft.goods == "never left")
    if collected:
        dispensing.status = DispensingStatus.REVERSED
        dispensing.ended_because = f"{draft.reason} (goods: {draft.goods})"
    else:
        undo(dispensing)
        await let_out(ctx, dispensing, BagStatus.RETURNED, draft.reason)
    return dispensing


async def taken_back(ctx: Context, dispensing: Dispensing, reason: str, *, goods: bool) -> None:
    """What a supply has done is undone: what is owed, the stock (when the goods are here), charge and prescription."""
    await unowe(ctx, dispensing)
    if goods:
        await inventory.give_back(ctx, ("dispensing", dispensing.id), reason=reason)
    await billing.uncharge(ctx, ("dispensing", dispensing.id), reason)
    others = await supplied_count(ctx, dispensing.prescription_id, dispensing.id)
    await prescribing.mark_returned(ctx, dispensing.prescription_id, nothing_left=not others)
    ctx.reason = reason
    ctx.emit(DispensingMoved(dispensing.id))
    ctx.emit(DispensingReversed(dispensing.id, dispensing.prescription_id, dispensing.patient_id))


UNDONE = "Undone at once"


@requires("dispensing.handover")
async def undo_supply(ctx: Context, dispensing_id: UUID) -> Dispensing:
    """What was dispensed by a slip is taken back, as long as it has not left the pharmacy."""
    dispensing = await ctx.get(Dispensing, dispensing_id, lock=True)
    if dispensing.status is not DispensingStatus.DISPENSED:
        raise NotToReverse(status=label(dispensing.status))
    return await reverse(ctx, dispensing_id, ReversalDraft(reason=UNDONE))


def undo(dispensing: Dispensing) -> None:
    """As it was when it had been verified."""
    dispensing.status, dispensing.invoice_id, dispensing.round = DispensingStatus.VERIFIED, None, dispensing.round + 1
    dispensing.prepared_by, dispensing.prepared_name, dispensing.dispensed_at = None, "", None
    for line in dispensing.lines:
        line.supplied = Decimal(0)
        line.unit_price = line.unit_price if dispensing.part > 1 else None


async def unowe(ctx: Context, dispensing: Dispensing) -> None:
    """What was owed because of it is owed no more; if it was given meanwhile, that comes first."""
    query = select(Dispensing).where(Dispensing.owes_id == dispensing.id, Dispensing.status.in_((*OPEN, *SUPPLIED)))
    parts = list(await ctx.db.scalars(query.with_for_update(of=Dispensing)))
    for part in parts:
        if part.status in SUPPLIED:
            raise OwedPartFirst(number=part.number)
    cancelled(ctx, parts, f"{dispensing.number} was taken back")
