"""What dispensings say was given, against the ledger of stock."""

from typing import Any

from sqlalchemy import Select, Uuid, and_, cast, func, select

from galen.core.context import Context
from galen.inventory import Batch, Drift, Movement, MovementKind, drifts

from ..models import SUPPLIED, DispensedItem, Dispensing, DispensingStatus
from ..returns import PatientReturn, ReturnedItem


async def drift(ctx: Context) -> list[Drift]:
    """Every batch of a dispensing that left the shelf otherwise than it says: nothing, unless Galen was bypassed."""
    return await drifts(ctx, {"dispensed": dispensed(), "brought back": brought_back()})


def dispensed() -> Select[Any]:
    """What was given of each batch against what was issued and given back for it.

    Of what was reversed after it had left, the goods may be on the shelf again or not: the papers of that say which.
    """
    issued = (MovementKind.ISSUE, MovementKind.REVERSAL)
    moved = (
        select(
            Movement.reference_id.label("id"), Movement.batch_id, (-func.sum(Movement.quantity)).label("units"),
        )
        .where(Movement.reference_kind == "dispensing", Movement.kind.in_(issued))
        .group_by(Movement.reference_id, Movement.batch_id)
        .subquery()
    )  # fmt: skip
    given = (
        select(
            DispensedItem.dispensing_id.label("id"),
            DispensedItem.batch_id,
            func.sum(DispensedItem.quantity).label("units"),
        )
        .join(Dispensing, and_(Dispensing.id == DispensedItem.dispensing_id, Dispensing.round == DispensedItem.round))
        .where(Dispensing.status.in_(SUPPLIED))
        .group_by(DispensedItem.dispensing_id, DispensedItem.batch_id)
        .subquery()
    )
    said, went = func.coalesce(given.c.units, 0), func.coalesce(moved.c.units, 0)
    both = and_(given.c.id == moved.c.id, given.c.batch_id == moved.c.batch_id)
    side = select(
        func.coalesce(given.c.id, moved.c.id).label("id"),
        func.coalesce(given.c.batch_id, moved.c.batch_id).label("batch_id"),
        said.label("said"),
        went.label("went"),
    ).select_from(given.outerjoin(moved, both, full=True)).subquery()  # fmt: skip
    return (
        select(cast(None, Uuid), Dispensing.site_id, Batch.product_id, Batch.number, side.c.said, side.c.went)
        .join(Dispensing, Dispensing.id == side.c.id)
        .join(Batch, Batch.id == side.c.batch_id)
        .where(side.c.said != side.c.went, Dispensing.status != DispensingStatus.REVERSED)
        .order_by(side.c.id, side.c.batch_id)
    )


def brought_back() -> Any:
    """What each return put into stock, batch by batch, against what came in for it."""
    moved = (
        select(func.coalesce(func.sum(Movement.quantity), 0))
        .where(
            Movement.reference_kind == "patient return",
            Movement.reference_id == PatientReturn.id,
            Movement.batch_id == Batch.id,
            Movement.kind == MovementKind.TAKE_BACK,
        )
        .correlate(PatientReturn, Batch)
        .scalar_subquery()
    )
    said = func.sum(ReturnedItem.quantity)
    return (
        select(cast(None, Uuid), PatientReturn.site_id, Batch.product_id, Batch.number, said, moved)
        .join(ReturnedItem, ReturnedItem.patient_return_id == PatientReturn.id)
        .join(Batch, Batch.id == ReturnedItem.batch_id)
        .group_by(PatientReturn.id, Batch.id)
        .having(said != moved)
        .order_by(PatientReturn.id, Batch.id)
    )
