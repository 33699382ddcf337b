"""What compliance does by the clock, and what behind the page's back."""

from galen.core.context import Context
from galen.core.events import on
from galen.core.jobs import every

from . import proving, sealing
from .events import ProofAsked


@every("10s")
async def seal_the_audit_log(ctx: Context) -> None:
    """Anchor what was sealed last time, then seal what came since."""
    await sealing.anchor(ctx)
    await sealing.seal_log(ctx)


@on(ProofAsked)
async def prove_the_log(ctx: Context, event: ProofAsked) -> None:
    await proving.prove(ctx, event.proof_id)
