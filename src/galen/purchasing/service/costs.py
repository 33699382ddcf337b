"""What a pack of a medicine has cost last time."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import selectinload

from galen.core.context import Context
from galen.inventory import Batch

from ..models import Delivery, DeliveryLine, DeliveryStatus


async def last_costs(ctx: Context, product_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """For each medicine the cost of a pack as it came last, by a delivery or else by its latest batch."""
    if not product_ids:
        return {}
    batches = (
        select(Batch)
        .ext(distinct_on(Batch.product_id))
        .where(Batch.product_id.in_(product_ids), Batch.unit_cost.is_not(None))
        .options(selectinload(Batch.product))
        .order_by(Batch.product_id, Batch.received_at.desc(), Batch.id.desc())
    )
    costs = {
        batch.product_id: (batch.unit_cost * batch.product.pack_size).quantize(Decimal("0.0001"))
        for batch in await ctx.db.scalars(batches)
        if batch.unit_cost is not None
    }
    lines = (
        select(DeliveryLine)
        .ext(distinct_on(DeliveryLine.product_id))
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(DeliveryLine.product_id.in_(product_ids), Delivery.status == DeliveryStatus.RECEIVED)
        .where(DeliveryLine.price.is_not(None), DeliveryLine.movement_id.is_not(None))
        .order_by(DeliveryLine.product_id, Delivery.received_at.desc(), DeliveryLine.id.desc())
    )
    came = {line.product_id: line.pack_cost for line in await ctx.db.scalars(lines)}
    return costs | {product_id: cost for product_id, cost in came.items() if cost is not None}
