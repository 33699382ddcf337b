"""The pharmacy's counter of the demo: past supplies, a repeat that is due, the newest prescription waiting."""

from datetime import timedelta

from sqlalchemy import select

from galen import dispensing
from galen.core.context import Context
from galen.dispensing import (
    AnswerDraft,
    BagDraft,
    ChangeDraft,
    CollectedBy,
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

BINS = ("A1", "A2", "B1")


async def seed(ctx: Context) -> None:
    """The cast starts with an empty queue."""


async def seed_bulk(ctx: Context) -> None:
    if ctx.organization.slug != "north":
        return
    actor, site, now = ctx.actor, ctx.site, ctx.now
    await act_as(ctx, "ben")
    signed = Prescription.status == PrescriptionStatus.SIGNED
    query = select(Prescription).where(signed).order_by(Prescription.signed_at)
    bins = iter(BINS)
    for rx in await ctx.db.scalars(query):
        old = rx.signed_at is not None and rx.signed_at < now - timedelta(days=1)
        ctx.now = rx.signed_at + timedelta(hours=1) if old and rx.signed_at else now
        supply = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx.id))
        if old:
            await collected(ctx, supply)
            ctx.now = now
            again = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx.id))
            if rx.lines[0].repeats > 1:
                await changed(ctx, again)
                await shelved(ctx, again, next(bins, BINS[-1]))
            else:
                await asked(ctx, again)
    ctx.actor, ctx.site, ctx.now = actor, site, now


async def changed(ctx: Context, supply: Dispensing) -> None:
    """The patient has some left, and wants fewer this time."""
    line = supply.lines[0]
    fewer = max(line.quantity // 2, line.quantity % 2 + 1)
    await dispensing.change(
        ctx,
        supply.id,
        ChangeDraft(line_id=line.id, quantity=fewer, reason=WhyChanged.PATIENT, note="Some left at home"),
    )


async def asked(ctx: Context, supply: Dispensing) -> None:
    """The prescriber is asked, and has not answered yet."""
    words = "She says that one puff has been enough since the last visit. Are two still right?"
    draft = InterventionDraft(kind=InterventionKind.ASKED, reason=WhyIntervene.DOSE, words=words)
    await dispensing.intervene(ctx, supply.id, draft)


async def shelved(ctx: Context, supply: Dispensing, bin: str) -> None:
    """Prepared, and in a bin of the will-call shelf."""
    await verified(ctx, supply)
    await dispensing.dispense(ctx, supply.id, SupplyDraft(owe=True))
    await dispensing.shelve_bag(ctx, supply.id, BagDraft(bin=bin))


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
