"""What deliveries say was shelved, against the ledger of stock."""

from typing import Any

from sqlalchemy import case, exists, func, or_, select

from galen.core.context import Context
from galen.inventory import Batch, Drift, Movement, drifts

from ..models import Delivery, DeliveryLine, DeliveryStatus


async def drift(ctx: Context) -> list[Drift]:
    """Every line of a delivery that the ledger does not have as the paper says: nothing, unless Galen was bypassed."""
    return await drifts(ctx, {"delivered": delivered(), "delivered on no line": unwritten()})


def delivered() -> Any:
    """What each line shelved, as the paper says, against its movement."""
    came = (DeliveryLine.packs + DeliveryLine.free_packs) * DeliveryLine.pack_size + DeliveryLine.units
    due = case((Delivery.status == DeliveryStatus.RECEIVED, came - DeliveryLine.refused), else_=0)
    moved = func.coalesce(Movement.quantity, 0)
    return (
        select(DeliveryLine.level_id, Delivery.site_id, DeliveryLine.product_id, DeliveryLine.number, due, moved)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .outerjoin(Movement, Movement.id == DeliveryLine.movement_id)
        .where(or_(due != moved, Movement.level_id != DeliveryLine.level_id))
        .order_by(DeliveryLine.id)
    )


def unwritten() -> Any:
    """What came into the ledger for a delivery that has no such line."""
    return (
        select(
            Movement.level_id, Movement.site_id, Movement.product_id, Batch.number, Movement.balance, Movement.quantity
        )
        .join(Batch, Batch.id == Movement.batch_id)
        .where(Movement.reference_kind == "delivery_line", ~exists().where(DeliveryLine.movement_id == Movement.id))
        .order_by(Movement.seq)
    )
