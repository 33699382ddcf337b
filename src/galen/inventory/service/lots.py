"""Whether what comes is of a lot that was recalled."""

from uuid import UUID

from sqlalchemy import func, select

from galen.core.context import Context

from ..recalled import LOT, RecalledLot


async def recall_of(ctx: Context, product_id: UUID, number: str) -> str:
    """The recall that a new batch of this number falls under; nothing when it falls under none."""
    key = func.upper(func.regexp_replace(number, r"[\W_]+", "", "g"))
    query = select(RecalledLot.recall).where(RecalledLot.product_id == product_id)
    query = query.where(RecalledLot.lot.is_(None) | (key == LOT)).order_by(RecalledLot.id).limit(1)
    return await ctx.db.scalar(query) or ""
