"""What patients bring back: into stock, set aside or to be destroyed, and the charge with it."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy import func, select

from galen import billing, inventory, medicines
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.core.web.formats import money
from galen.i18n import gettext as _
from galen.i18n import label
from galen.inventory import Batch, BatchStatus, DestructionDraft, DestructionReason
from galen.medicines import Product
from galen.values.units import counted

from ..events import DispensingMoved
from ..models import DispensedItem, Dispensing, DispensingLine, DispensingStatus
from ..refusals import MoreThanGiven, NotCollectedYet
from ..returns import Fate, PatientReturn, ReturnedItem
from ..rules import not_to_be_sold_again
from ..shelf_schemas import PatientReturnDraft, PatientReturnView, ReturnableItem, ReturnLineDraft, ReturnsView
from .policies import current

LATELY, MOST = 50, 40  # what is shown of them; so many lines a return may have


@requires("dispensing.handover")
async def take_return(ctx: Context, dispensing_id: UUID, draft: PatientReturnDraft) -> PatientReturn:
    """A patient brings something back: stock, destruction and charge in one transaction; the supply itself stands."""
    dispensing = await ctx.get(Dispensing, dispensing_id, lock=True)
    if dispensing.status is not DispensingStatus.COLLECTED:
        raise NotCollectedYet(status=label(dispensing.status))
    site, left, barred = ctx.here, await still_out(ctx, dispensing), await barred_items(ctx, dispensing)
    items = {item.id: item for item in dispensing.given}
    lines = {line.id: line for line in dispensing.lines}
    brought = [(at, wish) for at, wish in enumerate(draft.lines) if wish.quantity]
    for at, wish in brought:
        refuse_line(at, wish, items, lines, left, barred, draft)
    back = PatientReturn(
        number=f"V{await next_number(ctx, 'patient return'):06}",
        dispensing_id=dispensing.id,
        patient_id=dispensing.patient_id,
        site_id=site.id,
        reason=draft.reason,
        note=draft.note,
        currency=ctx.organization.currency,
        by=ctx.actor.id,
        by_name=ctx.actor.name,
        at=ctx.now,
    )
    why = draft.note or draft.reason.message
    ordered = sorted(enumerate(brought, 1), key=lambda line: (items[line[1][1].item_id].product_id, line[0]))
    for position, (_at, wish) in ordered:
        item = items[wish.item_id]
        batch_id = await taken(ctx, item, wish, back, why, draft.method)
        line = lines[item.dispensing_line_id]
        back.items.append(returned(line, item, wish, position, batch_id))
    if draft.credit:
        shares = shares_of(brought, items, lines)
        credited, paid = await billing.credit_lines(ctx, ("dispensing", dispensing.id), shares, why)
        back.credited, back.to_refund = credited.amount, paid.amount
    ctx.reason = why
    ctx.add(back)
    ctx.emit(DispensingMoved(dispensing.id))
    said = _("Number %(number)s: what was brought back is written down.", number=back.number)
    if back.refund:
        amount = money(ctx)(back.refund)
        said = _("Written down. Give %(amount)s back from the invoice, and let the charge fall.", amount=amount)
    ctx.flash(said)
    return back


def refuse_line(
    at: int,
    wish: ReturnLineDraft,
    items: Mapping[UUID, DispensedItem],
    lines: Mapping[UUID, DispensingLine],
    left: Mapping[UUID, Decimal],
    barred: Mapping[UUID, str],
    draft: PatientReturnDraft,
) -> None:
    """Whether these units were given, are still out, and may go where they are to go."""
    item = items.get(wish.item_id)
    if item is None:
        raise Invalid(f"lines.{at}.item_id", _("This was not given with this number."))
    line = lines[item.dispensing_line_id]
    if wish.quantity > left[item.id]:
        raise MoreThanGiven(left=counted(left[item.id], line.unit), batch=item.batch, drug=line.drug)
    if wish.fate is Fate.DESTROY and len(draft.method) < 3:
        raise Invalid("method", _("Write how it is to be destroyed."))
    if wish.fate is not Fate.RESALE:
        return
    if why := barred[item.id]:
        raise Invalid(f"lines.{at}.fate", _("%(drug)s: not back on the shelf. %(why)s", drug=line.drug, why=why))
    if not (draft.unopened and draft.never_left):
        field = "unopened" if not draft.unopened else "never_left"
        raise Invalid(field, _("Only what is unopened and never left the pharmacy's hands goes back on the shelf."))


async def taken(
    ctx: Context, item: DispensedItem, wish: ReturnLineDraft, back: PatientReturn, why: str, method: str
) -> UUID:
    """Into the stock of this site: as the batch it was, or as one set aside; then to be destroyed where it says so."""
    aside = "" if wish.fate is Fate.RESALE else back.number
    level = await inventory.take_back(
        ctx, item.batch_id, wish.quantity, aside=aside, reason=why, reference=("patient return", back.id)
    )
    if wish.fate is Fate.DESTROY:
        await ctx.flush()
        about = DestructionDraft(
            level_id=level.id,
            quantity=wish.quantity,
            reason=DestructionReason.RETURNED,
            method=method,
            note=back.number,
        )
        await inventory.propose_destruction(ctx, about)
    return level.batch_id


def returned(
    line: DispensingLine, item: DispensedItem, wish: ReturnLineDraft, position: int, batch_id: UUID
) -> ReturnedItem:
    return ReturnedItem(
        position=position,
        item_id=item.id,
        drug=line.drug,
        batch=item.batch,
        quantity=wish.quantity,
        unit=line.unit,
        fate=wish.fate,
        batch_id=batch_id,
    )


def shares_of(
    brought: list[tuple[int, ReturnLineDraft]],
    items: Mapping[UUID, DispensedItem],
    lines: Mapping[UUID, DispensingLine],
) -> dict[UUID, Fraction]:
    """Which share of each line was brought back."""
    shares: dict[UUID, Fraction] = {}
    for _at, wish in brought:
        line = lines[items[wish.item_id].dispensing_line_id]
        shares[line.id] = shares.get(line.id, Fraction(0)) + Fraction(wish.quantity) / Fraction(line.supplied)
    return shares


async def still_out(ctx: Context, dispensing: Dispensing) -> dict[UUID, Decimal]:
    """How much of each dispensed batch has not been brought back."""
    ids = [item.id for item in dispensing.given]
    query = select(ReturnedItem.item_id, func.sum(ReturnedItem.quantity)).where(ReturnedItem.item_id.in_(ids))
    back: dict[UUID, Decimal] = {row[0]: row[1] for row in await ctx.db.execute(query.group_by(ReturnedItem.item_id))}
    return {item.id: item.quantity - back.get(item.id, Decimal(0)) for item in dispensing.given}


async def barred_items(ctx: Context, dispensing: Dispensing) -> dict[UUID, str]:
    """Why each dispensed batch may not be sold again; empty where it may."""
    allowed = (await current(ctx)).resale_of_returns
    known: Mapping[UUID, Product] = await medicines.products(ctx, [item.product_id for item in dispensing.given])
    batches = await ctx.get_many(Batch, [item.batch_id for item in dispensing.given])
    return {
        item.id: not_to_be_sold_again(
            allowed,
            dispensing.controlled,
            known[item.product_id].storage if item.product_id in known else "",
            item.expires,
            batches[item.batch_id].status is BatchStatus.OK,
            ctx.today,
        )
        for item in dispensing.given
    }


@requires("dispensing.read")
async def returns_of(ctx: Context, dispensing_id: UUID) -> ReturnsView:
    """What of a supply was brought back, and what may be."""
    dispensing = await ctx.get(Dispensing, dispensing_id)
    lines = {line.id: line for line in dispensing.lines}
    left, barred = await still_out(ctx, dispensing), await barred_items(ctx, dispensing)
    latest = select(PatientReturn).where(PatientReturn.dispensing_id == dispensing.id)
    return ReturnsView(
        dispensing_id=dispensing.id,
        invoice_id=dispensing.invoice_id,
        items=[
            ReturnableItem(
                item_id=item.id,
                drug=lines[item.dispensing_line_id].drug,
                batch=item.batch,
                expires=item.expires,
                unit=lines[item.dispensing_line_id].unit,
                left=left[item.id],
                barred=barred[item.id],
            )
            for item in dispensing.given[:MOST]
        ],
        returns=[
            PatientReturnView.model_validate(back)
            for back in await ctx.db.scalars(latest.order_by(PatientReturn.id.desc()).limit(LATELY))
        ],
    )
