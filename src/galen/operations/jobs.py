"""What operations does by the clock."""

from galen.core.context import Context
from galen.core.jobs import every

PRUNED = 10_000
"""Rows at a time, so that no lock is held for long."""


@every("10m")
async def prune_the_queues_log(ctx: Context) -> None:
    """What the queue noted of jobs that were over a week ago is removed."""
    await ctx.raw.fetchval("SELECT galen.prune_queue($1)", PRUNED)
