"""How this organisation dispenses."""

from decimal import Decimal

from galen.core.context import Context

from ..models import DispensingPolicy, PackRule


async def current(ctx: Context) -> DispensingPolicy:
    """The policy that holds; until somebody changes it, the usual one."""
    return await ctx.find_by(DispensingPolicy, DispensingPolicy.one, True) or DispensingPolicy(
        version=0,
        one=True,
        two_persons_always=False,
        two_persons_schedules="",
        pack_rule=PackRule.DESK,
        refill_at=Decimal("0.80"),
        refill_controlled_at=Decimal("0.85"),
        answer_hours=24,
        look_back_days=14,
        refill_controlled_strict=True,
        refill_look_back=180,
        remind_days=3,
        collect_days=10,
        resale_of_returns=False,
    )
