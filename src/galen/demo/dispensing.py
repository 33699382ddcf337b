"""The pharmacy's counter of the demo: past supplies, a repeat that is due, the newest prescription waiting."""

from datetime import timedelta

from sqlalchemy import select

from galen import dispensing
from galen.core.context import Context
from galen.dispensing import (
    AnswerDraft,
    CollectedBy,
    ChangeDraft,
    CollectionDraft,
    Counselling,
    Dispensing,
    DispensingDraft,
    InterventionDraft,
    InterventionKind,
    SupplyDraft,
    VerificationDraft,
    WhyChanged,
    WhyIntervene,
)
from galen.dispensing.schemas import PharmacistReason
from galen.prescribing import Prescription, PrescriptionStatus

from .encounters import act_as


async def seed(ctx: Context) -> None:
    """The cast starts with an empty queue."""


async def seed_bulk(ctx: Context) -> None:
    if ctx.organization.slug != "north":
        return
    actor, site, now = ctx.actor, ctx.site, ctx.now
    await act_as(ctx, "ben")
    signed = Prescription.status == PrescriptionStatus.SIGNED
    query = select(Prescription).where(signed).order_by(Prescription.signed_at)
    repeats = []
    for rx in await ctx.db.scalars(query):
        old = rx.signed_at is not None and rx.signed_at < now - timedelta(days=1)
        ctx.now = rx.signed_at + timedelta(hours=1) if old and rx.signed_at else now
        supply = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx.id))
        if old:
            await collected(ctx, supply)
            ctx.now = now
            again = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx.id))
            if rx.lines[0].repeats > 1:
                await verified(ctx, again)
            else:
                repeats.append(again)
    await with_prescriber(ctx, repeats)
    ctx.actor, ctx.site, ctx.now = actor, site, now


async def with_prescriber(ctx: Context, repeats: list[Dispensing]) -> None:
    """Of what waits, one is changed, one is asked about, and one is sent back, its answer overdue since yesterday."""
    now = ctx.now
    if repeats:
        (line, *_others), why = repeats[0].lines, WhyChanged.PATIENT
        fewer = max(line.quantity // 2, line.quantity % 2 + 1)
        await dispensing.change(ctx, repeats[0].id, ChangeDraft(line_id=line.id, quantity=fewer, reason=why))
    for repeat, kind, hours, reason, words in zip(repeats[1:], *zip(*ASKED, strict=True), strict=False):
        ctx.now = now - timedelta(hours=hours)
        await dispensing.intervene(ctx, repeat.id, InterventionDraft(kind=kind, reason=reason, words=words))
    ctx.now = now


ASKED = (
    (InterventionKind.ASKED, 2, WhyIntervene.DOSE, "She says you wanted to halve it at the last visit. Is this still right?"),
    (InterventionKind.SENT_BACK, 40, WhyIntervene.DIRECTIONS, "The directions do not say for how long. Please add it."),
)


async def verified(ctx: Context, supply: Dispensing) -> None:
    """Every warning is answered, as a pharmacist would."""
    await ctx.flush()
    screen = await dispensing.desk(ctx, supply.id)
    why = "Asked the prescriber, who confirms."
    answers = [
        AnswerDraft(key=question.key, reason=PharmacistReason.ACCEPTED, comment=why if question.comment_needed else "")
        for question in screen.needed
    ]
    await dispensing.verify(ctx, supply.id, VerificationDraft(answers=answers))


async def collected(ctx: Context, supply: Dispensing) -> None:
    """Checked, taken from the shelf and handed over; what is missing is owed."""
    await verified(ctx, supply)
    await dispensing.dispense(ctx, supply.id, SupplyDraft(owe=True))
    await dispensing.hand_over(
        ctx, supply.id, CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)
    )
