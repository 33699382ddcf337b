"""What sales say was sold and came back on the shelf, against the ledger of stock."""

from typing import Any

from sqlalchemy import Uuid, and_, case, cast, func, literal, select

from galen.core.context import Context
from galen.inventory import Drift, Movement, MovementKind, drifts

from ..models import Goods, Sale, SaleLine, SaleReturn, SaleStatus


async def drift(ctx: Context) -> list[Drift]:
    """Every line of a sale that the ledger does not have as it says: nothing, unless Galen was bypassed."""
    return await drifts(ctx, {"sold": sold()})


def sold() -> Any:
    """What each line took off the shelf, less what came back there, against its movements."""
    back = (
        select(func.coalesce(func.sum(SaleReturn.quantity), 0))
        .where(SaleReturn.sale_line_id == SaleLine.id, SaleReturn.goods == Goods.SHELF)
        .scalar_subquery()
    )
    moved = (
        select(func.coalesce(-func.sum(Movement.quantity), 0))
        .where(
            and_(Movement.reference_kind == "sale", Movement.reference_id == Sale.id),
            Movement.product_id == SaleLine.product_id,
            Movement.kind.in_((MovementKind.ISSUE, MovementKind.REVERSAL)),
        )
        .correlate(Sale, SaleLine)
        .scalar_subquery()
    )
    due = case((Sale.status == SaleStatus.SOLD, SaleLine.quantity - back), else_=0)
    return (
        select(cast(None, Uuid), Sale.site_id, SaleLine.product_id, literal(""), due, moved)
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(due != moved)
        .order_by(SaleLine.id)
    )
