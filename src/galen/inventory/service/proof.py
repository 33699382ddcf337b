"""The proof of the ledger: whatever is not the sum of what moved is named, place by place and paper by paper."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, Uuid, and_, case, cast, func, or_, select

from galen.core.context import Context

from ..models import (
    Batch,
    Destruction,
    DestructionStatus,
    Movement,
    MovementKind,
    StockLevel,
    Transfer,
    TransferLine,
    TransferStatus,
)
from ..schemas import Drift
from ..stocktakes import Stocktake, StocktakeLine, StocktakeStatus

MOVED = func.coalesce(func.sum(Movement.quantity), 0)
PLACE = (StockLevel.id, StockLevel.site_id, StockLevel.product_id, Batch.number)


async def drift(ctx: Context) -> list[Drift]:
    """Everything that is not as the ledger says: nothing, unless somebody bypassed Galen."""
    return await drifts(ctx, QUESTIONS)


async def drifts(ctx: Context, questions: dict[str, Select[Any]]) -> list[Drift]:
    """What each question finds; modules above ask the same of the papers that they keep."""
    found: list[Drift] = []
    for what, query in questions.items():
        found += [Drift(what=what, **named(row)) for row in await ctx.db.execute(query)]
    return found


def named(row: Iterable[Any]) -> dict[str, Any]:
    return dict(zip(("level_id", "site_id", "product_id", "batch", "quantity", "moved"), row, strict=True))


def sums() -> Any:
    """What lies in a place against the sum of its movements."""
    return (
        select(*PLACE, StockLevel.quantity, MOVED)
        .join(Batch, Batch.id == StockLevel.batch_id)
        .outerjoin(Movement, Movement.level_id == StockLevel.id)
        .group_by(StockLevel.id, Batch.number)
        .having(StockLevel.quantity != MOVED)
        .order_by(StockLevel.id)
    )


def running() -> Any:
    """The balance that each movement wrote down against the one before it."""
    before = func.coalesce(func.lag(Movement.balance).over(partition_by=Movement.level_id, order_by=Movement.seq), 0)
    steps = select(Movement.level_id, Movement.balance, (before + Movement.quantity).label("due")).subquery()
    return (
        select(*PLACE, steps.c.balance, steps.c.due)
        .join(steps, steps.c.level_id == StockLevel.id)
        .join(Batch, Batch.id == StockLevel.batch_id)
        .where(steps.c.balance != steps.c.due)
        .order_by(StockLevel.id)
    )


def strayed() -> Any:
    """Movements that name another site, medicine or batch than their place."""
    return (
        select(*PLACE, StockLevel.quantity, Movement.quantity)
        .join(Batch, Batch.id == StockLevel.batch_id)
        .join(Movement, Movement.level_id == StockLevel.id)
        .where(
            or_(
                Movement.site_id != StockLevel.site_id,
                Movement.product_id != StockLevel.product_id,
                Movement.batch_id != StockLevel.batch_id,
                Batch.product_id != StockLevel.product_id,
            )
        )
        .order_by(StockLevel.id)
    )


def moved_for(kind: str, id: Any, batch_id: Any, *kinds: MovementKind, level_id: Any = Movement.level_id) -> Any:
    """What moved of a batch for a paper, in one place when that is named."""
    of_paper = and_(Movement.reference_kind == kind, Movement.reference_id == id, Movement.batch_id == batch_id)
    of_paper = and_(of_paper, Movement.level_id == level_id)
    total = select(func.coalesce(func.sum(Movement.quantity), 0)).where(of_paper, Movement.kind.in_(kinds))
    return total.correlate_except(Movement).scalar_subquery()


def transferred(site: Any, due: Any, *kinds: MovementKind) -> Select[Any]:
    """The lines of transfers, batch by batch, against what moved for them."""
    moved = moved_for("transfer", Transfer.id, Batch.id, *kinds)
    return (
        select(cast(None, Uuid), site, Batch.product_id, Batch.number, func.sum(due), moved)
        .select_from(Transfer)
        .join(TransferLine, TransferLine.transfer_id == Transfer.id)
        .join(Batch, Batch.id == TransferLine.batch_id)
        .group_by(Transfer.id, Batch.id)
        .having(func.sum(due) != moved)
        .order_by(Transfer.id)
    )


def destroyed() -> Select[Any]:
    """What was destroyed before a witness against what left the shelf for it."""
    due = case((Destruction.status == DestructionStatus.DESTROYED, -Destruction.quantity), else_=0)
    moved = moved_for("destruction", Destruction.id, Destruction.batch_id, MovementKind.DESTROY)
    return (
        select(Destruction.level_id, Destruction.site_id, Destruction.product_id, Batch.number, due, moved)
        .join(Batch, Batch.id == Destruction.batch_id)
        .where(due != moved)
        .order_by(Destruction.id)
    )


def counted() -> Select[Any]:
    """The differences of posted stocktakes, place by place, against what moved for them."""
    due = case((Stocktake.status == StocktakeStatus.POSTED, func.coalesce(StocktakeLine.difference, 0)), else_=0)
    moved = moved_for(
        "stocktake", Stocktake.id, StocktakeLine.batch_id, MovementKind.COUNT, level_id=StocktakeLine.level_id
    )
    return (
        select(StocktakeLine.level_id, Stocktake.site_id, StocktakeLine.product_id, Batch.number, due, moved)
        .join(Stocktake, Stocktake.id == StocktakeLine.stocktake_id)
        .join(Batch, Batch.id == StocktakeLine.batch_id)
        .where(due != moved)
        .order_by(StocktakeLine.id)
    )


SENT = case((Transfer.status == TransferStatus.CANCELLED, 0), else_=-TransferLine.quantity)
QUESTIONS: dict[str, Select[Any]] = {
    "on the shelf": sums(),
    "running balance": running(),
    "movement of another place": strayed(),
    "sent to another site": transferred(Transfer.from_site_id, SENT, MovementKind.SEND, MovementKind.REVERSAL),
    "arrived from another site": transferred(
        Transfer.to_site_id, func.coalesce(TransferLine.arrived, 0), MovementKind.ARRIVE
    ),
    "destroyed": destroyed(),
    "counted": counted(),
}
"""What is asked, by the words in which a difference is told."""
