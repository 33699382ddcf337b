"""Prescriptions of the demo: some signed and waiting at the pharmacy, one draft."""

from datetime import timedelta

from pydantic import SecretStr

from galen import medicines, patients, prescribing
from galen.core.context import Context
from galen.medicines import Product
from galen.prescribing import OverrideDraft, PrescriptionDraft, PrescriptionLineDraft, Reason, SignatureDraft
from galen.prescribing.questions import asked

from .cast import PASSWORD
from .encounters import act_as

# Family, days ago, medicines with directions and repeats, signed or still a draft.
WRITTEN = [
    ("Bright", 95, [("perindopril 5 mg", "1 tab mane", 5), ("metformin 500 mg", "1 tab bd cc", 5)], True),
    ("Quill", 21, [("salbutamol", "2 puffs q4-6h prn", 1)], True),
    ("Bright", 0, [("atorvastatin 20 mg", "1 tab nocte", 2)], True),
    ("Quill", 0, [("doxycycline 100 mg", "1 tab bd cc x7/7", 0)], False),
]


async def seed(ctx: Context) -> None:
    """Nothing is prescribed yet."""


async def seed_bulk(ctx: Context) -> None:
    if ctx.organization.slug != "north":
        return
    actor, site, now = ctx.actor, ctx.site, ctx.now
    await act_as(ctx, "ada")
    for family, ago, lines, signed in WRITTEN:
        ctx.now = now - timedelta(days=ago, hours=1)
        await write(ctx, family, lines, signed)
    ctx.actor, ctx.site, ctx.now = actor, site, now


async def write(ctx: Context, family: str, lines: list[tuple[str, str, int]], signed: bool) -> None:
    """Write a prescription; every question of the safety check is answered, as a doctor would."""
    patient = (await patients.find_patients(ctx, family))[0]
    drafts: list[PrescriptionLineDraft] = []
    chosen: list[Product] = []
    for name, directions, repeats in lines:
        found = await medicines.find_medicines(ctx, name, 5)
        if found:
            chosen.append(found[0])
            drafts.append(PrescriptionLineDraft(product_id=found[0].id, directions=directions, repeats=repeats))
    if not drafts:
        return
    rx = await prescribing.draft(ctx, PrescriptionDraft(patient_id=patient.id, lines=drafts))
    await ctx.flush()
    if signed and rx.report is not None:
        answers = [
            OverrideDraft(
                key=question.key,
                reason=Reason.BENEFIT if question.checked else Reason.ACKNOWLEDGED,
                comment="Discussed; taken before without harm." if question.comment_needed else "",
            )
            for question in asked(rx.report, [product.label for product in chosen])
        ]
        await prescribing.sign(ctx, rx.id, SignatureDraft(password=SecretStr(PASSWORD), overrides=answers))
        await ctx.flush()
