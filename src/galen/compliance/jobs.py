"""What compliance does by the clock."""

from galen.core.context import Context
from galen.core.jobs import every

from . import sealing


@every("10s")
async def seal_the_audit_log(ctx: Context) -> None:
    """Anchor what was sealed last time, then seal what came since."""
    await sealing.anchor(ctx)
    await sealing.seal_log(ctx)
