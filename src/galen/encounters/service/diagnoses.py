"""Diagnoses by code."""

from uuid import UUID

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import View
from galen.core.undo import UndoDraft, opened, sealed
from galen.i18n import gettext as _
from galen.patients import Condition

from ..events import VisitChanged
from ..icd import code_named
from ..models import Diagnosis, Kept
from ..schemas import DiagnosisDraft
from .visits import still_open


class Made(View):
    """A diagnosis that was just added."""

    code: str


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
        ctx.flash(_("Added, also to the conditions: %(title)s.", title=icd.title))
    else:
        undo = "encounters.undo_diagnosis", sealed(ctx, diagnosis, Made(code=icd.code))
        ctx.flash(_("Added: %(title)s.", title=icd.title), *undo, diagnosis_id=diagnosis.id)
    ctx.emit(VisitChanged(visit.id, visit.patient_id))
    return diagnosis


@requires("visit.write")
async def undo_diagnosis(ctx: Context, diagnosis_id: UUID, draft: UndoDraft) -> Diagnosis:
    """Take back the diagnosis that one has just added: it stays readable as entered in error."""
    diagnosis = await ctx.get(Diagnosis, diagnosis_id, lock=True)
    opened(ctx, diagnosis, Made, draft)
    ctx.flash(_("Undone: %(title)s is marked as entered in error.", title=diagnosis.title))
    return struck(ctx, diagnosis)


@requires("visit.write")
async def strike_diagnosis(ctx: Context, diagnosis_id: UUID) -> Diagnosis:
    """Mark a diagnosis as entered in error: it stays readable."""
    return struck(ctx, await ctx.get(Diagnosis, diagnosis_id, lock=True))


def struck(ctx: Context, diagnosis: Diagnosis) -> Diagnosis:
    diagnosis.status, diagnosis.struck_at, diagnosis.struck_by = Kept.ENTERED_IN_ERROR, ctx.now, ctx.actor.name
    ctx.emit(VisitChanged(diagnosis.visit_id, diagnosis.patient_id))
    return diagnosis
