"""What the clock does in billing."""

from galen.core.context import Context
from galen.core.jobs import every

from .statement_papers import mail_monthly


@every("monthly on 1 06:30")
async def mail_statements(ctx: Context) -> None:
    """Last month's statements go to the charge accounts that want them."""
    await mail_monthly(ctx)
