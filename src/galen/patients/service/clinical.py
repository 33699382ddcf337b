"""What must be known before treating: allergies, conditions, medicines taken, immunisations (PAT-3).

Nothing is deleted: what was written by mistake is marked as entered in error.
"""

from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, NotFound
from galen.core.gate import requires
from galen.core.record import Record
from galen.core.state import CannotBecome
from galen.i18n import N_
from galen.i18n import gettext as _

from ..allergens import mark_checked
from ..days import day_fault
from ..events import PatientChanged
from ..models import Allergy, AllergyState, AllergyStatus, Condition, CurrentMedicine, Immunisation, Patient
from ..schemas import AllergyDraft, ConditionDraft, CurrentMedicineDraft, EndDraft, ImmunisationDraft, StopDraft
from ..statements import CODES, says_none, says_unknown
from .undoing import standing, tell

R = TypeVar("R", bound=Record)
NONE = {
    "allergy": N_("“%(text)s” says that there is none: that is no allergy. Choose “No known allergies” on the chart."),
    "condition": N_("“%(text)s” says that there is none: that is no condition. Leave the list empty instead."),
    "medicine": N_("“%(text)s” says that nothing is taken: that is no medicine. Leave the list empty instead."),
    "immunisation": N_("“%(text)s” says that none was given: that is no immunisation. Leave the list empty instead."),
}


class AllergiesKnown(Conflict):
    message = (
        "{substances}: recorded as an allergy. Resolve it, or mark it as entered in error, before saying none is known."
    )


class AllergyOnRecord(Conflict):
    message = "An allergy to {substance} is on the record already."


async def known(ctx: Context, patient_id: UUID) -> None:
    """Refuse someone who is no patient here: that nothing is listed says something only about a person who is."""
    if patient_id not in ctx.opened and not await ctx.db.scalar(select(Patient.id).where(Patient.id == patient_id)):
        raise NotFound(thing="patient")


async def of_patient(ctx: Context, model: type[R], patient_id: UUID, id: UUID, *, lock: bool = True) -> R:
    """A record of this patient and no other."""
    record = await ctx.get(model, id, lock=lock)
    if record.patient_id != patient_id:  # type: ignore[attr-defined]
        raise NotFound(thing=model.thing())
    return record


@requires("clinical.read")
async def allergies(ctx: Context, patient_id: UUID) -> list[Allergy]:
    """What this person must not be given; those entered in error are left out."""
    await known(ctx, patient_id)
    wanted = Allergy.patient_id == patient_id, Allergy.status != AllergyStatus.ENTERED_IN_ERROR
    return await mark_checked(list(await ctx.db.scalars(select(Allergy).where(*wanted).order_by(Allergy.id))))


@requires("clinical.write")
async def add_allergy(ctx: Context, patient_id: UUID, draft: AllergyDraft) -> Allergy:
    """Record an allergy or intolerance, with the reaction and how bad it was."""
    patient = await ctx.get(Patient, patient_id, lock=True)
    substance = draft.substance.casefold()
    if any(allergy.substance.casefold() == substance for allergy in active(patient)):
        raise AllergyOnRecord(substance=draft.substance)
    refuse_statement(draft.substance, draft.code, "substance", "allergy")
    refuse_day(ctx, patient.born, draft.noted_on, "noted_on")
    allergy = draft.into(
        Allergy,
        patient_id=patient.id,
        noted_on=draft.noted_on or ctx.today,
        status=AllergyStatus.ACTIVE,
        recorded_at=ctx.now,
        recorded_by=ctx.actor.name,
    )
    patient.allergies.append(allergy)
    patient.allergy_state = AllergyState.KNOWN
    ctx.emit(PatientChanged(patient.id))
    await mark_checked([allergy])
    return allergy


def active(patient: Patient) -> list[Allergy]:
    return [allergy for allergy in patient.allergies if allergy.active]


@requires("clinical.write")
async def no_known_allergies(ctx: Context, patient_id: UUID) -> Patient:
    """The person was asked, and knows of none."""
    patient = await ctx.get(Patient, patient_id, lock=True)
    if allergies := active(patient):
        raise AllergiesKnown(substances=", ".join(allergy.substance for allergy in allergies))
    patient.allergy_state = AllergyState.NONE_KNOWN
    ctx.emit(PatientChanged(patient.id))
    return patient


@requires("clinical.write")
async def resolve_allergy(ctx: Context, patient_id: UUID, allergy_id: UUID) -> Allergy:
    """It was tested, or tolerated since: no longer an allergy."""
    return await settle_allergy(ctx, patient_id, allergy_id, AllergyStatus.RESOLVED)


@requires("clinical.write")
async def strike_allergy(ctx: Context, patient_id: UUID, allergy_id: UUID) -> Allergy:
    """Entered in error: it was never this person's."""
    return await settle_allergy(ctx, patient_id, allergy_id, AllergyStatus.ENTERED_IN_ERROR)


async def settle_allergy(ctx: Context, patient_id: UUID, allergy_id: UUID, status: AllergyStatus) -> Allergy:
    """When the last one goes, nobody has yet said that there is none: the person has to be asked again."""
    patient = await ctx.get(Patient, patient_id, lock=True)
    allergy = next((allergy for allergy in patient.allergies if allergy.id == allergy_id), None)
    if allergy is None:
        raise NotFound(thing="allergy")
    if allergy.struck:
        raise CannotBecome(was=allergy.status, now=status)
    before, allergy.status = standing(allergy), status
    patient.allergy_state = AllergyState.KNOWN if active(patient) else AllergyState.NOT_ASKED
    ctx.emit(PatientChanged(patient.id))
    done = _("The allergy is resolved.") if status is AllergyStatus.RESOLVED else _("The allergy is struck out.")
    tell(ctx, allergy, done, before)
    return allergy


@requires("clinical.read")
async def conditions(ctx: Context, patient_id: UUID) -> list[Condition]:
    """Problems that last, those that are over at the end."""
    await known(ctx, patient_id)
    wanted = Condition.patient_id == patient_id, ~Condition.entered_in_error
    return list(
        await ctx.db.scalars(select(Condition).where(*wanted).order_by(Condition.until.is_not(None), Condition.id))
    )


@requires("clinical.write")
async def add_condition(ctx: Context, patient_id: UUID, draft: ConditionDraft) -> Condition:
    """Record a problem that lasts."""
    patient = await ctx.get(Patient, patient_id)
    refuse_statement(draft.text, draft.code, "text", "condition")
    refuse_day(ctx, patient.born, draft.since, "since", unborn=True)
    refuse_day(ctx, patient.born, draft.until, "until", unborn=True)
    ctx.emit(PatientChanged(patient.id))
    return ctx.add(draft.into(Condition, patient_id=patient.id, recorded_at=ctx.now))


@requires("clinical.write")
async def end_condition(ctx: Context, patient_id: UUID, condition_id: UUID, draft: EndDraft) -> Condition:
    """The problem is over, today or since the day that is given."""
    condition = await of_patient(ctx, Condition, patient_id, condition_id)
    until = draft.until or ctx.today
    if condition.since and until < condition.since:
        raise Invalid("until", _("The end is before the beginning."))
    refuse_day(ctx, await born(ctx, patient_id), until, "until", unborn=True)
    before, condition.until = standing(condition), until
    ctx.emit(PatientChanged(patient_id))
    tell(ctx, condition, _("The condition is ended."), before)
    return condition


@requires("clinical.write")
async def strike_condition(ctx: Context, patient_id: UUID, condition_id: UUID) -> Condition:
    """Entered in error: it was never this person's."""
    condition = await of_patient(ctx, Condition, patient_id, condition_id)
    before, condition.entered_in_error = standing(condition), True
    ctx.emit(PatientChanged(patient_id))
    tell(ctx, condition, _("The condition is struck out."), before)
    return condition


@requires("clinical.read")
async def current_medicines(ctx: Context, patient_id: UUID) -> list[CurrentMedicine]:
    """What the person takes, whoever prescribed it; stopped ones at the end."""
    await known(ctx, patient_id)
    wanted = CurrentMedicine.patient_id == patient_id, ~CurrentMedicine.entered_in_error
    order = CurrentMedicine.until.is_not(None), CurrentMedicine.id
    return list(await ctx.db.scalars(select(CurrentMedicine).where(*wanted).order_by(*order)))


@requires("clinical.write")
async def add_medicine(ctx: Context, patient_id: UUID, draft: CurrentMedicineDraft) -> CurrentMedicine:
    """The person takes this, from today or since the day that is given."""
    patient = await ctx.get(Patient, patient_id)
    refuse_statement(draft.text, draft.code, "text", "medicine")
    refuse_day(ctx, patient.born, draft.since, "since")
    ctx.emit(PatientChanged(patient.id))
    return ctx.add(
        draft.into(CurrentMedicine, patient_id=patient.id, since=draft.since or ctx.today, recorded_at=ctx.now)
    )


@requires("clinical.write")
async def stop_medicine(ctx: Context, patient_id: UUID, medicine_id: UUID, draft: StopDraft) -> CurrentMedicine:
    """The person no longer takes this, and why."""
    medicine = await of_patient(ctx, CurrentMedicine, patient_id, medicine_id)
    until = draft.until or ctx.today
    if medicine.since and until < medicine.since:
        raise Invalid("until", _("It was stopped before it was begun."))
    refuse_day(ctx, await born(ctx, patient_id), until, "until", ahead=True)
    before = standing(medicine)
    medicine.until, medicine.reason_stopped = until, draft.reason
    ctx.emit(PatientChanged(patient_id))
    tell(ctx, medicine, _("The medicine is stopped."), before)
    return medicine


@requires("clinical.write")
async def strike_medicine(ctx: Context, patient_id: UUID, medicine_id: UUID) -> CurrentMedicine:
    """Entered in error: this person never took it."""
    medicine = await of_patient(ctx, CurrentMedicine, patient_id, medicine_id)
    before, medicine.entered_in_error = standing(medicine), True
    ctx.emit(PatientChanged(patient_id))
    tell(ctx, medicine, _("The medicine is struck out."), before)
    return medicine


@requires("clinical.read")
async def immunisations(ctx: Context, patient_id: UUID) -> list[Immunisation]:
    """Vaccines given, the latest first."""
    await known(ctx, patient_id)
    wanted = Immunisation.patient_id == patient_id, Immunisation.status != "entered-in-error"
    order = Immunisation.given_on.desc().nulls_last(), Immunisation.id
    return list(await ctx.db.scalars(select(Immunisation).where(*wanted).order_by(*order)))


@requires("clinical.write")
async def add_immunisation(ctx: Context, patient_id: UUID, draft: ImmunisationDraft) -> Immunisation:
    """A vaccine was given, here or elsewhere."""
    patient = await ctx.get(Patient, patient_id)
    refuse_statement(draft.vaccine, draft.code, "vaccine", "immunisation")
    refuse_day(ctx, patient.born, draft.given_on, "given_on")
    ctx.emit(PatientChanged(patient.id))
    return ctx.add(
        draft.into(Immunisation, patient_id=patient.id, given_on=draft.given_on or ctx.today, recorded_at=ctx.now)
    )


@requires("clinical.write")
async def strike_immunisation(ctx: Context, patient_id: UUID, immunisation_id: UUID) -> Immunisation:
    """Entered in error: it was not given."""
    immunisation = await of_patient(ctx, Immunisation, patient_id, immunisation_id)
    before, immunisation.status = standing(immunisation), "entered-in-error"
    ctx.emit(PatientChanged(patient_id))
    tell(ctx, immunisation, _("The immunisation is struck out."), before)
    return immunisation


async def born(ctx: Context, patient_id: UUID) -> date | None:
    """The first day on which the person can have been born."""
    return await ctx.db.scalar(select(Patient.born).where(Patient.id == patient_id))


def refuse_day(
    ctx: Context, born: date | None, day: date | None, field: str, *, ahead: bool = False, unborn: bool = False
) -> None:
    if fault := day_fault(day, born, ctx.today, ahead=ahead, unborn=unborn):
        raise Invalid(field, fault)


def refuse_statement(text: str, code: str, field: str, thing: str) -> None:
    """That there is none, or that nothing is known, is no entry in a list of what there is."""
    if says_none(text) or code in CODES:
        raise Invalid(field, _(NONE[thing], text=text))
    if says_unknown(text):
        raise Invalid(field, _("“%(text)s” names nothing. Write what it is, or leave it out.", text=text))
