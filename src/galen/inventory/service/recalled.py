"""A recall reaches the shelves: every batch of it, at every site, in one transaction, and whatever comes later."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, select

from galen.core.context import Context
from galen.core.errors import Conflict
from galen.organizations import Site

from ..events import StockLow
from ..models import Batch, BatchStatus, MovementKind, StockLevel
from ..recalled import LOT, LOT_KEY, RecalledLot
from .moves import HOLD, move


class SetAside(Conflict):
    message = "This batch is recalled or set aside: nothing of it is handed out or sent on. Take another batch."
    constraint = "movement_set_aside_check"


class RecallIsFinal(Conflict):
    message = "This batch was recalled: it stays blocked. It can be destroyed or sent back to the supplier."
    constraint = "batch_recall_final_check"


class LotRecalled(Conflict):
    message = "This lot was recalled a moment ago. Try again: it is then set aside as it comes."
    constraint = "batch_recalled_lot_check"


OUT = "SELECT pg_advisory_xact_lock(hashtextextended('recall' || $1::uuid::text, 0))"
"""Waits for whoever is handing out this medicine, and keeps everybody from it until the end of the transaction."""


async def recall_lots(
    ctx: Context, recall: tuple[UUID, str], lots: Collection[tuple[UUID, str | None]], batch_ids: Collection[UUID]
) -> int:
    """Block these lots of these medicines for good, and these batches wherever they lie; how many were not before."""
    products = sorted({product_id for product_id, _ in lots})
    await ctx.flush()
    for site_id in sorted(await ctx.db.scalars(select(Site.id))):
        for product_id in products:
            await ctx.raw.execute(HOLD, site_id, product_id)
    await ctx.db.execute(lying(batch_ids))  # places before the lock that whoever holds a place may wait for
    for product_id in products:
        await ctx.raw.execute(OUT, product_id)
    id, number = recall
    known = await ctx.db.execute(select(RecalledLot.product_id, LOT).where(RecalledLot.recall_id == id))
    there = {tuple(row) for row in known}
    for product_id, lot in sorted(lots, key=str):
        key = await ctx.raw.fetchval(f"SELECT {LOT_KEY.format(column='$1::text')}", lot)
        if (product_id, key) not in there:
            there.add((product_id, key))
            ctx.add(RecalledLot(recall_id=id, recall=number, product_id=product_id, lot=lot, at=ctx.now))
    return await set_recalled(ctx, batch_ids, number)


async def set_recalled(ctx: Context, batch_ids: Collection[UUID], number: str) -> int:
    """The batches change their state, and the ledger of each place that holds some of them says why."""
    wanted = select(Batch).where(Batch.id.in_(batch_ids), Batch.status != BatchStatus.RECALLED).order_by(Batch.id)
    batches = list(await ctx.db.scalars(wanted.with_for_update().execution_options(populate_existing=True)))
    for batch in batches:
        batch.status, batch.status_reason = BatchStatus.RECALLED, f"Recall {number}"
    for level in await ctx.db.scalars(lying([batch.id for batch in batches])):
        move(ctx, level, MovementKind.QUARANTINE, Decimal(0), f"Recall {number}")
        ctx.emit(StockLow(level.site_id, level.product_id))
    return len(batches)


def lying(batch_ids: Collection[UUID]) -> Select[StockLevel]:
    """The places that hold some of these batches, as they are now, held until the end."""
    query = select(StockLevel).where(StockLevel.batch_id.in_(batch_ids), StockLevel.quantity > 0)
    query = query.order_by(StockLevel.site_id, StockLevel.id).with_for_update()
    return query.execution_options(populate_existing=True)
