"""Purchase orders: written, listed, approved, ended."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.organizations import pharmacies
from galen.sorting import Orders, count_of
from galen.values import like

from ..bills import SupplierBill
from ..events import PurchaseOrderChanged
from ..models import Delivery, DeliveryStatus
from ..order_schemas import ApprovalDraft, EndingDraft, OrderLineChange, OrderLineDraft, PurchaseOrderDraft
from ..order_views import OrderForm, OrderList, OrderPage
from ..orders import OPEN, PurchaseOrder, PurchaseOrderLine, PurchaseOrderStatus
from ..suppliers import PurchasingPolicy, Supplier
from .prices import OrderPrice, order_prices
from .suppliers import NotAStore, SupplierArchived

MOST = 200
SEEN = (
    selectinload(PurchaseOrder.supplier),
    selectinload(PurchaseOrder.site),
    selectinload(PurchaseOrder.lines).selectinload(PurchaseOrderLine.product),
)
ORDERS = Orders("-made", made=PurchaseOrder.made_at, number=PurchaseOrder.number, status=PurchaseOrder.status)


class NotADraftOrder(Conflict):
    message = "Order {number} is {now}. Nothing was changed; only a draft is edited."


class EmptyOrder(Conflict):
    message = "Order {number} has no line yet. Add what is wanted first."


class FullOrder(Conflict):
    message = "An order has at most {most} lines. Write the rest down as a second one."


class OwnDraft(Forbidden):
    message, constraint = "Here nobody approves an order they wrote themselves. Ask a colleague.", (
        "purchase_order_four_eyes_check"
    )  # fmt: skip


class BeyondOrderLimit(Forbidden):
    message = "This order is beyond the limit, or holds a price that nobody knows. Ask whoever may approve more."


class AnotherState(Conflict):
    message = "Order {number} is {now}, so this cannot be done. Nothing was changed."


class DeliveryBegun(Conflict):
    message = "Delivery {delivery} of this order is begun. Receive or cancel it first."


async def policy_of(ctx: Context) -> PurchasingPolicy:
    """How this organisation orders; until somebody changes it, the usual way."""
    kept = await ctx.find_by(PurchasingPolicy, PurchasingPolicy.one, True)
    columns = PurchasingPolicy.__table__.columns
    usual = {column.key: column.default.arg for column in columns if column.default is not None and column.key != "id"}
    return kept or PurchasingPolicy(version=0, **usual)


async def held_order(ctx: Context, order_id: UUID, version: int | None = None) -> PurchaseOrder:
    """An order that nobody else changes until the end."""
    if version is not None:
        ctx.if_match = version
    return await ctx.get(PurchaseOrder, order_id, lock=True)


async def held_draft(ctx: Context, order_id: UUID, version: int | None = None) -> PurchaseOrder:
    order = await held_order(ctx, order_id, version)
    if not order.draft:
        raise NotADraftOrder(number=order.number, now=order.status.word)
    return order


def touch_order(ctx: Context, order: PurchaseOrder) -> None:
    """Another version of the whole, by whom and when."""
    order.changes += 1
    order.changed_name, order.changed_at = ctx.actor.name, ctx.now
    ctx.emit(PurchaseOrderChanged(order.id))


@requires("order.write")
async def write_order(ctx: Context, draft: PurchaseOrderDraft) -> PurchaseOrder:
    """Begin an order: a draft that nobody has approved."""
    order = await new_order(ctx, draft.supplier_id, draft.site_id)
    order.wanted_on, order.note = draft.wanted_on, draft.note
    refuse_past(ctx, draft)
    await with_lines(ctx, order, draft.lines)
    ctx.flash(_("Order %(number)s is a draft.", number=order.number))
    return order


async def new_order(ctx: Context, supplier_id: UUID, site_id: UUID | None) -> PurchaseOrder:
    """The head of a draft, of a supplier that is not archived, for a site that keeps stock."""
    supplier = await ctx.get(Supplier, supplier_id)
    if supplier.archived_at:
        raise SupplierArchived(name=supplier.name)
    place = site_id or ctx.here.id
    if place not in {site.id for site in await pharmacies(ctx)}:
        raise NotAStore(name=ctx.site.name if ctx.site and ctx.site.id == place else _("This site"))
    order = PurchaseOrder(
        number=f"PO{await next_number(ctx, 'purchase order'):06}",
        supplier_id=supplier.id,
        supplier=supplier,
        site_id=place,
        made_by=ctx.actor.id,
        made_name=ctx.actor.name,
        made_at=ctx.now,
        changed_name=ctx.actor.name,
        changed_at=ctx.now,
        changes=0,
        status=PurchaseOrderStatus.DRAFT,
    )
    ctx.emit(PurchaseOrderChanged(order.id))
    return ctx.add(order)


def refuse_past(ctx: Context, draft: PurchaseOrderDraft) -> None:
    if draft.wanted_on and draft.wanted_on < ctx.today:
        raise Invalid("wanted_on", _("This day has passed. Leave it empty, or write a day to come."))


async def with_lines(
    ctx: Context, order: PurchaseOrder, lines: Iterable[OrderLineDraft], basis: dict[UUID, dict[str, Any]] | None = None
) -> None:
    """Add lines, each at the price asked for, else at the supplier's."""
    wanted = list(lines)
    prices = await order_prices(ctx, order.supplier_id, [line.product_id for line in wanted])
    known = await ctx.get_many(Product, [line.product_id for line in wanted])
    for place, line in enumerate(wanted):
        if line.product_id not in known:
            raise NotFound(thing=Product.thing())
        if same := next((other for other in order.lines if other.product_id == line.product_id), None):
            problem = _("This stands on line %(line)s already. Change the packs there.", line=same.position)
            raise Invalid(f"lines.{place}.product_id" if len(wanted) > 1 else "product_id", problem)
        if len(order.lines) >= MOST:
            raise FullOrder(most=MOST)
        product = known[line.product_id]
        asked = prices.get(product.id) if line.price is None else OrderPrice.typed(ctx, line.price)
        order.lines.append(
            PurchaseOrderLine(
                position=max((other.position for other in order.lines), default=0) + 1,
                product_id=product.id,
                product=product,
                packs=line.packs,
                pack_size=product.pack_size,
                received=0,
                free=0,
                basis=(basis or {}).get(product.id, {}),
                **(asked.columns if asked else {}),
            )
        )


@requires("order.write")
async def edit_order(ctx: Context, order_id: UUID, draft: PurchaseOrderDraft) -> PurchaseOrder:
    """Change the head of a draft; its lines stay as they are."""
    order = await held_draft(ctx, order_id, draft.version)
    refuse_past(ctx, draft)
    order.wanted_on, order.note = draft.wanted_on, draft.note
    touch_order(ctx, order)
    ctx.flash(_("Saved."))
    return order


@requires("order.write")
async def add_order_line(ctx: Context, order_id: UUID, draft: OrderLineDraft) -> PurchaseOrder:
    """Ask for one more medicine."""
    order = await held_draft(ctx, order_id)
    await with_lines(ctx, order, [draft])
    touch_order(ctx, order)
    ctx.flash(_("The line is added."))
    return order


def line_of(order: PurchaseOrder, line_id: UUID, version: int | None = None) -> PurchaseOrderLine:
    line = next((line for line in order.lines if line.id == line_id), None)
    if line is None:
        raise NotFound(thing=PurchaseOrderLine.thing())
    if version is not None and line.version != version:
        raise Stale(thing=PurchaseOrderLine.thing())
    return line


@requires("order.write")
async def change_order_line(ctx: Context, order_id: UUID, line_id: UUID, draft: OrderLineChange) -> PurchaseOrder:
    """Ask for another number of packs, or at another price."""
    order = await held_draft(ctx, order_id)
    line = line_of(order, line_id, draft.version)
    line.packs = draft.packs
    if draft.price is not None and draft.price != line.price:
        for name, value in OrderPrice.typed(ctx, draft.price).columns.items():
            setattr(line, name, value)
    touch_order(ctx, order)
    ctx.flash(_("Line %(line)s is changed.", line=line.position))
    return order


@requires("order.write")
async def drop_order_line(ctx: Context, order_id: UUID, line_id: UUID) -> PurchaseOrder:
    """Take a line off a draft."""
    order = await held_draft(ctx, order_id)
    line = line_of(order, line_id)
    order.lines.remove(line)
    touch_order(ctx, order)
    ctx.flash(_("Line %(line)s is taken away.", line=line.position))
    return order


@requires("order.approve")
async def approve_order(ctx: Context, order_id: UUID, draft: ApprovalDraft) -> PurchaseOrder:
    """Say that it shall be bought: up to the limit, and where two persons are asked for, not by who wrote it."""
    order, policy = await held_order(ctx, order_id, draft.version), await policy_of(ctx)
    if not order.draft:
        raise AnotherState(number=order.number, now=order.status.word)
    if not order.lines:
        raise EmptyOrder(number=order.number)
    if (order.unpriced or order.total > policy.approve_limit) and not ctx.actor.may("order.supervise"):
        raise BeyondOrderLimit(permission="order.supervise")
    if policy.four_eyes and order.made_by == ctx.actor.id:
        raise OwnDraft(permission="order.approve")
    order.four_eyes = policy.four_eyes
    order.approved_by, order.approved_name, order.approved_at = ctx.actor.id, ctx.actor.name, ctx.now
    order.status = PurchaseOrderStatus.APPROVED
    touch_order(ctx, order)
    ctx.flash(
        _("Order %(number)s is approved.", number=order.number), "purchasing.withdraw_approval", order_id=order.id
    )
    return order


@requires("order.approve")
async def withdraw_approval(ctx: Context, order_id: UUID) -> PurchaseOrder:
    """Make a draft of an approved order that has not gone out, so that it can be changed."""
    order = await held_order(ctx, order_id)
    if not order.approved:
        raise AnotherState(number=order.number, now=order.status.word)
    await refuse_begun(ctx, order)
    order.status = PurchaseOrderStatus.DRAFT
    order.approved_by, order.approved_name, order.approved_at = None, "", None
    touch_order(ctx, order)
    ctx.flash(_("Order %(number)s is a draft again.", number=order.number))
    return order


async def refuse_begun(ctx: Context, order: PurchaseOrder) -> None:
    """Nothing ends under the hands of who unpacks it."""
    begun = select(Delivery.number).where(Delivery.order_id == order.id, Delivery.status == DeliveryStatus.DRAFT)
    if number := await ctx.db.scalar(begun):
        raise DeliveryBegun(delivery=number)


@requires("order.approve")
async def cancel_order(ctx: Context, order_id: UUID, draft: EndingDraft) -> PurchaseOrder:
    """Nothing is wanted after all, and nothing has come yet; tell the supplier when it was sent."""
    order = await held_order(ctx, order_id)
    if not order.cancellable:
        raise AnotherState(number=order.number, now=order.status.word)
    await refuse_begun(ctx, order)
    sent = order.sent_at is not None
    end(ctx, order, PurchaseOrderStatus.CANCELLED, draft.reason)
    words = _("Order %(number)s is cancelled. It was sent: tell the supplier.", number=order.number)
    ctx.flash(words if sent else _("Order %(number)s is cancelled.", number=order.number))
    return order


@requires("order.approve")
async def close_order(ctx: Context, order_id: UUID, draft: EndingDraft) -> PurchaseOrder:
    """Nothing more is expected of it; what has not come is no longer on its way."""
    order = await held_order(ctx, order_id)
    if not order.closable:
        raise AnotherState(number=order.number, now=order.status.word)
    await refuse_begun(ctx, order)
    end(ctx, order, PurchaseOrderStatus.CLOSED, draft.reason)
    ctx.flash(_("Order %(number)s is closed.", number=order.number))
    return order


def end(ctx: Context, order: PurchaseOrder, status: PurchaseOrderStatus, reason: str) -> None:
    order.status, order.ended_because = status, reason
    order.ended_name, order.ended_at = ctx.actor.name, ctx.now
    touch_order(ctx, order)


@requires("order.write")
async def open_order(ctx: Context, order_id: UUID) -> PurchaseOrder:
    """One order with its lines."""
    return await ctx.get(PurchaseOrder, order_id, include=(PurchaseOrder.supplier,))


@requires("order.write")
async def order(ctx: Context, order_id: UUID) -> OrderPage:
    """The same as a page, with the deliveries and bills that belong to it."""
    seen = await ctx.db.scalar(select(PurchaseOrder).where(PurchaseOrder.id == order_id).options(*SEEN))
    if seen is None:
        raise NotFound(thing=PurchaseOrder.thing())
    came = select(Delivery).where(Delivery.order_id == seen.id).order_by(Delivery.id).limit(MOST)
    bills = select(SupplierBill).where(SupplierBill.order_id == seen.id).order_by(SupplierBill.id).limit(MOST)
    return OrderPage(
        seen, list(await ctx.db.scalars(came)), list(await ctx.db.scalars(bills)), await policy_of(ctx),
        own=seen.made_by == ctx.actor.id, supervisor=ctx.actor.may("order.supervise"),
    )  # fmt: skip


def asked(q: str, status: str, supplier_id: UUID | None) -> Select[PurchaseOrder]:
    """Orders by number, supplier or medicine; `open` is all that is not ended."""
    query = select(PurchaseOrder)
    if words := q.strip():
        of_supplier = select(Supplier.id).where(Supplier.name.ilike(like.within(words)))
        of_medicine = (
            select(PurchaseOrderLine.order_id)
            .join(Product, Product.id == PurchaseOrderLine.product_id)
            .where(or_(Product.generic.ilike(like.within(words)), Product.brand.ilike(like.within(words))))
        )
        query = query.where(
            or_(
                PurchaseOrder.number.ilike(like.within(words)),
                PurchaseOrder.supplier_id.in_(of_supplier),
                PurchaseOrder.id.in_(of_medicine),
            )
        )
    if status == "open":
        query = query.where(PurchaseOrder.status.in_(OPEN))
    elif status in {state.value for state in PurchaseOrderStatus}:
        query = query.where(PurchaseOrder.status == PurchaseOrderStatus(status))
    return query.where(PurchaseOrder.supplier_id == supplier_id) if supplier_id else query


@requires("order.write")
async def purchase_orders(
    ctx: Context, q: str = "", status: str = "", supplier_id: UUID | None = None, after: str | None = None,
    sort: str = "",
) -> Slice[PurchaseOrder]:  # fmt: skip
    """Orders of all sites, newest first, or by `number` or `status`."""
    query = asked(q, status, supplier_id)
    page = await ctx.slice(query.options(*SEEN), after, **ORDERS.of(sort))
    page.count = await count_of(ctx.db, query)
    return page


@requires("order.write")
async def order_list(
    ctx: Context, q: str = "", status: str = "", supplier_id: UUID | None = None, after: str | None = None,
    sort: str = "",
) -> OrderList:  # fmt: skip
    """The same as a page, to be filtered while typing."""
    supplier = await ctx.get(Supplier, supplier_id) if supplier_id else None
    return OrderList(await purchase_orders(ctx, q, status, supplier_id, after, sort), supplier)


@requires("order.write")
async def waiting_orders(ctx: Context) -> int:
    """How many drafts and approved orders of this site wait for somebody."""
    if ctx.site is None:
        return 0
    waiting = PurchaseOrder.status.in_((PurchaseOrderStatus.DRAFT, PurchaseOrderStatus.APPROVED))
    return (
        await ctx.db.scalar(select(func.count(PurchaseOrder.id)).where(waiting, PurchaseOrder.site_id == ctx.site.id))
        or 0
    )


@requires("order.write")
async def order_form(ctx: Context, order_id: UUID | None = None, supplier_id: UUID | None = None) -> OrderForm:
    """The head of a new order, or of a draft."""
    old = await ctx.get(PurchaseOrder, order_id, include=(PurchaseOrder.supplier,)) if order_id else None
    chosen = old.supplier if old else await ctx.get(Supplier, supplier_id) if supplier_id else None
    return OrderForm([site.info for site in await pharmacies(ctx)], ctx.site.id if ctx.site else None, old, chosen)
