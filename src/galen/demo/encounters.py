"""Past visits of the demo's patients, with measurements that make a trend, and one unsigned note."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from galen import encounters, identity, organizations, patients
from galen.core.actor import Actor
from galen.core.context import Context
from galen.encounters import DiagnosisDraft, IcdCode, NoteDraft, TemplateDraft, VisitDraft, VitalsDraft

# Days ago, systolic, diastolic, pulse, kg, code, note.
PAST: dict[str, list[tuple[int, int, int, int, str, str, str]]] = {
    "Bright": [
        (
            150,
            158,
            94,
            82,
            "88.4",
            "I10",
            "Blood pressure above target on perindopril 5 mg. Walks little. Dose raised; diary at home.",
        ),
        (95, 146, 88, 78, "87.1", "I10", "Home readings 140–150. Tolerates the higher dose, no cough."),
        (40, 138, 84, 76, "85.9", "E11.9", "HbA1c 7.1 %. Feet without findings. Diet discussed; goes on as before."),
    ],
    "Quill": [
        (200, 118, 74, 88, "63.2", "J45.20", "Wheeze on exercise only. Inhaler technique good."),
        (21, 121, 76, 72, "62.8", "J30.9", "Sneezing since September. Nasal spray tried, helps."),
    ],
}

# Wording that every clinician of the demo finds: name, codes, text.
TEMPLATES = (
    (
        "Consultation",
        "",
        "History:\n___\n\nExamination:\n{vitals}\n___\n\nAssessment:\n{diagnoses}\n\nPlan:\n- ___",
    ),
    (
        "Sore throat or cold",
        "J00 J02 J03 J06",
        "History:\nSore throat for ___ days; breathes and swallows.\n\nExamination:\n{vitals}\nThroat: ___\n\n"
        "Plan:\n- Fluids, paracetamol when needed\n- Come back if worse, or not better in a week",
    ),
    (
        "Blood pressure review",
        "I10",
        "History:\nReadings at home: ___\nTakes: {medicines}\n\nExamination:\n{vitals}\n\nPlan:\n- Target below 140/90",
    ),
    (
        "Diabetes review",
        "E10 E11",
        "History:\nHypos: ___\nTakes: {medicines}\n\nExamination:\n{vitals}\nFeet: ___\n\nPlan:\n- Review in 6 months",
    ),
)


async def seed(ctx: Context) -> None:
    """The cast has not seen a doctor yet."""


async def seed_bulk(ctx: Context) -> None:
    if not await ctx.db.scalar(select(IcdCode.id).limit(1)):
        return
    for name, codes, text in TEMPLATES:
        await encounters.add_template(ctx, TemplateDraft(name=name, text=text, codes=codes, shared=True))
    if ctx.organization.slug != "north":
        return
    actor, site, now = ctx.actor, ctx.site, ctx.now
    await act_as(ctx, "ada")
    for family, visits in PAST.items():
        patient = (await patients.find_patients(ctx, family))[0].id
        for ago, systolic, diastolic, pulse, kg, code, note in visits:
            ctx.now = now - timedelta(days=ago, hours=2)
            await past_visit(ctx, patient, systolic, diastolic, pulse, kg, code, note)
    ctx.actor, ctx.site, ctx.now = actor, site, now


async def past_visit(
    ctx: Context, patient: UUID, systolic: int, diastolic: int, pulse: int, kg: str, code: str, note: str
) -> None:
    """A whole visit: measured, diagnosed, noted, complete."""
    visit = await encounters.start_visit(ctx, VisitDraft(patient_id=patient))
    await ctx.flush()
    taken = VitalsDraft(
        systolic=Decimal(systolic),
        diastolic=Decimal(diastolic),
        heart_rate=Decimal(pulse),
        temperature=Decimal("36.6"),
        oxygen=Decimal(98),
        weight=Decimal(kg),
        height=Decimal(174) if systolic > 125 else Decimal(168),
    )
    await encounters.record_vitals(ctx, visit.id, taken)
    await encounters.diagnose(ctx, visit.id, DiagnosisDraft(code=code))
    await encounters.write_note(ctx, visit.id, NoteDraft(text=note, sign=systolic != 121))
    await encounters.complete_visit(ctx, visit.id)
    await ctx.flush()


async def act_as(ctx: Context, username: str) -> None:
    """Go on as a member of staff, at their own site."""
    query = select(identity.Account).where(identity.Account.username == username)
    account = (await ctx.db.scalars(query)).one()
    place = next(site for site in await organizations.sites(ctx) if site.id == account.site_id)
    permissions = identity.permissions_of(account.roles)
    ctx.actor, ctx.site = Actor(account.id, account.name, "staff", permissions, tuple(account.roles)), place.info
