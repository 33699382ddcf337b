"""A recall from its notice to the moment from which nobody is given any of it."""

from uuid import UUID

from galen import inventory
from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.medicines import products

from ..events import RecallChanged
from ..models import ContactState, MatchAnswer, Recall, RecallContact, RecallProduct, RecallStatus
from ..rules import MOST_LOTS, lot_key
from ..schemas import LotsDraft, RecallDraft, RecallReasonDraft
from .matching import find_matches, opened
from .tracing import untold


class Undecided(Conflict):
    message = "Say of each match whether it is meant, before anything is blocked. Still open: {left}."


class BagRecalled(Conflict):
    message = "A batch in it was recalled since it was prepared. Do not hand it over: undo it, dispense another batch."
    constraint = "dispensing_recalled_check"


class EveryLot(Conflict):
    message = "Every lot is recalled already."


@requires("recall.manage")
async def open_recall(ctx: Context, draft: RecallDraft) -> Recall:
    """Write down a recall and look for batches of ours. Nothing is blocked yet."""
    wanted = list(dict.fromkeys(meant.product_id for meant in draft.products))
    known = await products(ctx, wanted)
    for at, product_id in enumerate(wanted):
        if product_id not in known:
            raise Invalid(f"products.{at}.product_id", _("There is no such medicine here. Choose it from the list."))
    recall = draft.into(
        Recall,
        number=f"R{await next_number(ctx, 'recall'):06}",
        title="; ".join(known[product_id].label for product_id in wanted)[:300],
        products=[RecallProduct(product_id=product_id, position=at) for at, product_id in enumerate(wanted, 1)],
        opened_by=ctx.actor.id,
        opened_name=ctx.actor.name,
        opened_at=ctx.now,
    )
    ctx.add(recall)
    found = len(await find_matches(ctx, recall))
    ctx.emit(RecallChanged(recall.id))
    ctx.flash(
        ngettext("%(num)s batch of yours may be meant.", "%(num)s batches of yours may be meant.", found)
        if found
        else _("No batch of yours is like it. Block it all the same: it is then set aside should it come.")
    )
    return recall


@requires("recall.manage")
async def add_lots(ctx: Context, recall_id: UUID, draft: LotsDraft) -> Recall:
    """A later notice names more lots: they are looked for, and blocked when it is said again."""
    recall = await opened(ctx, recall_id)
    if recall.whole:
        raise EveryLot
    if bad := next((lot for lot in draft.lots if not lot_key(lot)), None):
        raise Invalid("lots", _("“%(lot)s” is no lot: it has neither letters nor digits.", lot=bad))
    lots = list(dict.fromkeys([*recall.lots, *draft.lots]))
    if len(lots) > MOST_LOTS:
        raise Invalid("lots", _("A recall holds %(most)s lots. Open another one for the rest.", most=MOST_LOTS))
    recall.lots = lots
    await find_matches(ctx, recall)
    ctx.emit(RecallChanged(recall.id))
    ctx.flash(_("The lots are added. Block again, so that they are blocked, too."))
    return recall


@requires("recall.manage")
async def block(ctx: Context, recall_id: UUID) -> Recall:
    """Block every batch that is meant, at every site, in one transaction: on the shelf, in bags that wait to be handed
    over, on the way between sites, and what comes of these lots later. It is final; said again, it
    blocks what was added.
    """
    recall = await opened(ctx, recall_id)
    found = await find_matches(ctx, recall)
    if left := sum(match.undecided for match in found):
        raise Undecided(left=left)
    meant = [match for match in found if match.answer is MatchAnswer.CONFIRMED]
    batches = await ctx.get_many(inventory.Batch, [match.batch_id for match in meant])
    lots: set[tuple[UUID, str | None]] = {(batch.product_id, batch.number) for batch in batches.values()}
    for product in recall.products:
        lots |= {(product.product_id, None)} if recall.whole else {(product.product_id, lot) for lot in recall.lots}
    number = await inventory.recall_lots(ctx, (recall.id, recall.number), lots, batches.keys())
    for match in meant:
        match.blocked = True
    if recall.draft:
        recall.status, recall.blocked_at, recall.blocked_name = RecallStatus.OPEN, ctx.now, ctx.actor.name
    await ctx.flush()
    if recall.concerns_patients:
        await list_patients(ctx, recall)
    ctx.emit(RecallChanged(recall.id))
    ctx.flash(
        ngettext("%(num)s batch is blocked at every site.", "%(num)s batches are blocked at every site.", number)
        if number
        else _("The lots are blocked. None of them was here.")
    )
    return recall


async def list_patients(ctx: Context, recall: Recall) -> None:
    """Whoever received some of it and is not on the list yet."""
    nothing = {"message_id": None, "told_at": None, "reached_at": None, "reached_by": "", "tries": 0}
    await ctx.insert_many(
        RecallContact,
        [
            RecallContact(recall_id=recall.id, patient_id=patient_id, state=ContactState.TO_TELL, **nothing)
            for patient_id in await untold(ctx, recall.id)
        ],
    )


@requires("recall.manage")
async def cancel_recall(ctx: Context, recall_id: UUID, draft: RecallReasonDraft) -> Recall:
    """It does not concern us, or was opened by mistake; once something is blocked it can only be closed."""
    recall = await ctx.get(Recall, recall_id, lock=True)
    recall.status, recall.ended_because = RecallStatus.CANCELLED, draft.reason
    ctx.emit(RecallChanged(recall.id))
    ctx.flash(_("Recall %(number)s is cancelled. Nothing was blocked.", number=recall.number))
    return recall
