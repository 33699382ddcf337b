"""What is known of a patient before a check: allergies, conditions, the body, and what is taken."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Date, bindparam, func, select

from galen import patients
from galen.core.context import Context
from galen.core.errors import NotFound
from galen.core.fast.prepared_query import PreparedQuery
from galen.patients import Allergy, AllergyState, AllergyStatus, Condition, CurrentMedicine, Patient, Sex

from . import findings, reading, rules
from .knowledge import Knowledge
from .rules import Circumstances, RegimenDrug

CURRENT = "current"
TODAY = bindparam("today", type_=Date)


def listed(model: Any, *columns: Any) -> Any:
    """Rows about the patient, as one value of the answer."""
    rows = select(func.json_agg(func.json_build_array(*columns), type_=JSON))
    return rows.where(model.patient_id == Patient.id).correlate(Patient)


def lasting(model: Any) -> Any:
    return (model.until.is_(None)) | (model.until >= TODAY), ~model.entered_in_error


KNOWN = PreparedQuery(
    select(
        Patient.allergy_state,
        Patient.born,
        Patient.sex,
        listed(Condition, Condition.text, Condition.code, Condition.since).where(*lasting(Condition)).scalar_subquery(),
        listed(Allergy, Allergy.substance, Allergy.kind, Allergy.reaction, Allergy.severity)
        .where(Allergy.status == AllergyStatus.ACTIVE)
        .scalar_subquery(),
        listed(CurrentMedicine, CurrentMedicine.text, CurrentMedicine.ingredient, CurrentMedicine.directions)
        .where(*lasting(CurrentMedicine))
        .scalar_subquery(),
    ).where(Patient.id == bindparam("patient_id")),
    bypass_visibility="known_of asks first whether this actor may see the patient",
)


def day_of(text: str | None) -> date | None:
    """A day as the database wrote it; one outside every calendar (`-infinity`, before Christ) counts as not known."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


async def known_of(ctx: Context, patient_id: UUID, knowledge: Knowledge) -> tuple[Circumstances, list[RegimenDrug]]:
    """A patient's allergies, conditions and body, and what is taken. Allergies to things in the air are left aside."""
    if not ctx.sees_all(Patient):
        await patients.known(ctx, patient_id)
    row = await KNOWN.one(ctx, patient_id=patient_id, today=ctx.today)
    if row is None:
        raise NotFound(thing="patient")
    state, born, sex, problems, reactions, taken = row
    allergies = tuple(
        rules.RecordedAllergy(substance, reading.is_intolerance(reaction, severity))
        for substance, kind, reaction, severity in reactions or ()
        if substance and kind != "environment"
    )
    asked = state is not AllergyState.NOT_ASKED or any(substance for substance, *_ in reactions or ())
    regimen = [
        RegimenDrug(
            text,
            reading.ingredients(ingredient or text, knowledge),
            reading.route(text),
            CURRENT,
            rules.says_weekly(directions or text),
        )
        for text, ingredient, directions in taken or ()
    ]
    conditions = [(text, code, day_of(day)) for text, code, day in problems or ()]
    female = {Sex.FEMALE: True, Sex.MALE: False}.get(sex)
    found = await findings.found(ctx, patient_id)
    person = findings.person(born, female, conditions, found, ctx.today)
    return Circumstances(allergies if asked else None, person), regimen
