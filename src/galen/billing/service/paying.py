"""Taking money, giving it back, and the paper for it."""

from uuid import UUID

from sqlalchemy import func, select

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.core.web.formats import money
from galen.i18n import gettext as _
from galen.i18n import label
from galen.organizations import Site
from galen.values.money import Money

from ..events import InvoiceChanged, InvoicePaid
from ..models import Invoice, InvoiceStatus, LedgerAccount, Method, Payment, Transaction
from ..rules import Settlement, in_coins, settle
from ..schemas import ChangeDue, PaymentDraft, RefundDraft
from .books import enter
from .charging import AlreadyVoid, lower, numbered, refuse_other_currency
from .limits import chargeable
from .tills import till_for

GOES_TO = {
    Method.CASH: LedgerAccount.CASH,
    Method.CARD: LedgerAccount.CARD,
    Method.TRANSFER: LedgerAccount.BANK,
    Method.INSURANCE: LedgerAccount.INSURANCE,
    Method.VOUCHER: LedgerAccount.VOUCHERS,
    Method.ACCOUNT: LedgerAccount.ACCOUNTS,
}


class NothingDue(Conflict):
    message = "This invoice is paid. Nothing is due."


class TooMuchBack(Conflict):
    message, constraint = "A refund cannot be more than what was paid and not yet given back.", "payment_refund_check"


class TakenTwice(Conflict):
    message, constraint = "Someone else has just taken money for this invoice. Look at it again.", "invoice_paid_check"


@requires("payment.take")
async def take_payment(ctx: Context, invoice_id: UUID, draft: PaymentDraft) -> Payment:
    """Take money for an invoice: all that is due, or part of it. Cash is rounded to coins and change is worked out."""
    return await taken_for(ctx, await ctx.get(Invoice, invoice_id, lock=True, without_parts=True), draft)


async def taken_for(ctx: Context, invoice: Invoice, draft: PaymentDraft) -> Payment:
    """The same for an invoice that is held: one that was made in this very transaction, too."""
    refuse_other_currency(draft.currency, invoice.currency, "amount")
    if invoice.status is InvoiceStatus.VOID:
        raise AlreadyVoid
    if not invoice.due:
        raise NothingDue
    taken, tendered = settled(invoice.due, draft)
    account = await chargeable(ctx, invoice, draft, invoice.due - taken.outstanding)
    if draft.method is Method.VOUCHER and len(draft.terminal_reference) < 2:
        raise Invalid("terminal_reference", _("Write the number of the voucher."))
    till_session_id = await till_for(ctx, ctx.here.id, draft.method)
    serial, number = await numbered(ctx, "receipt", "R")
    payment = ctx.add(
        Payment(
            invoice_id=invoice.id,
            charge_account_id=account,
            over_limit=draft.over_limit if account else "",
            patient_id=invoice.patient_id,
            site_id=ctx.here.id,
            serial=serial,
            number=number,
            method=draft.method,
            amount=(invoice.due - taken.outstanding).amount,
            rounding=taken.rounding.amount,
            tendered=tendered.amount if tendered is not None else None,
            change=taken.change.amount,
            currency=invoice.currency,
            terminal_reference=draft.terminal_reference,
            till_session_id=till_session_id,
            at=ctx.now,
            day=ctx.today,
            taken_by=ctx.actor.name,
        )
    )
    moved(ctx, payment, "payment")
    invoice.paid += payment.amount
    invoice.status = InvoiceStatus.PART_PAID if invoice.due else InvoiceStatus.PAID
    ctx.emit(InvoiceChanged(invoice.id) if invoice.due else InvoicePaid(invoice.id))
    return payment


def settled(due: Money, draft: PaymentDraft) -> tuple[Settlement, Money | None]:
    """How what is offered meets what is due, and the coins and notes handed over."""
    nothing = Money.zero(due.currency)
    try:
        amount = Money(draft.amount, due.currency) if draft.amount else due
        tendered = Money(draft.tendered, due.currency) if draft.tendered else None
    except ValueError as error:
        raise Invalid("amount", str(error)) from None
    if amount > due:
        if draft.method is not Method.CASH:
            raise Invalid("amount", _("Only %(due)s is due.", due=due))
        hint = _("Only %(due)s is due. Write what was handed over in its own field; the change is worked out.", due=due)
        raise Invalid("amount", hint)
    if draft.method is not Method.CASH:
        if tendered is not None and tendered != amount:
            raise Invalid("tendered", _("Change is for cash only: leave this empty."))
        return Settlement(amount, nothing, nothing, nothing, due - amount), None
    if tendered is not None and tendered != in_coins(tendered):
        raise Invalid("tendered", _("%(amount)s cannot be paid in coins.", amount=tendered))
    if amount == due:
        tendered = in_coins(due) if tendered is None else tendered
        return settle(due, nothing, tendered), tendered
    if amount != in_coins(amount):
        problem = _("%(amount)s cannot be paid in coins. Part of an invoice is paid in whole coins.", amount=amount)
        raise Invalid("amount", problem)
    tendered = amount if tendered is None else tendered
    if tendered < amount:
        problem = _("%(tendered)s was handed over, which is less than %(amount)s.", tendered=tendered, amount=amount)
        raise Invalid("tendered", problem)
    return Settlement(nothing, amount, nothing, tendered - amount, due - amount), tendered


def moved(ctx: Context, payment: Payment, kind: str) -> None:
    """The books of a payment or refund: what changed hands, what it settles, the coins' rounding."""
    sides = {
        GOES_TO[payment.method]: payment.handled,
        LedgerAccount.RECEIVABLE if payment.invoice_id else LedgerAccount.ACCOUNTS: -payment.amount_money,
        LedgerAccount.ROUNDING: payment.amount_money - payment.handled,
    }
    entry = Transaction(
        site_id=payment.site_id,
        invoice_id=payment.invoice_id,
        till_session_id=payment.till_session_id,
        kind=kind,
        reference_id=payment.id,
    )
    enter(ctx, entry, sides, payment.currency, payment.day, payment.patient_id)


@requires("payment.refund")
async def refund(ctx: Context, payment_id: UUID, draft: RefundDraft) -> Payment:
    """Give money back the way it came, from the till it was paid into; the charge falls, too, or is still owed."""
    paid = await ctx.get(Payment, payment_id)
    invoice = await ctx.get(Invoice, paid.invoice_id, lock=True, without_parts=True) if paid.invoice_id else None
    site = await ctx.get(Site, paid.site_id)
    refuse_other_currency(draft.currency, paid.currency, "amount")
    before = select(func.coalesce(func.sum(Payment.amount), 0)).where(Payment.refund_of == paid.id)
    left = Money(paid.amount + (await ctx.db.scalar(before) or 0), paid.currency)
    amount = Money.rounded(draft.amount, paid.currency) if draft.amount else left
    if paid.refund_of or not amount or amount > left:
        raise TooMuchBack
    if draft.charge is None and invoice and not invoice.is_void:
        raise Invalid("charge", _("Say whether the charge falls, too, or is still owed."))
    handed = in_coins(amount) if paid.method is Method.CASH else amount
    till_session_id = await till_for(ctx, site.id, paid.method, handed)
    serial, number = await numbered(ctx, "receipt", "R", site)
    back = ctx.add(
        Payment(
            invoice_id=paid.invoice_id,
            charge_account_id=paid.charge_account_id,
            patient_id=paid.patient_id,
            site_id=site.id,
            serial=serial,
            number=number,
            method=paid.method,
            amount=-amount.amount,
            rounding=(amount - handed).amount,
            change=Money.zero(paid.currency).amount,
            currency=paid.currency,
            refund_of=paid.id,
            till_session_id=till_session_id,
            reason=draft.reason,
            at=ctx.now,
            day=ctx.now.astimezone(site.tz).date(),
            taken_by=ctx.actor.name,
        )
    )
    moved(ctx, back, "refund")
    if invoice:
        invoice.paid -= amount.amount
        if draft.charge == "falls" and not invoice.is_void:
            await lower(ctx, invoice, amount, draft.reason, site)
        if invoice.stands is not invoice.status:
            invoice.status = invoice.stands
        ctx.emit(InvoiceChanged(invoice.id))
    shown = {"amount": money(ctx)(handed), "site": site.name, "method": label(paid.method)}
    ctx.flash(_("Give %(amount)s back (%(method)s), from the till of %(site)s.", **shown))
    return back


@requires("payment.take")
async def change_for(ctx: Context, invoice_id: UUID, tendered: str = "", amount: str = "") -> ChangeDue:
    """What to give back for the notes on the counter, before the payment is taken."""
    invoice = await ctx.get(Invoice, invoice_id, without_parts=True)
    try:
        draft = PaymentDraft.model_validate(
            {"method": Method.CASH, "tendered": tendered.strip() or None, "amount": amount.strip() or None}
        )
        taken = settled(invoice.due, draft)[0]
    except (Invalid, ValueError) as error:
        said = str(error) if isinstance(error, Invalid) else _("Write what was handed over, such as 50.")
        return ChangeDue(None, None, said if tendered.strip() or amount.strip() else "")
    return ChangeDue(taken.change, taken.outstanding, "")


async def receipt_of(ctx: Context, payment_id: UUID) -> tuple[Payment, Invoice | None]:
    """A payment and what it was for; no invoice when it was paid against a charge account."""
    payment = await ctx.get(Payment, payment_id)
    return payment, await ctx.get(Invoice, payment.invoice_id) if payment.invoice_id else None
