"""What was said about a supply, and what of it stops the next one."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import or_, select

from galen.core.context import Context
from galen.i18n import gettext as _

from ..interventions import Intervention, InterventionStatus, PrescriberDecision, WhyIntervene
from ..models import Dispensing
from ..refusals import EndedByPrescriber, RefusedHere


async def said_of(ctx: Context, dispensing: Dispensing) -> list[Intervention]:
    """Everything that was asked about it, sent back or refused, in its order."""
    query = select(Intervention).where(Intervention.dispensing_id == dispensing.id).order_by(Intervention.id)
    return list(await ctx.db.scalars(query.execution_options(populate_existing=True)))


async def told_of(ctx: Context, dispensing: Dispensing) -> list[Intervention]:
    """The same with what was said of its prescription before, and of the one that it replaces; the latest first."""
    of_it = or_(
        Intervention.prescription_id == dispensing.prescription_id,
        Intervention.replacement_id == dispensing.prescription_id,
    )
    return list(await ctx.db.scalars(select(Intervention).where(of_it).order_by(Intervention.id.desc()).limit(20)))


async def refuse_stopped(ctx: Context, prescription_id: UUID, supplies: Iterable[Dispensing]) -> None:
    """Nothing more is supplied on what the pharmacy refused, or the prescriber ended by an answer."""
    refused = {dispensing.id for dispensing in supplies if dispensing.refused}
    query = select(Intervention).where(Intervention.prescription_id == prescription_id).order_by(Intervention.id.desc())
    for intervention in await ctx.db.scalars(query.limit(50)):
        if intervention.refusal and intervention.stands and intervention.dispensing_id in refused:
            raise RefusedHere(reason=reason_of(intervention))
        if intervention.outcome in (PrescriberDecision.CHANGED, PrescriberDecision.CANCELLED):
            raise EndedByPrescriber(outcome=intervention.outcome.words)


async def latest_of(ctx: Context, dispensing_ids: Iterable[UUID]) -> dict[UUID, Intervention]:
    """The last thing that was said about each of these, and not taken back; what waits for an answer before that."""
    ids = list(dispensing_ids)
    if not ids:
        return {}
    query = (
        select(Intervention)
        .where(Intervention.dispensing_id.in_(ids), Intervention.status != InterventionStatus.WITHDRAWN)
        .order_by(Intervention.status == InterventionStatus.OPEN, Intervention.asked_at, Intervention.id)
    )
    return {intervention.dispensing_id: intervention for intervention in await ctx.db.scalars(query)}


def late(ctx: Context, intervention: Intervention | None) -> bool:
    """The answer should be there by now."""
    if intervention is None or not intervention.waiting or intervention.due_at is None:
        return False
    return intervention.due_at < ctx.now


def in_a_word(intervention: Intervention) -> str:
    """The question and its answer, for a row of the work queue."""
    if intervention.outcome:
        return _("Answered: %(outcome)s", outcome=intervention.outcome.words)
    return intervention.title


def reason_of(intervention: Intervention) -> str:
    """The coded reason, or its words where that says nothing."""
    return intervention.words if intervention.reason is WhyIntervene.OTHER else intervention.reason.words
