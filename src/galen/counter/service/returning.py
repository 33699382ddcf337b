"""What comes back: the money the way it came, the goods never on sale again when they are medicines."""

from decimal import Decimal
from uuid import UUID

from galen import billing, inventory
from galen.billing import InvoiceLine, Payment, RefundDraft
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.core.web.formats import money
from galen.i18n import gettext as _
from galen.i18n import label
from galen.medicines import Product
from galen.values.money import Money
from galen.values.units import plain

from ..events import SaleChanged
from ..models import Goods, Sale, SaleLine, SaleReturn
from ..refusals import GivenBackAlready, NoMedicineBack, NotSold
from ..rules import part_of
from ..schemas import SaleReturnDraft
from .selling import line_of


@requires("payment.refund")
async def return_item(ctx: Context, sale_id: UUID, draft: SaleReturnDraft) -> SaleReturn:
    """Take units back: their charge falls with its tax, the money goes back the way it came, the latest way first."""
    sale = await ctx.get(Sale, sale_id, lock=True)
    if sale.invoice_id is None:
        raise NotSold
    line = line_of(sale, draft.line_id)
    if draft.quantity > line.left:
        raise Invalid("quantity", _("At most %(most)s of it can come back.", most=plain(line.left)))
    if draft.goods is Goods.DESTROYED and len(draft.witness) < 3:
        raise Invalid("witness", _("Write who saw that it was destroyed."))
    invoice = await ctx.get(billing.Invoice, sale.invoice_id, lock=True)
    charged = next(part for part in invoice.lines if part.reference_id == line.id)
    amount = invoice.money(part_of(charged.total, line.quantity, line.returned, draft.quantity))
    left = await left_to_give(ctx, invoice)
    if amount > left:
        raise GivenBackAlready(left=money(ctx)(left))
    batches = await goods_back(ctx, sale, line, charged, draft)
    ways = await given_back(ctx, invoice.id, amount, draft.reason)
    await billing.credit_line(ctx, invoice, charged, amount, draft.reason)
    line.returned += draft.quantity
    back = ctx.add(
        SaleReturn(
            number=f"B{await next_number(ctx, 'sale return'):06}",
            sale_id=sale.id,
            patient_id=sale.patient_id,
            sale_line_id=line.id,
            text=line.text,
            quantity=draft.quantity,
            amount=amount.amount,
            currency=amount.currency,
            goods=draft.goods,
            witness=draft.witness,
            reason=draft.reason,
            batches=batches,
            at=ctx.now,
            made_by=ctx.actor.name,
        )
    )
    ctx.emit(SaleChanged(sale.id))
    spoken = money(ctx)
    told = ", ".join(f"{spoken(abs(way.handled))} ({label(way.method)})" for way in ways)
    ctx.flash(_("Taken back. Give back: %(ways)s.", ways=told))
    return back


async def goods_back(
    ctx: Context, sale: Sale, line: SaleLine, charged: InvoiceLine, draft: SaleReturnDraft
) -> list[dict[str, str]]:
    """On the shelf only what is no medicine; what is not is kept on the paper with the batches that it may be of."""
    if draft.goods is not Goods.SHELF:
        return []
    if (await ctx.get(Product, line.product_id)).holds or charged.tax_class == "medicine":
        raise NoMedicineBack
    about = ("sale", sale.id), line.product_id, draft.quantity, draft.reason
    picks = await inventory.give_back_part(ctx, *about, site_id=sale.site_id)
    return [{"batch": pick.number, "quantity": str(pick.quantity)} for pick in picks]


async def left_to_give(ctx: Context, invoice: billing.Invoice) -> Money:
    """What can still be given back and credited: an invoice may have been refunded on its own page."""
    paid = sum((payment.amount for payment in await billing.payments_of(ctx, invoice.id)), Decimal(0))
    return invoice.money(min(paid, invoice.total - invoice.credited))


async def given_back(ctx: Context, invoice_id: UUID, amount: Money, reason: str) -> list[Payment]:
    """Refunds of so much in all: of each payment what is left of it, the latest first."""
    payments = await billing.payments_of(ctx, invoice_id)
    backs, missing = [], amount
    for paid in reversed([payment for payment in payments if not payment.refund_of]):
        before = sum((back.amount for back in payments if back.refund_of == paid.id), Decimal(0))
        part = min(missing, Money(paid.amount + before, amount.currency))
        if part and missing:
            draft = RefundDraft(amount=part.amount, charge="stays", reason=reason)
            backs.append(await billing.refund(ctx, paid.id, draft))
            missing -= part
    return backs
