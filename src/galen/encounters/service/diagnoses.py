"""Diagnoses by code."""

from uuid import UUID

from galen.core.context import Context
from galen.core.gate import requires
from galen.patients import Condition

from ..events import VisitChanged
from ..icd import code_named
from ..models import Diagnosis, Kept
from ..schemas import DiagnosisDraft
from .visits import still_open


@requires("visit.write")
async def diagnose(ctx: Context, visit_id: UUID, draft: DiagnosisDraft) -> Diagnosis:
    """Add a diagnosis to an open visit; a lasting one joins the patient's conditions."""
    visit = await still_open(ctx, visit_id)
    icd = await code_named(ctx, draft.code)
    diagnosis = Diagnosis(
        patient_id=visit.patient_id,
        visit_id=visit.id,
        code=icd.code,
        title=icd.title,
        remark=draft.remark,
        noted_at=ctx.now,
        by_name=ctx.actor.name,
    )
    ctx.add(diagnosis)
    if draft.lasting:
        system = "http://hl7.org/fhir/sid/icd-10-cm"
        ctx.add(Condition(patient_id=visit.patient_id, code=icd.code, system=system, text=icd.title, since=ctx.today))
    ctx.emit(VisitChanged(visit.id, visit.patient_id))
    return diagnosis


@requires("visit.write")
async def strike_diagnosis(ctx: Context, diagnosis_id: UUID) -> Diagnosis:
    """Mark a diagnosis as entered in error: it stays readable."""
    diagnosis = await ctx.get(Diagnosis, diagnosis_id, lock=True)
    diagnosis.status, diagnosis.struck_at, diagnosis.struck_by = Kept.ENTERED_IN_ERROR, ctx.now, ctx.actor.name
    ctx.emit(VisitChanged(diagnosis.visit_id, diagnosis.patient_id))
    return diagnosis
