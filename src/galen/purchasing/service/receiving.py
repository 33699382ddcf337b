"""What came of an order: a delivery of what is still to come, and the order that remembers what of it was good."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.i18n import gettext as _
from galen.i18n import ngettext

from ..models import Delivery, DeliveryLine, DeliveryStatus, PriceFor
from ..orders import PurchaseOrder, PurchaseOrderLine, PurchaseOrderStatus
from ..rules import NOTHING
from .orders import AnotherState, held_order, touch_order


class BegunByAnother(Conflict):
    message, constraint = (
        "A delivery of this order is begun already. Open it from the order.",
        "delivery_order_draft_key",
    )


@requires("stock.receive")
async def begin_receipt(ctx: Context, order_id: UUID) -> Delivery:
    """The goods are here: a delivery with what is still to come on it. While one is begun, it is that one."""
    order = await held_order(ctx, order_id)
    if begun := await begun_for(ctx, order):
        ctx.flash(_("Delivery %(number)s was begun for this order already.", number=begun.number))
        return begun
    if not order.receivable:
        raise AnotherState(number=order.number, now=order.status.word)
    delivery = Delivery(
        number=f"DL{await next_number(ctx, 'delivery'):06}", supplier_id=order.supplier_id, site_id=order.site_id,
        order_id=order.id, supplier_number="", note="", day=ctx.today, made_by=ctx.actor.id, made_name=ctx.actor.name,
        changed_name=ctx.actor.name, changed_at=ctx.now, changes=0, status=DeliveryStatus.DRAFT,
    )  # fmt: skip
    for place, line in enumerate((line for line in order.lines if line.remaining), 1):
        packs = line.remaining / line.pack_size
        delivery.lines.append(
            DeliveryLine(
                position=place, product_id=line.product_id, order_line_id=line.id, pack_size=line.pack_size, number="",
                gtin="", packs=NOTHING, units=NOTHING, free_packs=NOTHING, refused=NOTHING,
                noted_packs=packs.to_integral_value() if packs == packs.to_integral_value() else None,
                noted_units=None if packs == packs.to_integral_value() else line.remaining,
                price=line.price, priced=PriceFor.PACK,
            )
        )  # fmt: skip
    ctx.flash(_("Delivery %(number)s is begun. Scan what came.", number=delivery.number))
    return ctx.add(delivery)


async def begun_for(ctx: Context, order: PurchaseOrder) -> Delivery | None:
    """The draft that stands for an order, as it is now."""
    query = select(Delivery).where(Delivery.order_id == order.id, Delivery.status == DeliveryStatus.DRAFT)
    return await ctx.db.scalar(query.options(selectinload(Delivery.lines)))


async def order_line_of(ctx: Context, delivery: Delivery, product_id: UUID) -> UUID | None:
    """The line of its order that asks for this medicine, where there is one."""
    if delivery.order_id is None:
        return None
    of_order = PurchaseOrderLine.order_id == delivery.order_id, PurchaseOrderLine.product_id == product_id
    return await ctx.db.scalar(select(PurchaseOrderLine.id).where(*of_order))


async def held_for(ctx: Context, delivery: Delivery) -> PurchaseOrder | None:
    """The order of a delivery, held before anything goes on the shelf; one that has ended takes nothing in."""
    if delivery.order_id is None:
        return None
    order = await held_order(ctx, delivery.order_id)
    if not order.receivable:
        raise AnotherState(number=order.number, now=order.status.word)
    return order


def take_in(ctx: Context, order: PurchaseOrder, lines: list[DeliveryLine]) -> str:
    """What was good of each line counts for the order; what is missing or was refused is still to come."""
    known = {line.id: line for line in order.lines}
    for came in lines:
        if line := known.get(came.order_line_id) if came.order_line_id else None:
            line.received += max(NOTHING, came.came.paid - came.refused)
            line.free += came.came.free
    whole = not any(line.remaining for line in order.lines)
    status = PurchaseOrderStatus.RECEIVED if whole else PurchaseOrderStatus.PARTLY
    if order.status is not status:
        order.status = status
    touch_order(ctx, order)
    return told(order, [line for line in lines if line.order_line_id is None])


def told(order: PurchaseOrder, not_ordered: list[DeliveryLine]) -> str:
    """What of an order is not as it was asked for."""
    left, over = sum(1 for line in order.lines if line.remaining), sum(1 for line in order.lines if line.over)
    sentences = [_("All of order %(number)s has come.", number=order.number)] if not left else []
    if left:
        sentences.append(
            ngettext(
                "Of order %(number)s %(num)s line is still to come.",
                "Of order %(number)s %(num)s lines are still to come.", left, number=order.number,
            )
        )  # fmt: skip
    if over:
        sentences.append(
            ngettext("Of %(num)s line more came than ordered.", "Of %(num)s lines more came than ordered.", over)
        )
    if not_ordered:
        sentences.append(ngettext("%(num)s line was not ordered.", "%(num)s lines were not ordered.", len(not_ordered)))
    return " ".join(sentences)
