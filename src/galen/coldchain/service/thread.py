"""What people do about an excursion: take it up with a word, write to its thread, decide about each batch."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import raiseload, selectinload

from galen.core.context import Context
from galen.core.errors import Conflict
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.inventory import (
    Batch,
    BatchStatus,
    DestructionDraft,
    DestructionReason,
    StockLevel,
    Transfer,
    TransferLine,
    propose_destruction,
    set_aside,
)

from ..events import ExcursionChanged
from ..models import (
    BatchFate,
    Excursion,
    ExcursionBatch,
    ExcursionStatus,
    NoteKind,
    StoragePlace,
)
from ..schemas import CommentDraft, FateDraft
from .judging import close_if_done, note


class HeldByExcursion(Conflict):
    message = "This batch waits for a pharmacist's decision about an excursion. Decide it there first."
    constraint = "batch_held_by_excursion"


class TakenUp(Conflict):
    message = "{name} has taken this up already. Write to its thread instead."


class GoesOnStill(Conflict):
    message = "It is out of range still, so nothing of it can be released. Move the stock and wait until it is over."


class DecidedAlready(Conflict):
    message = "This batch is decided: {fate}, by {name}."


class NotOfThis(Conflict):
    message = "This batch does not belong to this excursion."


async def opened(ctx: Context, excursion_id: UUID) -> Excursion:
    """One at a time with whatever judges its place; the place first, as readings do."""
    seen = await ctx.get(Excursion, excursion_id)
    await ctx.get(StoragePlace, seen.place_id, lock=True)
    excursion = await ctx.get(Excursion, excursion_id, lock=True)
    ctx.emit(ExcursionChanged(excursion.id))
    return excursion


@requires("coldchain.handle")
async def acknowledge(ctx: Context, excursion_id: UUID, draft: CommentDraft) -> Excursion:
    """Take it up, with a word on what is being done: nobody further is told from now on."""
    excursion = await opened(ctx, excursion_id)
    if excursion.acknowledged_by:
        raise TakenUp(name=excursion.acknowledged_name)
    excursion.acknowledged_by, excursion.acknowledged_name = ctx.actor.id, ctx.actor.name
    excursion.acknowledged_at = ctx.now
    note(ctx, excursion, NoteKind.ACKNOWLEDGED, draft.comment)
    close_if_done(ctx, excursion)
    return excursion


@requires("coldchain.handle")
async def comment(ctx: Context, excursion_id: UUID, draft: CommentDraft) -> Excursion:
    """One more line of the thread; also of one that is closed."""
    excursion = await opened(ctx, excursion_id)
    note(ctx, excursion, NoteKind.COMMENT, draft.comment)
    return excursion


@requires("coldchain.decide")
async def decide(ctx: Context, excursion_id: UUID, batch_id: UUID, draft: FateDraft) -> Excursion:
    """What becomes of a batch. It is handed out again only when no other excursion holds it."""
    excursion = await opened(ctx, excursion_id)
    part = next((part for part in excursion.batches if part.batch_id == batch_id), None)
    if part is None:
        raise NotOfThis
    if part.fate is not None:
        raise DecidedAlready(fate=part.fate, name=part.decided_name)
    if draft.fate is BatchFate.RELEASE and excursion.status is ExcursionStatus.ONGOING:
        raise GoesOnStill
    part.fate, part.reason, part.reference = draft.fate, draft.reason, draft.reference
    part.decided_by, part.decided_name, part.decided_at = ctx.actor.id, ctx.actor.name, ctx.now
    batch = await ctx.get(Batch, batch_id)
    note(ctx, excursion, NoteKind.DECIDED, f"{batch.number}: {draft.reason}")
    await ctx.flush()
    said = _("Batch %(number)s stays on hold.", number=batch.number)
    if draft.fate is BatchFate.RELEASE and not await held_elsewhere(ctx, part):
        if batch.status is BatchStatus.QUARANTINED:
            await set_aside(ctx, batch_id, BatchStatus.OK, draft.reason)
        said = _("Batch %(number)s can be handed out again.", number=batch.number)
    elif draft.fate is BatchFate.RELEASE:
        said = _("Released here; something else keeps batch %(number)s on hold still.", number=batch.number)
    elif draft.fate is BatchFate.DESTROY:
        await destroy(ctx, excursion, batch_id, draft)
        said = _("Batch %(number)s is to be destroyed: a colleague signs as the witness.", number=batch.number)
    close_if_done(ctx, excursion)
    ctx.flash(said)
    return excursion


@requires("coldchain.decide")
async def decide_all(ctx: Context, excursion_id: UUID, draft: FateDraft) -> Excursion:
    """The same for every batch that is undecided, in the order in which stock is held; all of them, or none."""
    excursion = await opened(ctx, excursion_id)
    waiting = sorted(excursion.undecided, key=lambda part: (part.product_id, part.batch_id))
    for part in waiting:
        await decide(ctx, excursion.id, part.batch_id, draft)
    ctx.flash(ngettext("%(num)s batch is decided.", "%(num)s batches are decided.", len(waiting)))
    return excursion


async def held_elsewhere(ctx: Context, part: ExcursionBatch) -> bool:
    """Whether it was set aside before this excursion, or another one has not released it."""
    if not part.held and await first_of_hold(ctx, part):
        return True
    others = select(ExcursionBatch.id).where(
        ExcursionBatch.batch_id == part.batch_id,
        ExcursionBatch.id != part.id,
        ExcursionBatch.fate.is_(None) | (ExcursionBatch.fate != BatchFate.RELEASE),
    )
    return await ctx.db.scalar(others.limit(1)) is not None


async def first_of_hold(ctx: Context, part: ExcursionBatch) -> bool:
    """Whether no excursion at all has set it aside: then somebody else did, for a reason of their own."""
    ours = select(ExcursionBatch.id).where(ExcursionBatch.batch_id == part.batch_id, ExcursionBatch.held)
    return await ctx.db.scalar(ours.limit(1)) is None


async def destroy(ctx: Context, excursion: Excursion, batch_id: UUID, draft: FateDraft) -> None:
    """What is left in the place is written down to be destroyed before a witness."""
    place = await ctx.get(StoragePlace, excursion.place_id)
    bins = {location.casefold() for location in place.locations}
    levels = select(StockLevel).where(
        StockLevel.batch_id == batch_id, StockLevel.site_id == place.site_id, StockLevel.quantity > 0
    )
    for level in await ctx.db.scalars(levels.order_by(StockLevel.id)):
        if level.location.casefold() in bins:
            said = {"level_id": level.id, "quantity": level.quantity, "method": draft.method}
            await propose_destruction(
                ctx, DestructionDraft(**said, reason=DestructionReason.TEMPERATURE, note=excursion.number)
            )


@requires("coldchain.read")
async def excursions(
    ctx: Context,
    place_id: UUID | None = None,
    status: ExcursionStatus | None = None,
    after: str | None = None,
) -> Slice[Excursion]:
    """Excursions, newest first; of one place, or in one state."""
    query = select(Excursion).options(
        selectinload(Excursion.place).options(selectinload(StoragePlace.site), raiseload(StoragePlace.bins))
    )
    query = query.where(Excursion.place_id == place_id) if place_id else query
    return await ctx.slice(query.where(Excursion.status == status) if status else query, after)


@requires("coldchain.read")
async def excursion(ctx: Context, excursion_id: UUID) -> Excursion:
    """One excursion with its batches."""
    return await ctx.get(Excursion, excursion_id)


async def used(ctx: Context, batch_id: UUID, site_id: UUID, until: datetime) -> timedelta:
    """How long units of a batch at a site were out of range in all: what they brought from where they were, too."""
    own = (
        select(ExcursionBatch.minutes)
        .join(Excursion, Excursion.id == ExcursionBatch.excursion_id)
        .join(StoragePlace, StoragePlace.id == Excursion.place_id)
        .where(ExcursionBatch.batch_id == batch_id, StoragePlace.site_id == site_id, Excursion.began < until)
    )
    minutes = sum(await ctx.db.scalars(own))
    brought: Any = (
        select(Transfer.from_site_id, Transfer.sent_at)
        .join(TransferLine, TransferLine.transfer_id == Transfer.id)
        .where(TransferLine.batch_id == batch_id, Transfer.to_site_id == site_id, TransferLine.arrived > 0)
        .where(Transfer.sent_at < until, Transfer.arrived_at <= until)
        .order_by(Transfer.sent_at)
    )
    carried = [await used(ctx, batch_id, site, sent) for site, sent in (await ctx.db.execute(brought)).all()]
    return timedelta(minutes=minutes) + max(carried, default=timedelta())
