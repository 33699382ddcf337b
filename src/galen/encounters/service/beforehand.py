"""What was measured before the visit began, and what becomes of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context

from ..models import Visit, Vitals


def midnight(ctx: Context) -> datetime:
    return ctx.now.astimezone(ctx.zone).replace(hour=0, minute=0, second=0, microsecond=0)


async def take_in(ctx: Context, visit: Visit) -> None:
    """What was measured here today before the visit began stands in it."""
    query = select(Vitals).where(
        Vitals.patient_id == visit.patient_id,
        Vitals.visit_id.is_(None),
        Vitals.site_id == ctx.here.id,
        Vitals.taken_at >= midnight(ctx),
    )
    with ctx.flush_later():
        waiting = list(await ctx.db.scalars(query))
    if waiting:
        await ctx.flush()  # the visit is there before anything names it
        for vitals in waiting:
            vitals.visit_id = visit.id


async def let_out(ctx: Context, visit_id: UUID) -> None:
    """The visit does not take place: what was measured before it waits for the next one."""
    query = select(Vitals).where(Vitals.visit_id == visit_id, Vitals.site_id.is_not(None))
    with ctx.flush_later():
        measured = list(await ctx.db.scalars(query))
    for vitals in measured:
        vitals.visit_id = None
