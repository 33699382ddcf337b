"""Invoices and receipts on paper, in the size of the country."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.web.formats import day, money, when
from galen.i18n import gettext as _
from galen.i18n import label, pgettext
from galen.organizations import Site, country_of
from galen.patients import Patient
from galen.pdf import pdf
from galen.values.units import plain

from .models import Invoice, InvoiceStatus, Payment
from .service import payments_of, receipt_of

PAPERS = Path(__file__).parent / "papers"


@requires("invoice.read")
async def print_invoice(ctx: Context, invoice_id: UUID) -> bytes:
    """An invoice as PDF."""
    invoice = await ctx.get(Invoice, invoice_id)
    return await pdf(PAPERS / "invoice.typ", await document(ctx, invoice, await payments_of(ctx, invoice.id)))


@requires("invoice.read")
async def print_receipt(ctx: Context, payment_id: UUID, roll: bool = False) -> bytes:
    """A receipt as PDF; `roll` is for the till's 80 mm paper."""
    payment, invoice = await receipt_of(ctx, payment_id)
    till = await ctx.get(Site, payment.site_id)
    paper = await document(ctx, invoice, [payment]) | {"receipt": receipt(ctx, payment, till)}
    return await pdf(PAPERS / ("roll.typ" if roll else "invoice.typ"), paper)


async def document(ctx: Context, invoice: Invoice, payments: list[Payment]) -> dict[str, Any]:
    """What stands on the paper, in words."""
    site = await ctx.get(Site, invoice.site_id)
    tills = await ctx.get_many(Site, {payment.site_id for payment in payments})
    patient = await ctx.get(Patient, invoice.patient_id) if invoice.patient_id else None
    country, spoken = country_of(ctx.organization.country), money(ctx)
    paper_title = title(invoice, country.tax_name)
    return {
        "paper": country.paper,
        "title": paper_title,
        "number": invoice.number,
        "about": _("for %(paper)s %(number)s", paper=paper_title, number=invoice.number),
        "date": day(ctx)(invoice.made_on),
        "void": invoice.status is InvoiceStatus.VOID,
        "seller": [ctx.organization.name, site.name, site.address, site.phone],
        "buyer": [patient.spoken_name, _("Record %(number)s", number=patient.number)] if patient else [],
        "lines": [
            {
                "text": line.text,
                "quantity": plain(line.quantity),
                "each": spoken(line.each) if line.each else plain(line.unit_price),
                "discount": _("less %(amount)s", amount=spoken(line.discount_money)) if line.discount else "",
                "tax": spoken(line.tax_money),
                "total": spoken(line.total_money),
            }
            for line in invoice.lines
        ],
        "discount": spoken(invoice.discount_money) if invoice.discount else "",
        "net": spoken(invoice.net_money),
        "tax": spoken(invoice.tax_money),
        "tax_name": country.tax_name,
        "total": spoken(invoice.total_money),
        "payments": [receipt(ctx, payment, tills[payment.site_id]) for payment in payments],
        "credited": spoken(invoice.credited_money) if invoice.credited and not invoice.is_void else "",
        "due": spoken(invoice.due),
        "printed": _("Printed %(at)s by %(who)s", at=when(ctx)(ctx.now, site), who=ctx.actor.name),
        "receipt": None,
        "words": words(country.tax_name),
    }


def words(tax_name: str) -> dict[str, str]:
    """The words that stand on every invoice and receipt."""
    return {
        "page": _("Page"),
        "void": _("VOID: taken back by a credit note"),
        "for": _("For"),
        "what": _("What"),
        "quantity": _("Quantity"),
        "each": _("Each"),
        "amount": _("Amount"),
        "discount": _("Discount included"),
        "before_tax": _("Before %(tax)s", tax=tax_name),
        "of_which_tax": _("of which %(tax)s", tax=tax_name),
        "total": _("Total"),
        "credited": _("Credited"),
        "due": _("Still due"),
        "rounding": _("Rounding"),
        "given": _("Given"),
        "change": pgettext("coins", "Change"),
    }


def title(invoice: Invoice, tax_name: str) -> str:
    """In Australia a document that charges GST is a tax invoice and says so (ATO)."""
    return _("Tax invoice") if tax_name == "GST" and invoice.tax else _("Invoice")


def receipt(ctx: Context, payment: Payment, till: Site) -> dict[str, str]:
    """A payment or refund as it stands on paper."""
    spoken = money(ctx)
    return {
        "number": payment.number,
        "kind": _("Refund") if payment.refund_of else _("Receipt"),
        "when": when(ctx)(payment.at, till),
        "method": label(payment.method).capitalize(),
        "amount": spoken(payment.amount_money),
        "rounding": spoken(payment.handled - payment.amount_money) if payment.rounding else "",
        "tendered": spoken(payment.tendered) if payment.change else "",
        "change": spoken(payment.change_money) if payment.change else "",
        "handled": spoken(payment.handled),
        "told": ", ".join(told(ctx, payment, till)),
        "served": _("Served by %(who)s", who=payment.taken_by),
    }


def told(ctx: Context, payment: Payment, till: Site) -> Iterator[str]:
    """A payment in the list beneath an invoice, piece by piece."""
    spoken = money(ctx)
    yield _("Refund") if payment.refund_of else _("Receipt")
    yield label(payment.method).capitalize()
    yield when(ctx)(payment.at, till)
    if payment.rounding:
        yield _("rounded by %(amount)s", amount=spoken(payment.handled - payment.amount_money))
    if payment.change:
        tendered, change = spoken(payment.tendered), spoken(payment.change_money)
        yield _("%(tendered)s given, change %(change)s", tendered=tendered, change=change)
