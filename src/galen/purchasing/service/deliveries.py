"""Deliveries: begun as a draft, listed, cancelled."""

from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.organizations import pharmacies
from galen.sorting import Orders, count_of
from galen.values import like

from ..events import DeliveryChanged
from ..models import Delivery, DeliveryLine, DeliveryStatus
from ..page_views import DeliveryForm, DeliveryList, DeliveryPage
from ..schemas import CancelDraft, DeliveryDraft
from ..suppliers import Supplier
from .lines import SEEN, held, held_line, page_of, touch
from .suppliers import NotAStore, SupplierArchived

ORDERS = Orders("-made", made=Delivery.id, number=Delivery.number, day=Delivery.day, status=Delivery.status)


class NumberTaken(Conflict):
    message = "This supplier's delivery with this number stands here already. Open it, so that it is not booked twice."
    constraint = "delivery_supplier_number_key"


class OfAnOrder(Conflict):
    message = "This delivery belongs to an order. Its supplier and its site stay those of the order."


@requires("stock.receive")
async def start_delivery(ctx: Context, draft: DeliveryDraft) -> Delivery:
    """Begin a delivery: nothing is in stock before it is received."""
    delivery = Delivery(
        number=f"DL{await next_number(ctx, 'delivery'):06}",
        made_by=ctx.actor.id,
        made_name=ctx.actor.name,
        changed_name=ctx.actor.name,
        changed_at=ctx.now,
    )
    await headed(ctx, delivery, draft)
    return ctx.add(delivery)


@requires("stock.receive")
async def edit_delivery(ctx: Context, delivery_id: UUID, draft: DeliveryDraft) -> Delivery:
    """Change the head of a draft."""
    delivery = await held(ctx, delivery_id, draft.version)
    await headed(ctx, delivery, draft)
    touch(ctx, delivery)
    ctx.flash(_("Saved."))
    return delivery


async def headed(ctx: Context, delivery: Delivery, draft: DeliveryDraft) -> None:
    """Put who brought it, when and where into the record."""
    supplier = await ctx.get(Supplier, draft.supplier_id)
    if supplier.archived_at and supplier.id != delivery.supplier_id:
        raise SupplierArchived(name=supplier.name)
    day = draft.day or delivery.day or ctx.today
    if day > ctx.today:
        raise Invalid("day", _("This day is still to come. Write the day on which the goods came."))
    site_id = draft.site_id or delivery.site_id or ctx.here.id
    if site_id not in {place.id for place in await pharmacies(ctx)}:
        raise NotAStore(name=ctx.site.name if ctx.site and ctx.site.id == site_id else _("This site"))
    if delivery.order_id and (supplier.id, site_id) != (delivery.supplier_id, delivery.site_id):
        raise OfAnOrder
    delivery.supplier_id, delivery.site_id, delivery.day = supplier.id, site_id, day
    delivery.supplier_number, delivery.note = " ".join(draft.supplier_number.split()), draft.note


@requires("stock.receive")
async def cancel_delivery(ctx: Context, delivery_id: UUID, draft: CancelDraft) -> Delivery:
    """Nothing came of a draft; it stays readable, and its number is free again."""
    delivery = await held(ctx, delivery_id)
    delivery.status, delivery.ended_because = DeliveryStatus.CANCELLED, draft.reason
    ctx.emit(DeliveryChanged(delivery.id))
    ctx.flash(_("Delivery %(number)s is cancelled. Nothing of it is in stock.", number=delivery.number))
    return delivery


@requires("stock.receive")
async def open_delivery(ctx: Context, delivery_id: UUID) -> Delivery:
    """One delivery with its lines."""
    return await ctx.get(Delivery, delivery_id)


@requires("stock.receive")
async def delivery(ctx: Context, delivery_id: UUID) -> DeliveryPage:
    """The same as a page."""
    return await page_of(ctx, await ctx.get(Delivery, delivery_id))


@requires("stock.receive")
async def delivery_line(ctx: Context, delivery_id: UUID, line_id: UUID) -> DeliveryPage:
    """The same with one line of a draft that is to be changed."""
    shown = await ctx.get(Delivery, delivery_id)
    line = await held_line(ctx, shown, line_id)
    return await page_of(ctx, shown, line if shown.draft else None)


def asked(q: str, status: DeliveryStatus | None, supplier_id: UUID | None, since: date | None) -> Select[Delivery]:
    """Deliveries by number, supplier's number, supplier or batch."""
    query = select(Delivery)
    if words := q.strip():
        of_batch = select(DeliveryLine.delivery_id).where(DeliveryLine.number.ilike(like.beginning(words)))
        of_supplier = select(Supplier.id).where(Supplier.name.ilike(like.within(words)))
        query = query.where(
            or_(
                Delivery.number.ilike(like.within(words)),
                Delivery.supplier_number.ilike(like.within(words)),
                Delivery.supplier_id.in_(of_supplier),
                Delivery.id.in_(of_batch),
            )
        )
    if status:
        query = query.where(Delivery.status == status)
    if supplier_id:
        query = query.where(Delivery.supplier_id == supplier_id)
    return query.where(Delivery.day >= since) if since else query


@requires("stock.receive")
async def deliveries(
    ctx: Context,
    q: str = "",
    status: DeliveryStatus | None = None,
    supplier_id: UUID | None = None,
    since: date | None = None,
    after: str | None = None,
    sort: str = "",
) -> Slice[Delivery]:
    """Deliveries to all sites, newest first, or by `number`, `day` or `status`."""
    return await ctx.slice(asked(q, status, supplier_id, since).options(*SEEN), after, **ORDERS.of(sort))


@requires("stock.receive")
async def delivery_list(
    ctx: Context,
    q: str = "",
    status: str = "",
    supplier_id: UUID | None = None,
    after: str | None = None,
    sort: str = "",
) -> DeliveryList:
    """The same as a page, to be filtered while typing."""
    chosen = DeliveryStatus(status) if status in {state.value for state in DeliveryStatus} else None
    query = asked(q, chosen, supplier_id, None)
    count = await count_of(ctx.db, query)
    supplier = await ctx.get(Supplier, supplier_id) if supplier_id else None
    return DeliveryList(await deliveries(ctx, q, chosen, supplier_id, None, after, sort), count, supplier)


@requires("stock.receive")
async def waiting_deliveries(ctx: Context) -> int:
    """How many drafts there are at the site worked at."""
    mine = select(func.count(Delivery.id)).where(Delivery.status == DeliveryStatus.DRAFT)
    return await ctx.db.scalar(mine.where(Delivery.site_id == ctx.site.id)) or 0 if ctx.site else 0


@requires("stock.receive")
async def delivery_form(ctx: Context, delivery_id: UUID | None = None, supplier_id: UUID | None = None) -> DeliveryForm:
    """The head of a new delivery, or of a draft."""
    old = await ctx.get(Delivery, delivery_id, include=(Delivery.supplier,)) if delivery_id else None
    chosen = old.supplier if old else await ctx.get(Supplier, supplier_id) if supplier_id else None
    places = [place.info for place in await pharmacies(ctx)]
    return DeliveryForm(places, ctx.site.id if ctx.site else None, ctx.today, old, chosen)
