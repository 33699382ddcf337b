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
from galen.inventory import Pick
from galen.medicines import Product
from galen.prescribing import Prescription

from ..events import DispensingMoved, DispensingReversed, MedicineCollected, PrescriptionDispensed
from ..models import OPEN, SUPPLIED, DispensedItem, Dispensing, DispensingLine, Status
from ..refusals import (
    Lapsed,
    NoSubstitution,
    NotEquivalent,
    NothingThere,
    NotToReverse,
    NotVerified,
    OwedPartFirst,
    SecondPerson,
    WhereAreTheGoods,
    WhoCollects,
)
from ..rules import outlast
from ..schemas import CollectionDraft, ReversalDraft, SupplyDraft, SupplyLineDraft
from .checks import refuse_altered
from .queue import cancelled, claimed, let_go, supplied_count

Taken = dict[UUID, list[Pick]]


@requires("dispensing.prepare")
async def dispense(ctx: Context, dispensing_id: UUID, draft: SupplyDraft) -> Dispensing:
    """Take it from the shelf, first expired first, and charge it: stock, money, prescription in one transaction."""
    with ctx.flush_later():
        one = await claimed(ctx, dispensing_id)
        refuse_unready(ctx, one)
        known = await chosen(ctx, one, draft)
        taken = await picked(ctx, one, draft)
        if not any(taken.values()):
            raise NothingThere
        given = {line.id: sum((pick.quantity for pick in taken[line.id]), Decimal(0)) for line in one.lines}
        whole = all(given[line.id] == line.quantity for line in one.lines)
        rx = await prescribing.mark_dispensed(ctx, one.prescription_id, complete=one.last and whole)
        refuse_altered(rx)
    for line in one.lines:
        line.supplied = given[line.id]
        line.unit_price = line.price(known[line.product_id].unit_price)
        one.items += [item_of(one, line, pick, len(one.items) + at) for at, pick in enumerate(taken[line.id])]
    lines = [charged(line, known[line.product_id]) for line in one.lines if line.supplied]
    one.invoice = await billing.charge(ctx, patient_id=one.patient_id, reference=("dispensing", one.id), lines=lines)
    one.status, one.labelled = Status.DISPENSED, 0
    one.prepared_by, one.prepared_name, one.dispensed_at = ctx.actor.id, ctx.actor.name, ctx.now
    let_go(one)
    if one.owed:
        await owe(ctx, one)
    ctx.emit(DispensingMoved(one.id))
    ctx.emit(PrescriptionDispensed(one.id, rx.id, one.patient_id))
    return one


def refuse_unready(ctx: Context, one: Dispensing) -> None:
    if one.status is not Status.VERIFIED or one.verified_at is None:
        raise NotVerified(status=one.status)
    if one.verified_at.astimezone(ctx.zone).date() != ctx.today:
        raise Lapsed
    if one.two_persons and one.verified_by == ctx.actor.id:
        raise SecondPerson


async def chosen(ctx: Context, one: Dispensing, draft: SupplyDraft) -> Mapping[UUID, Product]:
    """The product of each line; another brand only of the same medicine, and where the prescriber allows it."""
    said = wishes(one, draft)
    others = {id: wish.product_id for id, wish in said.items() if wish.product_id}
    known = await medicines.products(ctx, [*(line.product_id for line in one.lines), *others.values()])
    if not others:
        return known
    rx = await ctx.get(Prescription, one.prescription_id)
    allowed = {line.id for line in rx.lines if line.substitution}
    for line in one.lines:
        other = others.get(line.id, line.product_id)
        if other == line.product_id:
            continue
        if line.line_id not in allowed:
            raise NoSubstitution(drug=line.drug)
        if other not in known or not same(known[line.product_id], known[other]):
            raise NotEquivalent(drug=line.drug, other=known[other].label if other in known else "That")
        line.product_id, line.drug, line.substituted = other, known[other].name, True
    return known


def wishes(one: Dispensing, draft: SupplyDraft) -> dict[UUID, SupplyLineDraft]:
    """What was said of single lines, by the line it was said of."""
    mine = {key: line.id for line in one.lines for key in (line.id, line.line_id)}
    for at, wish in enumerate(draft.lines):
        if wish.line_id not in mine:
            raise Invalid(f"lines.{at}.line_id", "This line is not part of the dispensing.")
    return {mine[wish.line_id]: wish for wish in draft.lines}


def same(one: Product, other: Product) -> bool:
    """The same substances in the same strength and form, counted in the same unit, and rated equivalent where rated."""
    alike = (one.generic, one.form, one.unit) == (other.generic, other.form, other.unit)
    strength = medicines.same_strength(one.strength, other.strength)
    return alike and strength and medicines.rated_equal(one.te_code, other.te_code)


async def picked(ctx: Context, one: Dispensing, draft: SupplyDraft) -> Taken:
    """Each line from the shelf, in the order of the products, so that two dispensers never block each other."""
    said, taken = wishes(one, draft), {line.id: list[Pick]() for line in one.lines}
    for line in sorted(one.lines, key=lambda line: (line.product_id, line.id)):
        wish = said.get(line.id)
        wanted = line.quantity if wish is None or wish.quantity is None else wish.quantity
        if wanted > line.quantity:
            raise Invalid("quantity", f"At most {line.quantity.normalize():f} of {line.drug} are prescribed this time.")
        if wanted < line.quantity and not draft.owe:
            raise Invalid("owe", f"Less of {line.drug} than prescribed: agree to owe the rest.")
        if wanted:
            lasting = outlast(ctx.today, line.days)
            taken[line.id] = await inventory.issue(
                ctx, line.product_id, wanted, reference=("dispensing", one.id), outlast=lasting, partial=draft.owe
            )
    return taken


def item_of(one: Dispensing, line: DispensingLine, pick: Pick, position: int) -> DispensedItem:
    return DispensedItem(
        round=one.round,
        position=position,
        dispensing_line_id=line.id,
        patient_id=one.patient_id,
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


async def owe(ctx: Context, one: Dispensing) -> Dispensing:
    """What fell short waits as a part of its own, at today's price."""
    part = Dispensing(
        number=f"D{await next_number(ctx, 'dispensing'):06}",
        prescription_id=one.prescription_id,
        patient_id=one.patient_id,
        site_id=one.site_id,
        supply=one.supply,
        part=one.part + 1,
        last=one.last,
        round=1,
        owes_id=one.id,
        status=Status.WAITING,
        queued_at=ctx.now,
        controlled=one.controlled,
        two_persons=one.two_persons,
        answers=[],
        lines=[owed_line(line) for line in one.lines if line.owed],
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
        supplied=Decimal(0),
        unit_price=line.unit_price,
    )


@requires("dispensing.handover")
async def hand_over(ctx: Context, dispensing_id: UUID, draft: CollectionDraft) -> Dispensing:
    """It leaves the pharmacy. A controlled medicine goes only to somebody whose document was seen."""
    one = await ctx.get(Dispensing, dispensing_id, lock=True)
    if one.controlled and not (draft.collector and draft.document):
        raise WhoCollects
    one.status = Status.COLLECTED
    one.collected_at, one.handed_by = ctx.now, ctx.actor.name
    one.collector, one.collector_document = draft.collector, draft.document
    one.counselling, one.counselling_note = draft.counselling, draft.note
    ctx.emit(DispensingMoved(one.id))
    ctx.emit(MedicineCollected(one.id, one.patient_id))
    return one


@requires("dispensing.handover")
async def reverse(ctx: Context, dispensing_id: UUID, draft: ReversalDraft) -> Dispensing:
    """Before hand-over: goods on the shelf, charge credited, verified as before. Afterwards it has ended."""
    one = await ctx.get(Dispensing, dispensing_id, lock=True)
    if one.status not in SUPPLIED:
        raise NotToReverse(status=one.status)
    collected = one.status is Status.COLLECTED
    if collected and not draft.goods:
        raise WhereAreTheGoods
    await unowe(ctx, one)
    if not collected or draft.goods == "never left":
        await inventory.give_back(ctx, ("dispensing", one.id), reason=draft.reason)
    await billing.uncharge(ctx, ("dispensing", one.id), draft.reason)
    others = await supplied_count(ctx, one.prescription_id, one.id)
    await prescribing.mark_returned(ctx, one.prescription_id, nothing_left=not others)
    ctx.reason = draft.reason
    if collected:
        one.status, one.ended_because = Status.REVERSED, f"{draft.reason} (goods: {draft.goods})"
    else:
        undo(one)
    ctx.emit(DispensingMoved(one.id))
    ctx.emit(DispensingReversed(one.id, one.prescription_id, one.patient_id))
    return one


def undo(one: Dispensing) -> None:
    """As it was when it had been verified."""
    one.status, one.invoice_id, one.round = Status.VERIFIED, None, one.round + 1
    one.prepared_by, one.prepared_name, one.dispensed_at = None, "", None
    for line in one.lines:
        line.supplied = Decimal(0)
        line.unit_price = line.unit_price if one.part > 1 else None


async def unowe(ctx: Context, one: Dispensing) -> None:
    """What was owed because of it is owed no more; if it was given meanwhile, that comes first."""
    query = select(Dispensing).where(Dispensing.owes_id == one.id, Dispensing.status.in_((*OPEN, *SUPPLIED)))
    parts = list(await ctx.db.scalars(query.with_for_update(of=Dispensing)))
    for given in (part for part in parts if part.status in SUPPLIED):
        raise OwedPartFirst(number=given.number)
    cancelled(ctx, parts, f"{one.number} was taken back")
