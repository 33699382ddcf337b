"""Sales of the past: the list, and one of them with its money and what came back."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from galen import billing, patients
from galen.billing import Invoice
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Found, Slice
from galen.patients import Patient
from galen.sorting import Orders, count_of
from galen.values import like

from ..models import Sale, SaleReturn, SaleStatus
from ..schemas import SalePage

ORDERS = Orders("-opened", opened=Sale.opened_at, number=Sale.number)
SEEN = joinedload(Sale.patient).raiseload("*"), joinedload(Sale.invoice).raiseload("*"), selectinload(Sale.lines)


@requires("sale.read")
async def sales(ctx: Context, q: str = "", show: str = "sold", after: str | None = None, sort: str = "") -> Slice[Sale]:
    """Sales at this site, newest first: `show` "sold", "parked", "void" or "all"; `q` is a number, receipt or name."""
    query = select(Sale).options(*SEEN, joinedload(Sale.site))
    if ctx.site:
        query = query.where(Sale.site_id == ctx.site.id)
    if q.strip():
        query = query.where(matching(q.strip()))
    elif show in {status.value for status in SaleStatus}:
        query = query.where(Sale.status == SaleStatus(show))
    page = await ctx.slice(query, after, **ORDERS.of(sort))
    page.count = await count_of(ctx.db, query)
    return page


def matching(q: str) -> ColumnElement[bool]:
    """By number of the sale, its invoice or receipt, or by the beginning of the buyer's name."""
    typed = q.upper()
    receipts = select(billing.Payment.invoice_id).where(billing.Payment.number.like(like.beginning(typed)))
    bills = select(Invoice.id).where(Invoice.number.like(like.beginning(typed)))
    found = Sale.number.like(like.beginning(typed)) | Sale.invoice_id.in_(receipts) | Sale.invoice_id.in_(bills)
    found |= func.upper(Sale.buyer_name).like(like.beginning(typed))
    if (people := patients.named(q)) is not None:
        found |= Sale.patient_id.in_(select(Patient.id).where(people))
    return found


@requires("sale.read")
async def sale_record(ctx: Context, sale_id: UUID) -> Sale:
    """One sale as it is, for a client."""
    return await ctx.get(Sale, sale_id)


@requires("sale.read")
async def sale(ctx: Context, sale_id: UUID) -> SalePage:
    """One sale with its lines, its payments and what came back."""
    sale = await ctx.get(Sale, sale_id, include=(Sale.site,))
    buyer = await ctx.get(Patient, sale.patient_id) if sale.patient_id else None
    return SalePage(
        sale=sale,
        invoice=await ctx.get(Invoice, sale.invoice_id) if sale.invoice_id else None,
        payments=await billing.payments_of(ctx, sale.invoice_id) if sale.invoice_id else [],
        returns=await ctx.list_by(SaleReturn, SaleReturn.sale_id, sale.id),
        banner=await patients.banner(ctx, sale.patient_id) if sale.patient_id else None,
        email=buyer.email if buyer else "",
    )


@requires("sale.read")
async def find_sales(ctx: Context, q: str = "") -> list[Found]:
    """Sales for the search box, by number."""
    if not any(sign.isdigit() for sign in q):
        return []
    query = select(Sale).where(Sale.number.like(like.beginning(q.strip().upper()))).order_by(Sale.id.desc()).limit(8)
    return [
        Found(title=sale.number, detail=sale.status.word, href=f"/sales/{sale.id}")
        for sale in await ctx.db.scalars(query)
    ]
