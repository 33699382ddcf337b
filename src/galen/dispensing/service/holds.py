"""What is held until stock comes, and wakes when enough of it has."""

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from sqlalchemy import exists, select

from galen import inventory
from galen.core.context import Context

from ..interventions import WaitsFor
from ..models import Dispensing, DispensingLine, DispensingStatus
from .queue import awake


async def wake_stocked(ctx: Context, site_id: UUID, product_id: UUID) -> int:
    """What waits here for this medicine, the longest first, as far as what there is of everything suffices for each."""
    holds = exists().where(DispensingLine.dispensing_id == Dispensing.id, DispensingLine.product_id == product_id)
    query = select(Dispensing).where(
        Dispensing.status == DispensingStatus.HELD,
        Dispensing.held_for == WaitsFor.STOCK,
        Dispensing.site_id == site_id,
        holds,
    )
    locked = query.order_by(Dispensing.queued_at, Dispensing.id).with_for_update(of=Dispensing).limit(200)
    waiting = list(await ctx.db.scalars(locked))
    if not waiting:
        return 0
    wanted = {line.product_id for dispensing in waiting for line in dispensing.wanted}
    there = defaultdict(Decimal, await inventory.on_hand(ctx, wanted, site_id))
    woken = [dispensing for dispensing in waiting if promised(there, dispensing)]
    for dispensing in woken:
        awake(ctx, dispensing)
    return len(woken)


def promised(there: dict[UUID, Decimal], dispensing: Dispensing) -> bool:
    """Whether there is enough for all of it; what is promised to one is not there for the next."""
    needs: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in dispensing.wanted:
        needs[line.product_id] += line.quantity
    if any(there[product] < units for product, units in needs.items()):
        return False
    for product, units in needs.items():
        there[product] -= units
    return True
