"""Receiving a delivery, as a whole or not at all; and the way back up from a batch."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.inventory import BatchDraft, StockLevel, hold, shelve
from galen.medicines import Product, products

from ..events import DeliveryChanged
from ..models import Delivery, DeliveryLine, DeliveryStatus
from ..schemas import CameWith, ReceiptDraft
from ..suppliers import Supplier
from .costs import last_costs
from .lines import held
from .receiving import held_for, take_in


class NoLines(Conflict):
    message = "Delivery {number} has no line yet. Scan a pack or type one first."


@requires("stock.receive")
async def receive_delivery(ctx: Context, delivery_id: UUID, draft: ReceiptDraft) -> Delivery:
    """Put every line on the shelf in one go, or none of them."""
    delivery = await held(ctx, delivery_id, draft.version)
    if not delivery.lines:
        raise NoLines(number=delivery.number)
    order, said = await held_for(ctx, delivery), ctx.flashed
    supplier = await ctx.get(Supplier, delivery.supplier_id)
    known = await products(ctx, {line.product_id for line in delivery.lines})
    for line in delivery.lines:
        refuse_unready(line, known[line.product_id])
    before = await last_costs(ctx, known.keys())
    for product_id in sorted(known):
        await hold(ctx, delivery.site_id, product_id)
    for line in sorted(delivery.lines, key=lambda line: (line.product_id, line.position)):
        line.last_cost = before.get(line.product_id)
        if line.came.shelved:
            await book(ctx, delivery, line, known[line.product_id], supplier.name)
    delivery.status = DeliveryStatus.RECEIVED
    delivery.received_by, delivery.received_name, delivery.received_at = ctx.actor.id, ctx.actor.name, ctx.now
    ctx.emit(DeliveryChanged(delivery.id))
    told = take_in(ctx, order, delivery.lines) if order else ""
    if ctx.flashed is said:  # else a batch of it was recalled, which matters more
        shelved = _("Delivery %(number)s is on the shelf.", number=delivery.number)
        ctx.flash(f"{shelved} {told}".strip())
    return delivery


def refuse_unready(line: DeliveryLine, product: Product) -> None:
    """What a line lacks before any of it can be shelved."""
    if line.pack_size != product.pack_size:
        raise on_line(line, product, "packs", _("The size of a pack has changed since. Look at the line and save it."))
    if line.came.shelved and not line.number:
        raise on_line(line, product, "number", _("The batch number is missing. Copy it from the pack."))


def on_line(line: DeliveryLine, product: Product, field: str, problem: str) -> Invalid:
    sentence = _("Line %(line)s, %(name)s: %(problem)s", line=line.position, name=product.name, problem=problem)
    return Invalid(f"lines.{line.position - 1}.{field}", sentence)


async def book(ctx: Context, delivery: Delivery, line: DeliveryLine, product: Product, supplier: str) -> None:
    """One line goes on the shelf, and the ledger names it."""
    came = line.came
    draft = BatchDraft(
        product_id=line.product_id,
        number=line.number,
        expires=line.expires,
        units=came.shelved,
        total_cost=None if line.cost is None else came.shelf_cost(line.cost),
        maker=line.maker,
        gtin=line.gtin,
        location=line.location,
        site_id=delivery.site_id,
        reason=f"Delivery {delivery.number} from {supplier}",
    )
    try:
        movement = await shelve(ctx, draft, ("delivery_line", line.id))
    except Invalid as wrong:
        raise on_line(line, product, wrong.field, str(wrong)) from None
    await ctx.flush()  # the movement stands before the line that names it
    line.batch_id, line.level_id, line.movement_id = movement.batch_id, movement.level_id, movement.id


@requires("stock.read")
async def came_with(ctx: Context, level_id: UUID) -> list[CameWith]:
    """The deliveries that brought the batch of this place, to whichever site: the way up, for a recall."""
    level = await ctx.get(StockLevel, level_id)
    query = (
        select(DeliveryLine, Delivery)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(DeliveryLine.batch_id == level.batch_id)
        .options(selectinload(DeliveryLine.product), selectinload(Delivery.supplier))
        .order_by(Delivery.id, DeliveryLine.position)
    )
    return [
        CameWith(
            delivery_id=delivery.id,
            delivery=delivery.number,
            supplier_id=delivery.supplier_id,
            supplier=delivery.supplier.name,
            supplier_number=delivery.supplier_number,
            day=delivery.day,
            quantity=line.came.shelved,
            words=line.shelved_words,
        )
        for line, delivery in await ctx.db.execute(query)
    ]
