"""Which batches of ours a recall may mean. It proposes; a person confirms, and nothing is blocked on a guess."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.inventory import BATCH_KEY, Batch

from ..events import RecallChanged
from ..models import MatchAnswer, MatchLikeness, Recall, RecallMatch
from ..rules import is_written_alike, lot_key
from ..schemas import MatchesDraft

MOST = 500


class TooManyMatches(Conflict):
    message = "More than {most} batches are like what this recall says. Name its lots, or fewer medicines."


class NotOpenToChange(Conflict):
    message = "Recall {number} is {status}: nothing more is confirmed in it."


async def find_matches(ctx: Context, recall: Recall) -> list[RecallMatch]:
    """Look for batches of ours; what was found before keeps its answer.

    Where a person chose the medicine and typed the lot, a batch that is both to the letter is meant: they said so.
    """
    await ctx.flush()
    products = {meant.product_id for meant in recall.products}
    of_lot = BATCH_KEY.in_([lot_key(lot) for lot in recall.lots])
    alike = of_lot if recall.by_text else of_lot & Batch.product_id.in_(products)
    query = select(Batch).where(or_(alike, Batch.product_id.in_(products)) if recall.whole else alike)
    batches = list(await ctx.db.scalars(query.order_by(Batch.id).limit(MOST + 1)))
    if len(batches) > MOST:
        raise TooManyMatches(most=MOST)
    known = await ctx.list_by(RecallMatch, RecallMatch.recall_id, recall.id)
    seen = {match.batch_id for match in known}
    fresh = [matched(ctx, recall, batch, products) for batch in batches if batch.id not in seen]
    for match in fresh:
        ctx.add(match)
    return [*known, *fresh]


def matched(ctx: Context, recall: Recall, batch: Batch, products: set[UUID]) -> RecallMatch:
    medicine = MatchLikeness.SAME if batch.product_id in products else MatchLikeness.OTHER
    letter = is_written_alike(recall.lots, batch.number)
    lot = MatchLikeness.WHOLE if letter is None else MatchLikeness.SAME if letter else MatchLikeness.ALIKE
    sure = not recall.by_text and medicine is MatchLikeness.SAME and lot is not MatchLikeness.ALIKE
    match = RecallMatch(recall_id=recall.id, batch_id=batch.id, lot=lot, medicine=medicine, answer=MatchAnswer.OPEN)
    if sure:
        answered(ctx, match, MatchAnswer.CONFIRMED)
    return match


def answered(ctx: Context, match: RecallMatch, answer: MatchAnswer) -> None:
    match.answer = answer
    match.answered_by, match.answered_name, match.answered_at = ctx.actor.id, ctx.actor.name, ctx.now


async def opened(ctx: Context, recall_id: UUID) -> Recall:
    """One recall that may still change, held until the end."""
    recall = await ctx.get(Recall, recall_id, lock=True)
    if not recall.unsigned:
        raise NotOpenToChange(number=recall.number, status=recall.status)
    return recall


@requires("recall.manage")
async def answer_matches(ctx: Context, recall_id: UUID, draft: MatchesDraft) -> list[RecallMatch]:
    """Say of each match whether it is meant. What is blocked already stays so."""
    recall = await opened(ctx, recall_id)
    matches = {match.id: match for match in await of_recall(ctx, recall.id)}
    for at, said in enumerate(draft.answers):
        match = matches.get(said.match_id)
        if match is None:
            raise Invalid(f"answers.{at}.match_id", _("This match is not of this recall."))
        if match.blocked and said.answer == "declined":
            raise Invalid(f"answers.{at}.answer", _("This batch is blocked already, and a recall of a batch is final."))
        answered(ctx, match, MatchAnswer(said.answer))
    ctx.emit(RecallChanged(recall.id))
    left = sum(match.undecided for match in matches.values())
    more = ngettext("Written down. %(num)s match is still open.", "Written down. %(num)s matches are still open.", left)
    ctx.flash(more if left else _("Written down. Nothing is blocked before you block it."))
    return list(matches.values())


async def of_recall(ctx: Context, recall_id: UUID) -> list[RecallMatch]:
    """Its matches with their batches: what is open first, then what fits best."""
    query = (
        select(RecallMatch)
        .join(Batch, Batch.id == RecallMatch.batch_id)
        .where(RecallMatch.recall_id == recall_id)
        .options(joinedload(RecallMatch.batch).joinedload(Batch.product))
        .order_by(RecallMatch.answer != MatchAnswer.OPEN, RecallMatch.medicine, RecallMatch.lot, RecallMatch.id)
    )
    return list(await ctx.db.scalars(query.limit(MOST)))


@requires("recall.read")
async def matches(ctx: Context, recall_id: UUID) -> list[RecallMatch]:
    """Which batches of ours may be meant, how like they are, and what was said of each."""
    recall = await ctx.get(Recall, recall_id)
    return await of_recall(ctx, recall.id)
