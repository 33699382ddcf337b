"""Ending a sale: a pharmacist sees it, it waits, it is paid as a whole, or it is void."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from galen import billing, inventory
from galen.billing import Method, PaymentDraft
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.core.web.formats import money
from galen.i18n import gettext as _
from galen.values.money import Money

from ..events import SaleChanged
from ..models import Sale, SaleStatus
from ..refusals import NotAllPaid, NotReadyToPay, SaleEnded
from ..schemas import Basket, ParkDraft, SaleApprovalDraft, TendersDraft, VoidSaleDraft
from .look import basket_of, change_of, charged, own, warnings
from .selling import in_hand, of_here, shown

FORGOTTEN = timedelta(hours=24)


@requires("dispensing.verify")
async def approve_sale(ctx: Context, sale_id: UUID, draft: SaleApprovalDraft) -> Basket:
    """A pharmacist has spoken with the buyer and seen the warnings; it holds for this basket alone."""
    sale = await in_hand(ctx, sale_id)
    report = await warnings(ctx, sale)
    stopping = report.interrupting if report else []
    if (stopping or (report and report.failed)) and len(draft.note) < 3:
        raise Invalid("note", _("There are warnings. Write why it may be sold all the same."))
    sale.approved_by, sale.approved_name, sale.approved_at = ctx.actor.id, ctx.actor.name, ctx.now
    sale.approval_note, sale.answered = draft.note, [alert.key for alert in stopping]
    ctx.emit(SaleChanged(sale.id))
    return await shown(ctx, sale)


@requires("sale.write")
async def park_sale(ctx: Context, sale_id: UUID, draft: ParkDraft) -> Sale:
    """Let a sale wait, and begin another one. Nothing is taken off the shelf for it."""
    sale = await in_hand(ctx, sale_id)
    sale.status, sale.parked_as = SaleStatus.PARKED, draft.parked_as
    ctx.emit(SaleChanged(sale.id))
    return sale


@requires("sale.write")
async def take_up(ctx: Context, sale_id: UUID) -> Sale:
    """Go on with a parked sale; the one in hand is parked when there is something in it."""
    sale = await of_here(ctx, sale_id)
    if not sale.is_parked:
        raise SaleEnded(status=sale.status.word)
    if mine := await own(ctx):
        mine = await in_hand(ctx, mine.id)
        if mine.lines:
            mine.status = SaleStatus.PARKED
        else:
            mine.status, mine.ended_because = SaleStatus.VOID, "Nothing in it"
        await ctx.flush()
    sale.status, sale.cashier_id, sale.cashier = SaleStatus.OPEN, ctx.actor.id, ctx.actor.name
    ctx.emit(SaleChanged(sale.id))
    return sale


@requires("sale.write")
async def void_sale(ctx: Context, sale_id: UUID, draft: VoidSaleDraft) -> Sale:
    """Nothing is sold: before it was paid, and with the reason."""
    sale = await of_here(ctx, sale_id)
    if not (sale.is_open or sale.is_parked):
        raise SaleEnded(status=sale.status.word)
    sale.status, sale.ended_because = SaleStatus.VOID, draft.reason
    ctx.emit(SaleChanged(sale.id))
    return sale


@requires("sale.write")
async def pay_sale(ctx: Context, sale_id: UUID, draft: TendersDraft) -> Sale:
    """Stock, invoice, payments, till and books in one transaction: all of it, or nothing."""
    sale = await in_hand(ctx, sale_id)
    basket = await basket_of(ctx, sale)
    if not sale.lines:
        raise NotReadyToPay(what=_("There is nothing in this sale yet."))
    if basket.missing:
        raise NotReadyToPay(what=basket.missing[0])
    for line in sorted(sale.lines, key=lambda line: line.product_id):
        await inventory.issue(
            ctx, line.product_id, line.quantity, reference=("sale", sale.id), in_hand=line.batch_id, outlast=ctx.today
        )
    less = Money.rounded(sale.discount, basket.total.currency) if sale.discount else None
    invoice = await billing.charge(
        ctx,
        patient_id=sale.patient_id,
        reference=("sale", sale.id),
        lines=charged(sale),
        discount=less,
        discount_reason=sale.discount_reason,
    )
    payments = []
    for tender in sorted(draft.tenders, key=lambda tender: tender.method is Method.CASH):
        if not invoice.due:
            raise Invalid("tenders", _("The sale is paid already: take one way of paying away."))
        said = PaymentDraft.model_construct(**dict(tender))
        payments.append(await billing.taken_for(ctx, invoice, said))
    if invoice.due:
        raise NotAllPaid(left=money(ctx)(invoice.due))
    sale.invoice, sale.status, sale.sold_at = invoice, SaleStatus.SOLD, ctx.now
    ctx.emit(SaleChanged(sale.id))
    if change := change_of(payments, invoice.currency):
        ctx.flash(_("Sold. Give %(amount)s change.", amount=money(ctx)(change)))
    else:
        ctx.flash(_("Sold: %(amount)s.", amount=money(ctx)(invoice.total_money)))
    return sale


async def void_forgotten(ctx: Context) -> None:
    """Baskets that nobody touched for a day are void: nothing was taken off the shelf for them."""
    waiting = Sale.status.in_((SaleStatus.OPEN, SaleStatus.PARKED))
    query = select(Sale).where(waiting, Sale.opened_at < ctx.now - FORGOTTEN).order_by(Sale.id).limit(200)
    for sale in await ctx.db.scalars(query.with_for_update(of=Sale, skip_locked=True)):
        sale.status, sale.ended_because = SaleStatus.VOID, "Left for a day"
        ctx.emit(SaleChanged(sale.id))
