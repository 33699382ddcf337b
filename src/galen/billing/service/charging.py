"""Making invoices, taking something off them, and taking them back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.i18n import gettext as _
from galen.organizations import Country, Site, country_of
from galen.patients import Patient
from galen.values.money import Money, total

from ..events import InvoiceChanged, InvoiceMade, InvoicePaid
from ..models import CreditNote, Invoice, InvoiceLine, InvoiceStatus, LedgerAccount
from ..rules import Bill, Item, bill
from ..schemas import ChargeLine, DiscountDraft, InvoiceDraft, VoidDraft
from .books import booked, post

USUAL_DISCOUNT = Decimal("0.10")
"""What anybody who writes invoices may take off; more needs `invoice.discount_any`."""


class AlreadyPaid(Conflict):
    message = "Something has been paid for this invoice. Refund it first, then change or void it."


class AlreadyCredited(Conflict):
    message = "Part of this invoice was credited. Take more back with a refund, or void the rest."


class AlreadyVoid(Conflict):
    message = "This invoice was voided and cannot change any more."


class ChargedAlready(Conflict):
    message = "This has been charged already. Open the invoice that stands, or void it before charging again."
    constraint = "invoice_charged_once_idx"


async def numbered(ctx: Context, series: str, mark: str = "", site: Site | None = None) -> tuple[int, str]:
    """The next number of a site's series, plain and as people read it: HC-000042, HC-R000017."""
    place = site or ctx.here
    serial = await next_number(ctx, f"{series} {place.id}")
    initials = "".join(word[0] for word in place.name.split() if word[0].isalnum()).upper()
    return serial, f"{initials}-{mark}{serial:06}"


def priced(items: Sequence[Item], currency: str, less: Money | None) -> Bill:
    try:
        return bill(items, currency, less)
    except ValueError as error:
        raise Invalid("discount", str(error)) from None


def item(country: Country, line: ChargeLine) -> Item:
    """A line as the till reckons it, at the country's rate for its class."""
    if line.tax_class not in country.tax:
        problem = _("There is no tax class “%(name)s” in %(country)s.", name=line.tax_class, country=country.name)
        raise Invalid("tax_class", problem)
    try:
        rate, included = country.tax[line.tax_class], country.prices_include_tax
        return Item(line.quantity, line.unit_price, rate, included, line.discount_rate)
    except ValueError as error:
        raise Invalid("lines", str(error)) from None


def quote(ctx: Context, lines: Sequence[ChargeLine], discount: Money | None = None) -> Bill:
    """What these lines would come to, before anything is charged."""
    country = country_of(ctx.organization.country)
    return priced([item(country, line) for line in lines], ctx.organization.currency, discount)


async def charge(
    ctx: Context,
    *,
    patient_id: UUID | None,
    reference: tuple[str, UUID] | None,
    lines: Sequence[ChargeLine],
    discount: Money | None = None,
    discount_reason: str = "",
) -> Invoice:
    """Issue an invoice in the caller's transaction: numbered, taxed, booked. A reference is charged once."""
    country, currency, place = country_of(ctx.organization.country), ctx.organization.currency, ctx.here
    items = [item(country, line) for line in lines]
    due = priced(items, currency, discount)
    serial, number = await numbered(ctx, "invoice")
    invoice = Invoice(
        patient_id=patient_id,
        site_id=place.id,
        serial=serial,
        number=number,
        reference_kind=reference[0] if reference else None,
        reference_id=reference[1] if reference else None,
        currency=currency,
        discount=due.discount.amount,
        discount_reason=discount_reason,
        net=due.net.amount,
        tax=due.tax.amount,
        total=due.gross.amount,
        paid=Decimal(0),
        credited=Decimal(0),
        status=InvoiceStatus.OPEN if due.gross else InvoiceStatus.PAID,
        made_at=ctx.now,
        made_on=ctx.today,
        made_by=ctx.actor.name,
    )
    for position, (line, reckoned, sold) in enumerate(zip(lines, due.lines, items, strict=True), 1):
        invoice.lines.append(
            InvoiceLine(
                invoice_id=invoice.id,
                position=position,
                text=line.text,
                quantity=line.quantity,
                unit_price=line.unit_price,
                tax_class=line.tax_class,
                tax_rate=sold.tax_rate,
                discount=reckoned.discount.amount,
                net=reckoned.net.amount,
                tax=reckoned.tax.amount,
                total=reckoned.gross.amount,
                reference_kind=line.reference[0] if line.reference else None,
                reference_id=line.reference[1] if line.reference else None,
            )
        )
    ctx.add(invoice)
    classes = [line.tax_class for line in lines]
    undiscounted = [replace(sold, discount_rate=Decimal(0)) for sold in items]
    post(ctx, invoice, "invoice", invoice.id, earned(due, bill(undiscounted, currency), classes), place.id)
    ctx.emit(InvoiceMade(invoice.id))
    if not due.gross:
        ctx.emit(InvoicePaid(invoice.id))
    return invoice


def earned(due: Bill, full: Bill, classes: Sequence[str]) -> dict[LedgerAccount, Money]:
    """The sides of an invoice: what is owed, what was earned before discounts, what was taken off, the tax."""
    nothing = due.net - due.net
    sides = {
        LedgerAccount.RECEIVABLE: due.gross,
        LedgerAccount.TAX: -due.tax,
        LedgerAccount.DISCOUNTS: full.net - due.net,
    }
    for line, tax_class in zip(full.lines, classes, strict=True):
        account = LedgerAccount.SERVICES if tax_class == "service" else LedgerAccount.GOODS
        sides[account] = sides.get(account, nothing) - line.net
    return sides


@requires("invoice.write")
async def make_invoice(ctx: Context, draft: InvoiceDraft) -> Invoice:
    """Make an invoice by hand."""
    currency = ctx.organization.currency
    refuse_other_currency(draft.currency, currency, "lines")
    if draft.patient_id:
        await ctx.get(Patient, draft.patient_id)
    lines = [ChargeLine(line.text, line.quantity, line.unit_price, line.tax_class) for line in draft.lines]
    listed = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
    less = Money.rounded(draft.discount, currency) if draft.discount else None
    if less:
        refuse_excess(ctx, less.amount, listed)
        if len(draft.discount_reason) < 3:
            raise Invalid("discount_reason", _("Write why there is a discount."))
    return await charge(
        ctx,
        patient_id=draft.patient_id,
        reference=None,
        lines=lines,
        discount=less,
        discount_reason=draft.discount_reason,
    )


def refuse_other_currency(said: str, currency: str, field: str) -> None:
    if said and said != currency:
        raise Invalid(field, _("This is reckoned in %(ours)s, not in %(theirs)s.", ours=currency, theirs=said))


class TooMuchOff(Forbidden):
    message = "Your role allows discounts of up to 10 %. Take off less, or ask a manager."


def refuse_excess(ctx: Context, less: Decimal, listed: Decimal) -> None:
    if less > listed * USUAL_DISCOUNT and not ctx.actor.may("invoice.discount_any"):
        raise TooMuchOff(permission="invoice.discount_any")


@requires("invoice.write")
async def discount(ctx: Context, invoice_id: UUID, draft: DiscountDraft) -> Invoice:
    """Take something off an unpaid invoice, divided over its lines to the cent. It replaces an earlier discount."""
    invoice = await ctx.get(Invoice, invoice_id, lock=True)
    refuse_other_currency(draft.currency, invoice.currency, "amount")
    refuse_settled(invoice)
    included = country_of(ctx.organization.country).prices_include_tax
    items = [Item(line.quantity, line.unit_price, line.tax_rate, included) for line in invoice.lines]
    full = bill(items, invoice.currency)
    listed = sum((line.listed.amount for line in full.lines), Decimal(0))
    less = Money.rounded(draft.amount if draft.amount else listed * (draft.percent or 0) / 100, invoice.currency)
    refuse_excess(ctx, less.amount, listed)
    due = priced(items, invoice.currency, less)
    sides = {
        LedgerAccount.RECEIVABLE: due.gross - invoice.total_money,
        LedgerAccount.DISCOUNTS: invoice.net_money - due.net,
        LedgerAccount.TAX: invoice.tax_money - due.tax,
    }
    for line, reckoned in zip(invoice.lines, due.lines, strict=True):
        line.discount, line.net = reckoned.discount.amount, reckoned.net.amount
        line.tax, line.total = reckoned.tax.amount, reckoned.gross.amount
    invoice.discount, invoice.discount_reason = less.amount, draft.reason
    invoice.net, invoice.tax, invoice.total = due.net.amount, due.tax.amount, due.gross.amount
    if not due.gross:
        invoice.status = InvoiceStatus.PAID
    post(ctx, invoice, "discount", invoice.id, sides, invoice.site_id)
    ctx.emit(InvoiceChanged(invoice.id))
    return invoice


def refuse_settled(invoice: Invoice) -> None:
    if invoice.status is InvoiceStatus.VOID:
        raise AlreadyVoid
    if invoice.status is not InvoiceStatus.OPEN:
        raise AlreadyPaid
    if invoice.credited:
        raise AlreadyCredited


@requires("invoice.write")
async def void_invoice(ctx: Context, invoice_id: UUID, draft: VoidDraft) -> Invoice:
    """Take an unpaid invoice back: a credit note reverses it exactly, and its number stays used."""
    invoice = await ctx.get(Invoice, invoice_id, lock=True)
    if invoice.paid:
        raise AlreadyPaid
    return await credit(ctx, invoice, draft.reason)


async def credit(ctx: Context, invoice: Invoice, reason: str) -> Invoice:
    """The credit note of all that stands of an invoice. What was paid for it is then due back."""
    if invoice.status is InvoiceStatus.VOID:
        raise AlreadyVoid
    await lower(ctx, invoice, invoice.total_money - invoice.credited_money, reason)
    invoice.status = InvoiceStatus.VOID
    ctx.emit(InvoiceChanged(invoice.id))
    return invoice


async def lower(ctx: Context, invoice: Invoice, amount: Money, reason: str, site: Site | None = None) -> None:
    """Let a charge fall by a credit note: revenue, discount and tax in the proportion in which they were booked."""
    if not amount:
        return
    rest = await booked(ctx, invoice, "invoice", "discount", "credit")
    sides, tax = taken_back(rest, amount)
    await note_of(ctx, invoice, amount, tax, sides, reason, site)


async def credit_line(ctx: Context, invoice: Invoice, line: InvoiceLine, amount: Money, reason: str) -> None:
    """Let the charge of one line fall, its tax and discount in the way they were charged."""
    share, tax = amount.amount / line.total, line.tax_money.times(amount.amount / line.total)
    included = country_of(ctx.organization.country).prices_include_tax
    earned_of = LedgerAccount.SERVICES if line.tax_class == "service" else LedgerAccount.GOODS
    full = bill([Item(line.quantity, line.unit_price, line.tax_rate, included)], invoice.currency).net.times(share)
    sides = {
        LedgerAccount.RECEIVABLE: -amount,
        LedgerAccount.TAX: tax,
        earned_of: full,
        LedgerAccount.DISCOUNTS: amount - tax - full,
    }
    await note_of(ctx, invoice, amount, tax, sides, reason)
    if invoice.stands is not invoice.status:
        invoice.status = invoice.stands
    ctx.emit(InvoiceChanged(invoice.id))


async def note_of(
    ctx: Context,
    invoice: Invoice,
    amount: Money,
    tax: Money,
    sides: Mapping[LedgerAccount, Money],
    reason: str,
    site: Site | None = None,
) -> None:
    """The credit note of so much, with its entry in the books."""
    serial, number = await numbered(ctx, "credit note", "C", site)
    note = ctx.add(
        CreditNote(
            invoice_id=invoice.id,
            patient_id=invoice.patient_id,
            site_id=(site or ctx.here).id,
            serial=serial,
            number=number,
            net=(tax - amount).amount,
            tax=-tax.amount,
            total=-amount.amount,
            currency=invoice.currency,
            reason=reason,
            at=ctx.now,
            made_by=ctx.actor.name,
        )
    )
    post(ctx, invoice, "credit", note.id, sides, invoice.site_id)
    invoice.credited += amount.amount


def taken_back(rest: Mapping[LedgerAccount, Money], amount: Money) -> tuple[dict[LedgerAccount, Money], Money]:
    """The sides that take this amount out of what stands in the books, and the tax in it; the last one takes all."""
    charged = rest[LedgerAccount.RECEIVABLE]
    share = amount.amount / charged.amount
    sides = {account: -money.times(share) for account, money in rest.items()}
    largest = max((a for a in rest if a is not LedgerAccount.RECEIVABLE), key=lambda a: abs(rest[a]).amount)
    sides[LedgerAccount.RECEIVABLE] = -amount
    sides[largest] -= total(sides.values(), amount.currency)
    return sides, sides.get(LedgerAccount.TAX, amount - amount)


async def invoices_for(ctx: Context, reference: tuple[str, UUID]) -> list[Invoice]:
    """The invoices for a visit or a dispensing, oldest first; void ones too."""
    kind, id = reference
    query = select(Invoice).where(Invoice.reference_kind == kind, Invoice.reference_id == id).order_by(Invoice.id)
    return list(await ctx.db.scalars(query))


async def uncharge(ctx: Context, reference: tuple[str, UUID], reason: str) -> list[Invoice]:
    """Credit whatever was charged for this reference, in the caller's transaction; twice does no more than once."""
    charged = [invoice for invoice in await invoices_for(ctx, reference) if not invoice.is_void]
    return [await credit(ctx, await ctx.get(Invoice, invoice.id, lock=True), reason) for invoice in charged]


async def credit_lines(
    ctx: Context, reference: tuple[str, UUID], shares: Mapping[UUID, Fraction], reason: str
) -> tuple[Money, Money]:
    """Let the charge fall by a share of single lines, by what these were for; what of it was paid is to be refunded.

    In the caller's transaction. The second amount is what has been paid: whoever refunds it lets the charge fall.
    """
    nothing = Money.zero(ctx.organization.currency)
    charged = [invoice for invoice in await invoices_for(ctx, reference) if not invoice.is_void]
    credited, paid = nothing, nothing
    for known in charged:
        invoice = await ctx.get(Invoice, known.id, lock=True)
        of_lines = [(line.total, shares.get(line.reference_id)) for line in invoice.lines if line.reference_id]
        worth = sum((Fraction(total) * share for total, share in of_lines if share), Fraction(0))
        asked = Money.rounded(Decimal(worth.numerator) / worth.denominator, invoice.currency)
        unpaid = max(invoice.due, nothing)
        now = min(asked, unpaid)
        await lower(ctx, invoice, now, reason)
        if invoice.stands is not invoice.status:
            invoice.status = invoice.stands
        ctx.emit(InvoiceChanged(invoice.id))
        credited, paid = credited + now, paid + min(asked - now, invoice.paid_money)
    return credited, paid
