"""Measurements: checked, converted, flagged."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import bindparam, select

from galen.core.context import Context
from galen.core.errors import Invalid, NotFound
from galen.core.fast.prepared_query import PreparedQuery
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.i18n import label
from galen.patients import Patient, Sex

from ..creatinine import in_micromoles
from ..events import VisitChanged
from ..models import Kept, Visit, VisitStatus, Vitals
from ..rules import SCALES, Flag, Measure, bmi, egfr, flag, implausible, implausible_pair, into_own_unit
from ..schemas import VitalsDraft
from .visits import VisitOver

LAST_HEIGHT = (  # adults are not measured at every visit
    select(Vitals.height)
    .where(Vitals.patient_id == Visit.patient_id, Vitals.height.is_not(None), Vitals.status == Kept.RECORDED)
    .order_by(Vitals.taken_at.desc())
    .limit(1)
    .scalar_subquery()
)
MEASURED = PreparedQuery(
    select(Visit.patient_id, Visit.status, Patient.born, Patient.sex, LAST_HEIGHT)
    .join(Patient, Patient.id == Visit.patient_id)
    .where(Visit.id == bindparam("visit_id"))
)


@requires("visit.write")
async def record_vitals(ctx: Context, visit_id: UUID, draft: VitalsDraft) -> Vitals:
    """Keep measurements of a visit in their own units, with what is out of the ordinary at that age."""
    kept = measured(draft)
    row = await MEASURED.one(ctx, visit_id=visit_id)
    if row is None:
        raise NotFound(thing="visit")
    patient_id, status, born, sex, height = row
    if status is not VisitStatus.OPEN:
        raise VisitOver(status=label(status))
    vitals = Vitals(patient_id=patient_id, visit_id=visit_id, taken_at=ctx.now, by_name=ctx.actor.name, **kept)
    vitals.flags = flags_of(kept, born, ctx.today)
    vitals.bmi, vitals.egfr = derived(kept, height, born, sex, ctx.today)
    ctx.add(vitals)
    ctx.emit(VisitChanged(visit_id, patient_id))
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
            kept["creatinine"] = in_micromoles(draft.creatinine, draft.creatinine_unit)
        except ValueError as error:
            raise Invalid("creatinine", str(error)) from None
    if not kept:
        raise Invalid("heart_rate", _("Please write down at least one measurement."))
    return kept


def unit_of(measure: Measure, draft: VitalsDraft) -> str:
    """The unit a value was read in."""
    name = "pressure" if measure in (Measure.SYSTOLIC, Measure.DIASTOLIC) else measure.value
    return str(getattr(draft, f"{name}_unit", SCALES[measure].unit))


def flags_of(kept: dict[str, Decimal], born: date | None, today: date) -> dict[str, str]:
    """What is not normal at this age; nothing is judged when the date of birth is not known."""
    if born is None:
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
    if "creatinine" in kept and born and sex in (Sex.FEMALE, Sex.MALE):
        years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        filtration = egfr(kept["creatinine"], years, sex is Sex.FEMALE) if years >= 18 else None
    return index, filtration


@requires("visit.write")
async def strike_vitals(ctx: Context, vitals_id: UUID) -> Vitals:
    """Mark measurements as entered in error: they stay readable and count no more."""
    vitals = await ctx.get(Vitals, vitals_id, lock=True)
    vitals.status = Kept.ENTERED_IN_ERROR
    if vitals.visit_id:
        ctx.emit(VisitChanged(vitals.visit_id, vitals.patient_id))
    return vitals
