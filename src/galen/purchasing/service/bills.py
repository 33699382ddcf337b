"""Suppliers' bills, compared with what was ordered and what came; who has authority decides about what differs."""

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, NotFound
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.medicines import Product, products
from galen.sorting import Orders, count_of
from galen.values import like
from galen.values.units import plain

from ..bills import BillStatus, SupplierBill, SupplierBillLine
from ..events import PurchaseOrderChanged
from ..matching import Billed, Difference, Ordered, match
from ..order_schemas import BillDraft, DecisionDraft
from ..order_views import BillForm, BillList, BillPage
from ..orders import PurchaseOrder
from ..suppliers import Supplier
from .orders import SEEN, AnotherState, held_order

ORDERS = Orders("-entered", entered=SupplierBill.entered_at, day=SupplierBill.day, number=SupplierBill.number)
SHOWN = (
    selectinload(SupplierBill.supplier),
    selectinload(SupplierBill.order),
    selectinload(SupplierBill.lines).selectinload(SupplierBillLine.product),
)


class BillEntered(Conflict):
    message = "This supplier's bill with this number is here already. Open that one; nothing was written down twice."
    constraint = "supplier_bill_number_key"


class BillDecided(Conflict):
    message = "Bill {number} is {now}. Nothing was changed."


@requires("order.write")
async def enter_bill(ctx: Context, order_id: UUID, draft: BillDraft) -> SupplierBill:
    """Write a supplier's bill down; it is compared at once."""
    order = await held_order(ctx, order_id)
    if not order.billable:
        raise AnotherState(number=order.number, now=order.status.word)
    if (draft.day or ctx.today) > ctx.today:
        raise Invalid("day", _("This day is still to come. Copy the day from the bill."))
    known = await products(ctx, [line.product_id for line in draft.lines if line.product_id])
    if missing := [place for place, line in enumerate(draft.lines) if line.product_id not in known]:
        raise Invalid(f"lines.{missing[0]}.product_id", _("Choose a medicine from the list."))
    bill = SupplierBill(
        supplier_id=order.supplier_id, order_id=order.id, number=" ".join(draft.number.split()),
        day=draft.day or ctx.today, net=draft.net, tax=draft.tax, note=draft.note,
        entered_by=ctx.actor.id, entered_name=ctx.actor.name, entered_at=ctx.now, matched_at=ctx.now,
        lines=[
            SupplierBillLine(position=place, product_id=line.product_id, packs=line.packs, price=line.price)
            for place, line in enumerate(draft.lines, 1)
        ],
    )  # fmt: skip
    found = await compared(ctx, order, bill)
    bill.status = BillStatus.DIFFERS if found else BillStatus.AGREES
    bill.differences = found
    ctx.add(bill)
    ctx.emit(PurchaseOrderChanged(order.id))
    ctx.flash(said(bill))
    return bill


def said(bill: SupplierBill) -> str:
    if bill.differences:
        return _("Bill %(number)s differs. Look at what is listed.", number=bill.number)
    return _("Bill %(number)s agrees with the order and with what came.", number=bill.number)


async def compared(ctx: Context, order: PurchaseOrder, bill: SupplierBill) -> list[dict[str, Any]]:
    """What differs now, as it is kept: names and plain numbers."""
    before: dict[UUID, Decimal] = defaultdict(Decimal)
    others = (
        select(SupplierBillLine.product_id, func.sum(SupplierBillLine.packs))
        .join(SupplierBill, SupplierBill.id == SupplierBillLine.bill_id)
        .where(SupplierBill.order_id == order.id, SupplierBill.status != BillStatus.WITHDRAWN)
        .where(SupplierBill.id != bill.id)
        .group_by(SupplierBillLine.product_id)
    )
    with ctx.flush_later():
        for product_id, packs in await ctx.db.execute(others):
            before[product_id] = packs
    ordered = [
        Ordered(line.product_id, line.price, line.packs, line.received / line.pack_size, before[line.product_id])
        for line in order.lines
    ]
    lines = [Billed(line.product_id, line.packs, line.price) for line in bill.lines]
    found = match(ordered, lines, bill.net)
    names = await products(ctx, {difference.product for difference in found if difference.product})
    return [kept(difference, names) for difference in found]


def kept(difference: Difference, names: dict[UUID, Product]) -> dict[str, Any]:
    def number(value: Decimal | None) -> str | None:
        return None if value is None else plain(value.quantize(Decimal("0.0001")))

    return {
        "kind": difference.kind.value,
        "product_id": str(difference.product) if difference.product else None,
        "medicine": names[difference.product].label if difference.product else "",
        "expected": number(difference.expected),
        "billed": number(difference.billed),
        "worth": number(difference.worth),
    }


async def held_bill(ctx: Context, bill_id: UUID, version: int | None = None) -> SupplierBill:
    """A bill that nobody else decides until the end."""
    if version is not None:
        ctx.if_match = version
    return await ctx.get(SupplierBill, bill_id, lock=True)


@requires("order.write")
async def match_bill(ctx: Context, bill_id: UUID) -> SupplierBill:
    """Compare a bill again, after more has come or another bill was withdrawn."""
    bill = await held_bill(ctx, bill_id)
    if bill.status not in (BillStatus.AGREES, BillStatus.DIFFERS, BillStatus.DISPUTED):
        raise BillDecided(number=bill.number, now=bill.status.word)
    order = await held_order(ctx, bill.order_id)
    bill.differences, bill.matched_at = await compared(ctx, order, bill), ctx.now
    if not bill.differences and bill.undecided:
        bill.status = BillStatus.AGREES
    elif bill.differences and bill.status is BillStatus.AGREES:
        bill.status = BillStatus.DIFFERS
    ctx.flash(said(bill))
    return bill


@requires("order.supervise")
async def accept_bill(ctx: Context, bill_id: UUID, draft: DecisionDraft) -> SupplierBill:
    """Let a bill count although it differs, and say why."""
    bill = await decided(ctx, bill_id, draft, BillStatus.ACCEPTED)
    ctx.flash(_("Bill %(number)s is accepted as it is.", number=bill.number))
    return bill


@requires("order.write")
async def dispute_bill(ctx: Context, bill_id: UUID, draft: DecisionDraft) -> SupplierBill:
    """Say to the supplier that a bill is not right; it is not paid until then."""
    bill = await decided(ctx, bill_id, draft, BillStatus.DISPUTED)
    ctx.flash(_("Bill %(number)s is disputed. Tell the supplier what is listed.", number=bill.number))
    return bill


@requires("order.write")
async def withdraw_bill(ctx: Context, bill_id: UUID, draft: DecisionDraft) -> SupplierBill:
    """Take a bill out that was copied wrongly, or that the supplier took back; its number is free again."""
    bill = await decided(ctx, bill_id, draft, BillStatus.WITHDRAWN)
    ctx.flash(_("Bill %(number)s is withdrawn.", number=bill.number))
    return bill


async def decided(ctx: Context, bill_id: UUID, draft: DecisionDraft, status: BillStatus) -> SupplierBill:
    bill = await held_bill(ctx, bill_id, draft.version)
    if not bill.status.may_become(status):
        raise BillDecided(number=bill.number, now=bill.status.word)
    bill.status = status
    bill.decided_by, bill.decided_name, bill.decided_at = ctx.actor.id, ctx.actor.name, ctx.now
    bill.decided_because = draft.reason
    ctx.emit(PurchaseOrderChanged(bill.order_id))
    return bill


@requires("order.write")
async def open_bill(ctx: Context, bill_id: UUID) -> SupplierBill:
    """One bill with its lines."""
    return await ctx.get(SupplierBill, bill_id)


@requires("order.write")
async def bill(ctx: Context, bill_id: UUID) -> BillPage:
    """The same as a page."""
    seen = await ctx.db.scalar(select(SupplierBill).where(SupplierBill.id == bill_id).options(*SHOWN))
    if seen is None:
        raise NotFound(thing=SupplierBill.thing())
    return BillPage(seen)


@requires("order.write")
async def bill_form(ctx: Context, order_id: UUID) -> BillForm:
    """A bill to be written down: the medicines of its order, without what they should cost."""
    order = await ctx.db.scalar(select(PurchaseOrder).where(PurchaseOrder.id == order_id).options(*SEEN))
    if order is None:
        raise NotFound(thing=PurchaseOrder.thing())
    return BillForm(order, ctx.today)


def sought(q: str, status: str) -> Select[SupplierBill]:
    """Bills by number, order or supplier."""
    query = select(SupplierBill)
    if words := q.strip():
        holding = like.within(words)
        query = query.where(
            or_(
                SupplierBill.number.ilike(holding),
                SupplierBill.supplier_id.in_(select(Supplier.id).where(Supplier.name.ilike(holding))),
                SupplierBill.order_id.in_(select(PurchaseOrder.id).where(PurchaseOrder.number.ilike(holding))),
            )
        )
    if status == "undecided":
        query = query.where(SupplierBill.status.in_((BillStatus.DIFFERS, BillStatus.DISPUTED)))
    elif status in {state.value for state in BillStatus}:
        query = query.where(SupplierBill.status == BillStatus(status))
    return query


@requires("order.write")
async def supplier_bills(
    ctx: Context, q: str = "", status: str = "", after: str | None = None, sort: str = ""
) -> Slice[SupplierBill]:
    """Bills, the latest first, or by `day` or `number`."""
    query = sought(q, status)
    page = await ctx.slice(query.options(*SHOWN), after, **ORDERS.of(sort))
    page.count = await count_of(ctx.db, query)
    return page


@requires("order.write")
async def bill_list(ctx: Context, q: str = "", status: str = "", after: str | None = None, sort: str = "") -> BillList:
    """The same as a page, to be filtered while typing."""
    return BillList(await supplier_bills(ctx, q, status, after, sort))
