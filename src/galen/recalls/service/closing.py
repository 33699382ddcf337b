"""The end of a recall: a person signs that all was done that can be, and the figures stay as they stood."""

from uuid import UUID

from galen import identity
from galen.core.context import Context
from galen.core.errors import Conflict
from galen.core.gate import requires
from galen.i18n import gettext as _

from ..events import RecallChanged
from ..models import Recall, RecallStatus
from ..schemas import RecallClosingDraft, RecallReasonDraft
from .tracing import figures_of


class StillInBags(Conflict):
    message = "Some of it is dispensed and waits to be handed over. Undo these dispensings first."


class StillOnItsWay(Conflict):
    message = "Some of it is on its way between sites. Take it in there, or take it back, first."


class StillToTell(Conflict):
    message = "Neither told nor called yet: {count}. Tell them, or write down that they cannot be reached."


class NotEverybody(Conflict):
    message = "Only {percent} % were reached. Sign that it is closed although not everybody was reached."


@requires("recall.manage")
async def close_recall(ctx: Context, recall_id: UUID, draft: RecallClosingDraft) -> Recall:
    """Sign it with the password, once more (21 CFR 11.200), with the figures of this moment; the block stays."""
    identity.refuse_doubtful_time()
    recall = await ctx.get(Recall, recall_id, lock=True)
    await identity.confirm_password(ctx, draft.password.get_secret_value())
    figures = await figures_of(ctx, recall.id)
    if figures.in_bags:
        raise StillInBags
    if figures.in_transit:
        raise StillOnItsWay
    if figures.to_tell:
        raise StillToTell(count=figures.to_tell)
    known = figures.reached + figures.unreachable
    if draft.meaning.startswith("Effective") and known < figures.patients:
        raise NotEverybody(percent=figures.percent)
    recall.status = RecallStatus.CLOSED
    recall.figures = figures.model_dump(mode="json")
    recall.meaning, recall.ended_because = draft.meaning, draft.note
    recall.closed_by, recall.closed_name, recall.closed_at = ctx.actor.id, ctx.actor.name, ctx.now
    ctx.emit(RecallChanged(recall.id))
    ctx.flash(_("Recall %(number)s is closed. Its batches stay blocked.", number=recall.number))
    return recall


@requires("recall.manage")
async def reopen_recall(ctx: Context, recall_id: UUID, draft: RecallReasonDraft) -> Recall:
    """There is more to do after all; who had signed it stands in the audit log."""
    recall = await ctx.get(Recall, recall_id, lock=True)
    recall.status, recall.ended_because, ctx.reason = RecallStatus.OPEN, draft.reason, draft.reason
    recall.closed_by, recall.closed_name, recall.closed_at = None, "", None
    recall.meaning, recall.figures = "", None
    ctx.emit(RecallChanged(recall.id))
    ctx.flash(_("Recall %(number)s is open again.", number=recall.number))
    return recall
