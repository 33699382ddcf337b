"""Looking at invoices: lists, one with its payments, what a patient owes, what waits at the counter."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import false, select, union_all
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql import func

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Found, Slice, TimelineEntry
from galen.core.web.formats import money
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.patients import Patient, banner, named
from galen.sorting import Orders, count_of
from galen.values import like

from ..models import UNPAID, CreditNote, Invoice, InvoiceStatus, Payment
from ..schemas import CounterView, InvoicePage, PatientBills
from .accounts import accounts_of

ORDERS = Orders("-made", made=Invoice.made_at, number=Invoice.serial, total=Invoice.total)
CHANGE_SHOWN = timedelta(minutes=5)


@requires("invoice.read")
async def invoice(ctx: Context, invoice_id: UUID) -> InvoicePage:
    """One invoice with its lines, payments and credit note."""
    invoice = await ctx.get(Invoice, invoice_id)
    payments = await payments_of(ctx, invoice.id)
    latest = payments[-1] if payments else None
    return InvoicePage(
        invoice=invoice,
        payments=payments,
        credit_notes=await ctx.list_by(CreditNote, CreditNote.invoice_id, invoice.id),
        tills=await ctx.get_many(Site, {invoice.site_id, *(payment.site_id for payment in payments)}),
        banner=await banner(ctx, invoice.patient_id) if invoice.patient_id else None,
        accounts=await accounts_of(ctx, invoice.patient_id) if invoice.payable else [],
        just_paid=latest if latest and latest.change and ctx.now - latest.at < CHANGE_SHOWN else None,
    )


@requires("invoice.read")
async def billing(ctx: Context, invoice_id: UUID) -> Invoice:
    """One invoice as it is, for a client."""
    return await ctx.get(Invoice, invoice_id)


async def payments_of(ctx: Context, invoice_id: UUID) -> list[Payment]:
    """Payments and refunds of an invoice, as they came."""
    return list(await ctx.db.scalars(select(Payment).where(Payment.invoice_id == invoice_id).order_by(Payment.id)))


@requires("invoice.read")
async def invoices(
    ctx: Context, q: str = "", show: str = "open", after: str | None = None, sort: str = ""
) -> Slice[Invoice]:
    """Invoices, newest first (or by `made`, `number`, `total`): unpaid ones, or with `show` "paid", "void" or "all"
    others. `q` is a number or a name."""
    query = select(Invoice).options(joinedload(Invoice.patient).raiseload("*"), selectinload(Invoice.site))
    wanted = {"open": UNPAID, "paid": [InvoiceStatus.PAID], "void": [InvoiceStatus.VOID]}.get(show)
    if wanted and not q.strip():
        query = query.where(Invoice.status.in_(wanted))
    if q.strip():
        query = query.where(matches(q))
    page = await ctx.slice(query, after, **ORDERS.of(sort))
    page.count = await count_of(ctx.db, query)
    return page


def matches(q: str) -> Any:
    """An invoice by its number, whole, begun or without its letters, or by the beginning of its patient's name."""
    words, ways = q.strip(), []
    if words.isdecimal() and len(words) <= 9:
        ways.append(select(Invoice.id).where(Invoice.serial == int(words)))
    elif any(sign.isdecimal() for sign in words):
        ways.append(select(Invoice.id).where(Invoice.number.like(like.beginning(words.upper()))))
    if (people := named(words)) is not None:
        ways.append(select(Invoice.id).join(Patient, Patient.id == Invoice.patient_id).where(people))
    return Invoice.id.in_(union_all(*ways)) if ways else false()


@requires("invoice.read")
async def find_invoices(ctx: Context, q: str = "") -> list[Found]:
    """Invoices for the search box, by number."""
    if not any(sign.isdigit() for sign in q):
        return []
    query = select(Invoice).where(matches(q)).order_by(Invoice.id.desc())
    return [
        Found(
            title=invoice.number,
            detail=f"{money(ctx)(invoice.total_money)} · {label(invoice.status)}",
            href=f"/invoices/{invoice.id}",
        )
        for invoice in await ctx.db.scalars(query.limit(8))
    ]


async def unpaid_count(ctx: Context) -> int:
    """How many invoices of today at this site still wait for money."""
    query = select(func.count()).select_from(Invoice).where(Invoice.status.in_(UNPAID), Invoice.made_on == ctx.today)
    return int(await ctx.db.scalar(query.where(Invoice.site_id == ctx.site.id) if ctx.site else query) or 0)


@requires("payment.take")
async def counter(ctx: Context) -> CounterView:
    """What is to be paid at this counter today."""
    query = (
        select(Invoice)
        .where(Invoice.status.in_(UNPAID), Invoice.made_on == ctx.today)
        .options(joinedload(Invoice.patient).raiseload("*"))
        .order_by(Invoice.id)
        .limit(12)
    )
    if ctx.site:
        query = query.where(Invoice.site_id == ctx.site.id)
    return CounterView(unpaid=list(await ctx.db.scalars(query)), count=await unpaid_count(ctx))


@requires("invoice.read")
async def bills_of_patient(ctx: Context, patient_id: UUID) -> PatientBills:
    """What a patient owes, and the latest invoices."""
    await ctx.get(Patient, patient_id)
    query = select(Invoice).where(Invoice.patient_id == patient_id).order_by(Invoice.id.desc())
    latest = list(await ctx.db.scalars(query.limit(8)))
    due = func.coalesce(func.sum(Invoice.total - Invoice.credited - Invoice.paid), 0)
    owed = await ctx.db.scalar(select(due).where(Invoice.patient_id == patient_id)) or Decimal(0)
    return PatientBills(patient_id=patient_id, invoices=latest, owed=owed, currency=ctx.organization.currency)


REFUND, PAYMENT = N_("Refund %(number)s"), N_("Payment %(number)s")


@requires("invoice.read")
async def timeline(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """Invoices and payments in a patient's story."""
    made = select(Invoice).where(Invoice.patient_id == patient_id).order_by(Invoice.id.desc()).limit(50)
    paid = select(Payment).where(Payment.patient_id == patient_id).order_by(Payment.id.desc()).limit(50)
    invoiced, taken = list(await ctx.db.scalars(made)), list(await ctx.db.scalars(paid))
    places = await ctx.get_many(
        Site, {*(invoice.site_id for invoice in invoiced), *(payment.site_id for payment in taken)}
    )
    spoken = money(ctx)
    entries = [
        TimelineEntry(
            at=invoice.made_at.astimezone(places[invoice.site_id].tz),
            icon="file-invoice",
            title=_("Invoice %(number)s", number=invoice.number),
            detail=_("%(amount)s, %(status)s", amount=spoken(invoice.total_money), status=label(invoice.status)),
            href=f"/invoices/{invoice.id}",
        )
        for invoice in invoiced
    ]
    return entries + [
        TimelineEntry(
            at=payment.at.astimezone(places[payment.site_id].tz),
            icon="cash",
            title=_(REFUND if payment.refund_of else PAYMENT, number=payment.number),
            detail=_("%(amount)s by %(method)s", amount=spoken(abs(payment.handled)), method=label(payment.method)),
            href=f"/invoices/{payment.invoice_id}",
        )
        for payment in taken
    ]
