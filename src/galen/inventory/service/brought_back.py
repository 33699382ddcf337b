"""What patients bring back: on the shelf again, or set aside as a batch of its own."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen.core.context import Context

from ..models import Batch, BatchStatus, MovementKind, StockLevel
from .moves import hold, move
from .places import store


async def take_back(
    ctx: Context, batch_id: UUID, quantity: Decimal, *, aside: str, reason: str, reference: tuple[str, UUID]
) -> StockLevel:
    """Units come back into the caller's site. `aside` is the number of the return under which they are set apart.

    What is set aside is a batch of its own, in quarantine: what was never given away stays as it is.
    """
    place = await store(ctx)
    batch = await ctx.get(Batch, batch_id)
    await hold(ctx, place.id, batch.product_id)
    level = await lying(ctx, place.id, await set_apart(ctx, batch, aside, reason) if aside else batch)
    move(ctx, level, MovementKind.TAKE_BACK, quantity, reason, reference)
    return level


async def set_apart(ctx: Context, batch: Batch, aside: str, reason: str) -> Batch:
    """The same number of the same maker, as it came back with this return."""
    same = (
        Batch.product_id == batch.product_id,
        Batch.number == batch.number,
        Batch.expires.is_not_distinct_from(batch.expires),
        Batch.maker == batch.maker,
        Batch.returned == aside,
    )
    if found := await ctx.db.scalar(select(Batch).where(*same)):
        return found
    recalled = batch.status is BatchStatus.RECALLED
    return ctx.add(
        Batch(
            product_id=batch.product_id,
            number=batch.number,
            expires=batch.expires,
            maker=batch.maker,
            returned=aside,
            gtin=batch.gtin,
            unit_cost=batch.unit_cost,
            status=BatchStatus.RECALLED if recalled else BatchStatus.QUARANTINED,
            status_reason=reason,
            received_at=ctx.now,
        )
    )


async def lying(ctx: Context, site_id: UUID, batch: Batch) -> StockLevel:
    """A place of the batch at this site, held until the end; made when there is none."""
    here = (
        select(StockLevel)
        .where(StockLevel.site_id == site_id, StockLevel.batch_id == batch.id)
        .order_by(StockLevel.quantity.desc(), StockLevel.id)
        .limit(1)
        .options(selectinload(StockLevel.batch))
        .with_for_update(of=StockLevel)
        .execution_options(populate_existing=True)
    )
    if level := await ctx.db.scalar(here):
        return level
    return ctx.add(
        StockLevel(site_id=site_id, batch_id=batch.id, batch=batch, product_id=batch.product_id, quantity=Decimal(0))
    )
