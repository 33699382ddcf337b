"""How this organisation orders."""

from galen.core.context import Context
from galen.core.errors import Stale
from galen.core.gate import requires
from galen.i18n import gettext as _

from ..order_schemas import OrderingPolicyDraft
from ..suppliers import PurchasingPolicy
from .orders import policy_of


@requires("order.write")
async def ordering_policy(ctx: Context) -> PurchasingPolicy:
    """What holds now."""
    return await policy_of(ctx)


@requires("order.supervise")
async def set_ordering_policy(ctx: Context, draft: OrderingPolicyDraft) -> PurchasingPolicy:
    """Set how orders are reckoned and approved; orders that are approved stay so."""
    kept = await ctx.find_by(PurchasingPolicy, PurchasingPolicy.one, True, lock=True)
    if kept and draft.version is not None and kept.version != draft.version:
        raise Stale(thing=PurchasingPolicy.thing())
    policy = kept or ctx.add(PurchasingPolicy(one=True))
    for name, value in draft.model_dump(exclude={"version"}).items():
        setattr(policy, name, value)
    ctx.flash(_("Orders are made so from now on."))
    return policy
