"""Destroying stock: one person says what and how, another one has seen it, and only then it leaves the ledger."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from galen.core.context import Context, SiteInfo
from galen.core.errors import Conflict
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.core.schemas import Slice
from galen.i18n import gettext as _

from ..models import Destruction, DestructionStatus, MovementKind, StockLevel
from ..page_views import DestructionList
from ..schemas import BatchReasonDraft, DestructionDraft
from .moves import NotThatMuch, hold, move, opened
from .places import store

LATELY = 50
SEEN = selectinload(Destruction.product), selectinload(Destruction.batch)


class NeedsWitness(Conflict):
    message = "Whoever proposes it may not be the witness. Ask a colleague to look and to sign."
    constraint = "destruction_witness_check"


class NotAtThisSite(Conflict):
    message = "This batch lies at another site. It is destroyed there."


@requires("stock.adjust")
async def propose_destruction(ctx: Context, draft: DestructionDraft) -> Destruction:
    """Say what is to be destroyed; nothing leaves the shelf before somebody else has seen it."""
    level = await ctx.get(StockLevel, draft.level_id)
    refuse_elsewhere(level, await store(ctx))
    if level.quantity < draft.quantity:
        raise NotThatMuch
    ctx.flash(_("Written down. A colleague signs as the witness."))
    return ctx.add(
        draft.into(
            Destruction,
            number=f"W{await next_number(ctx, 'destruction'):06}",
            site_id=level.site_id,
            batch_id=level.batch_id,
            product_id=level.product_id,
            proposed_by=ctx.actor.id,
            proposed_name=ctx.actor.name,
            proposed_at=ctx.now,
        )
    )


@requires("stock.adjust")
async def witness_destruction(ctx: Context, destruction_id: UUID) -> Destruction:
    """A second person has seen it destroyed: it leaves the ledger now."""
    destruction = await ctx.get(Destruction, destruction_id, lock=True)
    if destruction.proposed_by == ctx.actor.id:
        raise NeedsWitness
    await hold(ctx, destruction.site_id, destruction.product_id)
    level = await opened(ctx, destruction.level_id)
    refuse_elsewhere(level, await store(ctx))
    destruction.status = DestructionStatus.DESTROYED
    destruction.witness_id, destruction.witness_name, destruction.witnessed_at = ctx.actor.id, ctx.actor.name, ctx.now
    reason = f"{destruction.reason.value}: {destruction.method}"
    move(ctx, level, MovementKind.DESTROY, -destruction.quantity, reason, ("destruction", destruction.id))
    ctx.flash(_("Destroyed, and written into the ledger."))
    return destruction


@requires("stock.adjust")
async def cancel_destruction(ctx: Context, destruction_id: UUID, draft: BatchReasonDraft) -> Destruction:
    """It is not destroyed after all; the proposal stays readable."""
    destruction = await ctx.get(Destruction, destruction_id, lock=True)
    destruction.status, destruction.ended_because = DestructionStatus.CANCELLED, draft.reason
    ctx.flash(_("Withdrawn. The stock is as it was."))
    return destruction


def refuse_elsewhere(level: StockLevel, here: SiteInfo) -> None:
    if level.site_id != here.id:
        raise NotAtThisSite


@requires("stock.read")
async def destructions(
    ctx: Context, status: DestructionStatus | None = None, after: str | None = None
) -> Slice[Destruction]:
    """What was destroyed or is proposed to be, at all sites, newest first."""
    query = select(Destruction).options(*SEEN)
    return await ctx.slice(query.where(Destruction.status == status) if status else query, after)


@requires("stock.read")
async def destruction_list(ctx: Context) -> DestructionList:
    """The same of the site worked at, as a page: what waits for a witness first."""
    here = await store(ctx)
    query = select(Destruction).options(*SEEN).where(Destruction.site_id == here.id).order_by(Destruction.id.desc())
    waiting = await ctx.db.scalars(query.where(Destruction.status == DestructionStatus.PROPOSED))
    done = await ctx.db.scalars(query.where(Destruction.status != DestructionStatus.PROPOSED).limit(LATELY))
    return DestructionList(list(waiting), list(done), ctx.actor.id)
