"""Invoices and receipts on paper, in the size of the country."""

from collections.abc import Iterator
from datetime import datetime
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
from .statement_papers import account_receipt

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
    if invoice is None:
        return await account_receipt(ctx, payment, roll)
    till = await ctx.get(Site, payment.site_id)
    paper = await document(ctx, invoice, [payment]) | {"receipt": receipt(ctx, payment, till)}
    return await pdf(PAPERS / ("roll.typ" if roll else "invoice.typ"), paper)


async def sale_receipt(
    ctx: Context,
    invoice: Invoice,
    *,
    number: str,
    sold_at: datetime,
    by: str,
    amounts: list[str],
    copy: bool,
    roll: bool,
) -> bytes:
    """The receipt of a whole sale, however it was paid; a copy says that it is one."""
    paper = await sale_words(ctx, invoice, number, sold_at, by, amounts)
    size = "us-letter" if paper["paper"] == "us-letter" else "a4"
    return await pdf(PAPERS / "sale.typ", paper | {"roll": roll, "paper": size, "copy": _("COPY") if copy else ""})


async def sale_words(
    ctx: Context, invoice: Invoice, number: str, sold_at: datetime, by: str, amounts: list[str]
) -> dict[str, Any]:
    """What stands on the receipt of a sale."""
    payments = await payments_of(ctx, invoice.id)
    said, spoken = await document(ctx, invoice, payments), money(ctx)
    site = await ctx.get(Site, invoice.site_id)
    paid: list[list[str]] = []
    for payment in payments:
        kind = label(payment.method).capitalize()
        words = _("Refund, %(method)s", method=kind) if payment.refund_of else kind
        paid.append([f"{words} {payment.number}", spoken(payment.amount_money)])
        if payment.rounding:
            paid.append([_("Rounding to coins"), spoken(payment.handled - payment.amount_money)])
        if payment.change:
            paid += [
                [_("Given"), spoken(payment.tendered)],
                [pgettext("coins", "Change"), spoken(payment.change_money)],
            ]
    sums = [[said["words"]["discount"], said["discount"]]] if said["discount"] else []
    sums += [[said["words"]["of_which_tax"], said["tax"]], [said["words"]["total"], said["total"]]]
    sums += [[said["words"]["credited"], said["credited"]]] if said["credited"] else []
    lines = [line | {"quantity": amount} for line, amount in zip(said["lines"], amounts, strict=True)]
    return said | {
        "title": said["title"],
        "number": invoice.number,
        "about": [_("Sale %(number)s", number=number), when(ctx)(sold_at, site)],
        "lines": lines,
        "sums": sums,
        "paid": paid,
        "printed": _("Served by %(who)s", who=by),
    }


def as_text(said: dict[str, Any]) -> str:
    """The same receipt as the text of a mail."""
    head = [*filter(None, said["seller"]), f"{said['title']} {said['number']}", *said["about"], ""]
    lines = [f"{line['text']}, {line['quantity']}: {line['total']}" for line in said["lines"]]
    return "\n".join([*head, *lines, "", *(f"{word}: {amount}" for word, amount in [*said["sums"], *said["paid"]])])


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
