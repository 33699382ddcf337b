"""The receipt of a sale: on the till's roll or a page, and by mail."""

from typing import Any
from uuid import UUID

from galen import billing, notifications
from galen.billing import Invoice
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.patients import Patient

from ..models import Sale
from ..refusals import NotSold
from ..schemas import ReceiptMailDraft


async def of_sale(ctx: Context, sale_id: UUID, lock: bool) -> tuple[Sale, Invoice, dict[str, Any]]:
    sale = await ctx.get(Sale, sale_id, lock=lock)
    if sale.invoice_id is None or sale.sold_at is None:
        raise NotSold
    invoice = await ctx.get(Invoice, sale.invoice_id)
    amounts = [line.amount for line in sale.lines]
    return sale, invoice, {"number": sale.number, "sold_at": sale.sold_at, "by": sale.cashier, "amounts": amounts}


@requires("sale.read")
async def print_sale(ctx: Context, sale_id: UUID, roll: bool = True) -> bytes:
    """The receipt as PDF, 80 mm wide or a page; what was printed before is marked as a copy."""
    sale, invoice, said = await of_sale(ctx, sale_id, lock=True)
    sale.printed += 1
    return await billing.sale_receipt(ctx, invoice, **said, copy=sale.printed > 1, roll=roll)


@requires("sale.write")
async def mail_receipt(ctx: Context, sale_id: UUID, draft: ReceiptMailDraft) -> Sale:
    """Send the receipt to the address that was told, or to the patient's."""
    sale, invoice, said = await of_sale(ctx, sale_id, lock=False)
    known = (await ctx.get(Patient, sale.patient_id)).email if sale.patient_id else ""
    to = draft.to or known
    if not to:
        raise Invalid("to", _("No address is known. Write one."))
    await notifications.send(
        ctx,
        channel="email",
        to=to,
        subject=_("Your receipt from %(name)s", name=ctx.organization.name),
        text=billing.as_text(await billing.sale_words(ctx, invoice, **said)),
        about="receipt",
        patient_id=sale.patient_id,
    )
    ctx.flash(_("The receipt is on its way to %(address)s.", address=to))
    return sale
