"""Patients of the demo: the cast by name, and many invented people with invented numbers."""

from datetime import date, timedelta
from random import Random

from pydantic import SecretStr

from galen import identity, patients
from galen.core.context import Context
from galen.patients import (
    AllergyDraft,
    ConditionDraft,
    CoverageDraft,
    CurrentMedicineDraft,
    ImmunisationDraft,
    Patient,
    PatientDraft,
    Sex,
)

from .cast import PASSWORD

NORTH = [
    PatientDraft(family="Quill", given="Mara", sex=Sex.FEMALE, born="1984-03-09", phone="0491 570 006",
                 email="mara@people.example", street="3 Gull Lane", suburb="Newport", state="NSW", postcode="2106",
                 anyway=True),
    PatientDraft(family="Bright", given="Tom", sex=Sex.MALE, born="1951-07-30", phone="0491 570 156", anyway=True),
    PatientDraft(family="O'Brien", given="Siân", sex=Sex.FEMALE, born="2025-12-24", phone="0491 570 006", anyway=True),
]  # fmt: skip
SOUTH = [PatientDraft(family="Stone", given="Uma", sex=Sex.FEMALE, born="1990-01-02", phone="+1 518 555 0150")]

FAMILIES = """Nguyen Smith Jones Williams Patel Chen Papadopoulos Rossi Kowalski Haddad Taylor Wilson Singh Murray
Fraser Okoye Schmidt Tran Brown Martin Anderson Le Ryan Walker Kelly Pham Young Ferrari Novak Hughes"""
WOMEN = """Alice Mei Priya Olivia Sofia Hannah Aisha Grace Thi Ruby Zara Elena Chloe Nadia Ivy"""
MEN = """Jack Wei Arjun Oliver Marco Samuel Omar Henry Minh Leo Viktor Noah Tariq George Hugo"""
SUBURBS = [
    ("Newport", "2106"),
    ("Mona Vale", "2103"),
    ("Avalon Beach", "2107"),
    ("Narrabeen", "2101"),
    ("Dee Why", "2099"),
]
CONDITIONS = [
    ("Hypertension", "I10"),
    ("Type 2 diabetes", "E11.9"),
    ("Asthma", "J45.9"),
    ("Osteoarthritis of the knee", "M17.9"),
]
MEDICINES = [
    ("perindopril 5 mg tablet", "perindopril", "1 tablet in the morning"),
    ("metformin 500 mg tablet", "metformin", "1 tablet twice a day with food"),
    ("salbutamol 100 microgram inhaler", "salbutamol", "2 puffs when needed"),
    ("paracetamol 500 mg tablet", "paracetamol", "2 tablets when needed, at most 8 a day"),
]


async def seed(ctx: Context) -> None:
    for draft in SOUTH if ctx.organization.slug == "south" else NORTH:
        patient = await patients.register(ctx, draft)
        if draft.email:
            await open_portal(ctx, patient)


async def open_portal(ctx: Context, patient: Patient) -> None:
    """Mara sees her own record: she signs in as `mara`."""
    said = identity.RegistrationDraft(
        email=patient.email, name=f"{patient.given} {patient.family}", password=SecretStr(PASSWORD)
    )
    account = await identity.open_portal_account(ctx, said, confirmed=True)
    account.username, account.patient_id = patient.given.casefold(), patient.id


async def seed_bulk(ctx: Context) -> None:
    if ctx.organization.slug != "north":
        return
    mara, tom, sian = [
        (await patients.find_patients(ctx, f"{draft.family}, {draft.given}"))[0].id for draft in NORTH
    ]  # fmt: skip
    await patients.add_allergy(
        ctx, mara, AllergyDraft(substance="penicillins", reaction="anaphylaxis", severity="severe")
    )
    await patients.add_condition(
        ctx, mara, ConditionDraft(text="Asthma", code="J45.9", system="icd-10-cm", since=date(1996, 5, 1))
    )
    await patients.add_medicine(ctx, mara, medicine(2, date(2024, 2, 12)))
    await patients.add_immunisation(
        ctx, mara, ImmunisationDraft(vaccine="Influenza, inactivated", given_on=date(2026, 4, 14))
    )
    await patients.add_coverage(ctx, mara, CoverageDraft(payer="Medicare Australia", member="2428 77813 1", priority=1))
    await patients.put_identifier(ctx, await patients.open_patient(ctx, mara), "medicare", "2428778131")
    await patients.no_known_allergies(ctx, tom)
    for text, code in CONDITIONS[:2]:
        await patients.add_condition(
            ctx, tom, ConditionDraft(text=text, code=code, system="icd-10-cm", since=date(2015, 3, 2))
        )
    await patients.add_medicine(ctx, tom, medicine(0, date(2019, 8, 5)))
    await patients.add_medicine(ctx, tom, medicine(1, date(2021, 1, 18)))
    await patients.add_immunisation(ctx, sian, ImmunisationDraft(vaccine="Rotavirus", given_on=date(2026, 2, 6)))
    await invented(ctx)


def medicine(which: int, since: date) -> CurrentMedicineDraft:
    text, ingredient, directions = MEDICINES[which]
    return CurrentMedicineDraft(text=text, ingredient=ingredient, directions=directions, since=since)


async def invented(ctx: Context, count: int = 120) -> None:
    """The same people in every demo."""
    dice, now = Random(2026), ctx.now
    for number in range(count):
        ctx.now = now - registered(number)
        sex, names = dice.choice([(Sex.FEMALE, WOMEN), (Sex.MALE, MEN)])
        suburb, postcode = dice.choice(SUBURBS)
        patient = await patients.register(
            ctx,
            PatientDraft(
                family=dice.choice(FAMILIES.split()),
                given=dice.choice(names.split()),
                sex=sex,
                born=str(date(1935, 1, 1) + timedelta(days=dice.randrange(33_000))),
                phone=f"(02) 5550 {2000 + number * 61 % 7000:04}",
                street=f"{dice.randrange(1, 90)} {dice.choice(['Wharf', 'Beach', 'Hill', 'Park', 'Station'])} Street",
                suburb=suburb,
                state="NSW",
                postcode=postcode,
                anyway=True,
            ),
        )
        if dice.random() < 0.4:
            patient.allergy_state = patients.AllergyState.NONE_KNOWN
    ctx.now = now


def registered(number: int) -> timedelta:
    """How long ago they came: two today, one or two on each day of the last fortnight, the others before."""
    return timedelta(days=0 if number < 2 else number % 14 if number < 24 else 14 + number * 7)
