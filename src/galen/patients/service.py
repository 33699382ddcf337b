"""The verbs of patients."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from galen.core.context import Context, requires
from galen.core.errors import Conflict, NotFound
from galen.core.numbers import next_number
from galen.core.search_key import search_key, sounds_like
from galen.organizations import country_of

from .events import PatientRegistered
from .models import AllergyStatus, Patient
from .rules import Birth, Likely, e164, likeness
from .schemas import BannerView, FlagView, PatientDraft


class LikelyDuplicate(Conflict):
    message = "{name} (record {number}) looks like the same person. Open that record, or confirm that this is another person."


@requires("patient.write")
async def register(ctx: Context, draft: PatientDraft) -> Patient:
    """Register a person. One who looks like somebody known is refused until that was looked at (`anyway`)."""
    patient = Patient(registered_at=ctx.now, number=f"P{await next_number(ctx, 'patient'):06}")
    write_down(ctx, patient, draft.model_dump(exclude={"anyway", "medicare", "ihi", "born"}), draft.born)
    if not draft.anyway:
        for known in await alike(ctx, patient):
            if likeness(likely(known), likely(patient)).score >= 90:
                raise LikelyDuplicate(name=known.name, number=known.number)
    ctx.add(patient)
    ctx.emit(PatientRegistered(patient.id))
    return patient


def write_down(ctx: Context, patient: Patient, fields: dict[str, Any], born: str | None) -> None:
    """Put what was said into the record, with the keys it is found by."""
    for name, value in fields.items():
        setattr(patient, name, value)
    if born:
        birth = Birth.parse(born)
        patient.born = birth.earliest
        patient.born_known = "day" if birth.exact else "month" if birth.month else "year"
    patient.given_search = search_key(patient.given or "")
    patient.search = f"{search_key(patient.family)} {patient.given_search}".strip()
    patient.sound = sounds_like(patient.family)
    patient.country = patient.country or ctx.organization.country
    patient.phone_e164 = e164(patient.phone, country_of(ctx.organization.country).code) if patient.phone else None


def likely(patient: Patient) -> Likely:
    phones = frozenset({patient.phone_e164} if patient.phone_e164 else ())
    return Likely(patient.given, patient.family, patient.birth, phones)


async def alike(ctx: Context, patient: Patient) -> list[Patient]:
    """Known people with the same sound of name, telephone or date of birth."""
    hints = [Patient.sound == patient.sound]
    if patient.phone_e164:
        hints.append(Patient.phone_e164 == patient.phone_e164)
    query = select(Patient).where(or_(*hints), Patient.archived_at.is_(None), Patient.id != patient.id)
    if patient.born:
        query = query.where(or_(Patient.born == patient.born, Patient.search == patient.search))
    return list(await ctx.db.scalars(query.limit(50)))


@requires("patient.read")
async def open_patient(ctx: Context, patient_id: UUID) -> Patient:
    """Open one patient's record. Each opening is kept in the audit log."""
    return await ctx.get(Patient, patient_id)


async def banner(ctx: Context, patient_id: UUID) -> BannerView:
    """What stands above every page about a patient: opens the record."""
    patient = await ctx.get(Patient, patient_id)
    flags = []
    if patient.deceased_on:
        flags.append(FlagView(word="Deceased", tone="mute"))
    if patient.archived_at:
        flags.append(FlagView(word="Archived", tone="mute"))
    return BannerView(
        id=patient.id,
        family=patient.family,
        given=patient.given,
        born=patient.born,
        sex=patient.sex.value,
        number=patient.number,
        allergy_state=patient.allergy_state.value,
        allergies=[a for a in patient.allergies if a.status is AllergyStatus.ACTIVE],
        flags=flags,
    )


async def patient_of_actor(ctx: Context) -> Patient:
    """The record of the patient who is acting."""
    if ctx.actor.patient_id is None:
        raise NotFound(thing="patient record of yours")
    return await ctx.get(Patient, ctx.actor.patient_id)


@requires("patient.read")
async def find_patients(ctx: Context, q: str = "", limit: int = 25) -> list[Patient]:
    """By record number, telephone, date of birth, or any part of the name, misspelt or not; the likest first."""
    from .search import found

    return await found(ctx, q.strip(), min(limit, 100))

