"""Measurements: checked, converted, flagged; what is hard to believe is asked about."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import DateTime, bindparam, select

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, NotFound
from galen.core.fast.prepared_query import PreparedQuery
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.i18n import label
from galen.patients import Patient, Sex

from ..creatinine import in_micromoles
from ..doubts import CHANGES, CREATININE, Doubt
from ..events import VisitChanged
from ..models import Kept, Visit, VisitStatus, Vitals
from ..rules import SCALES, Flag, Measure, bmi, egfr, flag, implausible, implausible_pair, into_own_unit
from ..schemas import ConfirmationDraft, ReadingsDraft, VitalsDraft
from .lasting import doubted, last_of, read_last
from .visits import VisitOver

NOW = bindparam("now", type_=DateTime(timezone=True))
OF_PATIENT = PreparedQuery(
    select(Patient.id, Patient.born, Patient.sex, *(last_of(measure, Patient.id, NOW) for measure in CHANGES)).where(
        Patient.id == bindparam("patient_id")
    )
)
OF_VISIT = PreparedQuery(
    select(
        Visit.patient_id, Patient.born, Patient.sex, *(last_of(measure, Visit.patient_id, NOW) for measure in CHANGES),
        Visit.status,
    )
    .join(Patient, Patient.id == Visit.patient_id)
    .where(Visit.id == bindparam("visit_id"))
)  # fmt: skip


class InDoubt(Invalid):
    """Hard to believe: the person looks again, and either corrects it or confirms exactly this value."""


class NothingInDoubt(Conflict):
    message = "Nothing of these measurements is in doubt."


@requires("visit.write")
async def record_vitals(ctx: Context, visit_id: UUID, draft: VitalsDraft) -> Vitals:
    """Keep measurements of a visit in their own units, with what is out of the ordinary at that age."""
    kept = measured(draft)
    row = await OF_VISIT.one(ctx, visit_id=visit_id, now=ctx.now)
    if row is None:
        raise NotFound(thing="visit")
    *about, status = row
    if status is not VisitStatus.OPEN:
        raise VisitOver(status=label(status))
    vitals = written(ctx, draft, kept, about)
    vitals.visit_id = visit_id
    ctx.emit(VisitChanged(visit_id, vitals.patient_id))
    return vitals


def written(ctx: Context, draft: VitalsDraft, kept: dict[str, Decimal], about: list[Any]) -> Vitals:
    """One set of a patient: refused while something of it is hard to believe and nobody has confirmed it."""
    patient_id, born, sex, *lasts = about
    last = read_last(ctx, lasts)
    found = doubted(kept, born, sex, ctx.today, last)
    refuse_unconfirmed(draft, found)
    vitals = Vitals(patient_id=patient_id, taken_at=ctx.now, by_name=ctx.actor.name, **kept)
    vitals.flags = flags_of(kept, born, ctx.today)
    vitals.doubts = {doubt.measure: doubt.kept() for doubt in found}
    if found:
        confirmed(ctx, vitals, draft.because)
    vitals.bmi, vitals.egfr = derived(kept, last["height"][0] if "height" in last else None, born, sex, ctx.today)
    return ctx.add(vitals)


def refuse_unconfirmed(draft: VitalsDraft, found: list[Doubt]) -> None:
    """Stop and ask: which value, what would be usual, what to do."""
    open_doubts = [doubt for doubt in found if draft.confirmed.get(doubt.measure) not in sent(draft, doubt)]
    if open_doubts:
        to_do = _("Look at the unit and measure again. If it is right, confirm this value, and say how you know.")
        raise InDoubt(open_doubts[0].measure, " ".join([*(doubt.sentence for doubt in open_doubts), to_do]))
    if found and len(draft.because) < 3:
        raise Invalid("because", _("Please write how you know that it is right, such as “measured again”."))


def sent(draft: VitalsDraft, doubt: Doubt) -> tuple[Decimal, Decimal]:
    """The value in its own unit, and as it was sent: either names it."""
    return doubt.value, getattr(draft, doubt.measure)


def confirmed(ctx: Context, vitals: Vitals, because: str) -> None:
    """Who says that it is right, when and why."""
    vitals.confirmed_at, vitals.confirmed_by, vitals.confirmed_because = ctx.now, ctx.actor.name, because


@requires("visit.write")
async def doubts_in(ctx: Context, patient_id: UUID, draft: ReadingsDraft) -> list[Doubt]:
    """What of the values typed so far is hard to believe; what is not understood yet waits for the whole form."""
    row = await OF_PATIENT.one(ctx, patient_id=patient_id, now=ctx.now)
    if row is None:
        raise NotFound(thing="patient")
    try:
        kept = measured(VitalsDraft.model_validate(draft.model_dump(exclude_defaults=True)))
    except (Invalid, ValidationError):
        return []
    _patient, born, sex, *lasts = row
    return doubted(kept, born, sex, ctx.today, read_last(ctx, lasts))


@requires("visit.write")
async def confirm_vitals(ctx: Context, vitals_id: UUID, draft: ConfirmationDraft) -> Vitals:
    """Say that what is in doubt is right: from now on doses are reckoned with it."""
    vitals = await ctx.get(Vitals, vitals_id, lock=True)
    if not vitals.doubts or vitals.confirmed_at or vitals.status is not Kept.RECORDED:
        raise NothingInDoubt
    confirmed(ctx, vitals, draft.because)
    ctx.emit(VisitChanged(vitals.visit_id, vitals.patient_id))
    return vitals


def measured(draft: VitalsDraft) -> dict[str, Decimal]:
    """What was measured, in each measure's own unit; a slip of the finger is refused beside its field."""
    kept: dict[str, Decimal] = {}
    for measure in Measure:
        if (value := getattr(draft, measure)) is None:
            continue
        try:
            own = into_own_unit(measure, value, unit_of(measure, draft))
        except ValueError as error:
            raise Invalid(measure, str(error)) from None
        if fault := implausible(measure, own):
            raise Invalid(measure, fault)
        kept[measure.value] = own
    if ("systolic" in kept) != ("diastolic" in kept):
        if "systolic" in kept:
            raise Invalid("diastolic", _("Please write the diastolic pressure too, or neither."))
        raise Invalid("systolic", _("Please write the systolic pressure too, or neither."))
    if "systolic" in kept and (fault := implausible_pair(kept["systolic"], kept["diastolic"])):
        raise Invalid("diastolic", fault)
    if draft.creatinine is not None:
        try:
            kept[CREATININE] = in_micromoles(draft.creatinine, draft.creatinine_unit)
        except ValueError as error:
            raise Invalid(CREATININE, str(error)) from None
    if not kept:
        raise Invalid("heart_rate", _("Please write down at least one measurement."))
    return kept


def unit_of(measure: Measure, draft: VitalsDraft) -> str:
    """The unit a value was read in."""
    name = "pressure" if measure in (Measure.SYSTOLIC, Measure.DIASTOLIC) else measure.value
    return str(getattr(draft, f"{name}_unit", SCALES[measure].unit))


def flags_of(kept: dict[str, Decimal], born: date | None, today: date) -> dict[str, str]:
    """What is not normal at this age; nothing is judged when the date of birth is not known."""
    if born is None or born > today:
        return {}
    judged = {measure.value: flag(measure, kept[measure.value], born, today) for measure in Measure if measure in kept}
    return {name: judgement.value for name, judgement in judged.items() if judgement is not Flag.NORMAL}


def derived(
    kept: dict[str, Decimal], height: Decimal | None, born: date | None, sex: Sex, today: date
) -> tuple[Decimal | None, Decimal | None]:
    """BMI from this weight and the last height; estimated filtration for an adult of known sex."""
    height, index, filtration = kept.get("height", height), None, None
    if "weight" in kept and height:
        index = bmi(kept["weight"], height)
    if CREATININE in kept and born and sex in (Sex.FEMALE, Sex.MALE):
        years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        filtration = egfr(kept[CREATININE], years, sex is Sex.FEMALE) if years >= 18 else None
    return index, filtration


@requires("visit.write")
async def strike_vitals(ctx: Context, vitals_id: UUID) -> Vitals:
    """Mark measurements as entered in error: they stay readable and count no more."""
    vitals = await ctx.get(Vitals, vitals_id, lock=True)
    strike(ctx, vitals)
    ctx.emit(VisitChanged(vitals.visit_id, vitals.patient_id))
    return vitals


def strike(ctx: Context, vitals: Vitals) -> None:
    """It counts no more; who said so, and when, stands beside it."""
    vitals.status, vitals.struck_at, vitals.struck_by = Kept.ENTERED_IN_ERROR, ctx.now, ctx.actor.name
