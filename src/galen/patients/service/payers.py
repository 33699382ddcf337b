"""Who pays: coverages with their validity and their order (PAT-4)."""

from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.gate import requires

from ..events import PatientChanged
from ..models import Coverage, Patient
from ..schemas import CoverageDraft
from .clinical import known, of_patient


@requires("patient.read")
async def coverages(ctx: Context, patient_id: UUID) -> list[Coverage]:
    """Who pays for this person, in the order they are asked."""
    await known(ctx, patient_id)
    wanted = Coverage.patient_id == patient_id, ~Coverage.ended
    return list(await ctx.db.scalars(select(Coverage).where(*wanted).order_by(Coverage.priority, Coverage.id)))


@requires("patient.write")
async def add_coverage(ctx: Context, patient_id: UUID, draft: CoverageDraft) -> Coverage:
    """Write down who pays: payer, plan, member number, from when to when."""
    patient = await ctx.get(Patient, patient_id)
    ctx.emit(PatientChanged(patient.id))
    return ctx.add(draft.into(Coverage, patient_id=patient.id))


@requires("patient.write")
async def edit_coverage(ctx: Context, patient_id: UUID, coverage_id: UUID, draft: CoverageDraft) -> Coverage:
    """The coverage as it shall stand."""
    coverage = await of_patient(ctx, Coverage, patient_id, coverage_id)
    for name, value in draft:
        setattr(coverage, name, value)
    ctx.emit(PatientChanged(patient_id))
    return coverage


@requires("patient.write")
async def end_coverage(ctx: Context, patient_id: UUID, coverage_id: UUID) -> Coverage:
    """Take a coverage off the record; what it paid stays as it is."""
    coverage = await of_patient(ctx, Coverage, patient_id, coverage_id)
    coverage.ended = True
    ctx.emit(PatientChanged(patient_id))
    return coverage
