"""Patients of the demo: the cast by name, and a crowd of invented people."""

from galen import patients
from galen.core.context import Context
from galen.patients import PatientDraft, Sex

NORTH = [
    PatientDraft(family="Quill", given="Mara", sex=Sex.FEMALE, born="1984-03-09", phone="0400 000 111", email="mara@people.example",
                 street="3 Gull Lane", suburb="Newport", state="NSW", postcode="2106", anyway=True),
    PatientDraft(family="Bright", given="Tom", sex=Sex.MALE, born="1951-07-30", phone="0400 000 222", anyway=True),
    PatientDraft(family="O'Brien", given="Siân", sex=Sex.FEMALE, born="2025-12-24", phone="0400 000 111", anyway=True),
]  # fmt: skip
SOUTH = [PatientDraft(family="Stone", given="Uma", sex=Sex.FEMALE, born="1990-01-02", phone="+1 518 555 0150", anyway=True)]


async def furnish(ctx: Context) -> None:
    for draft in SOUTH if ctx.organization.slug == "south" else NORTH:
        await patients.register(ctx, draft)
