"""The pages on which something about a patient is written down: who it is about, and what stands there now."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.record import Record

from ..models import Coverage, CurrentMedicine, Patient
from ..schemas import CHANNELS, BannerView
from .chart import banner
from .clinical import of_patient
from .identifiers import OF_PATIENTS, identifiers


@dataclass
class Sheet:
    """A form about a patient; `record` is what it changes, `kinds` the identifiers of this country."""

    banner: BannerView
    kinds: dict[str, str]
    channels: dict[str, str]
    record: Record | None = None
    masked: dict[str, str] | None = None


async def sheet(ctx: Context, patient_id: UUID, record: Record | None = None) -> Sheet:
    channels = {str(key): word for key, word in CHANNELS.items()}
    return Sheet(await banner(ctx, patient_id), OF_PATIENTS.get(ctx.organization.country, {}), channels, record)


@requires("clinical.write")
async def clinical_form(ctx: Context, patient_id: UUID) -> Sheet:
    """An empty form for what must be known before treating."""
    return await sheet(ctx, patient_id)


@requires("clinical.write")
async def stop_form(ctx: Context, patient_id: UUID, medicine_id: UUID) -> Sheet:
    """Why and when the person stopped a medicine."""
    return await sheet(ctx, patient_id, await of_patient(ctx, CurrentMedicine, patient_id, medicine_id, lock=False))


@requires("patient.write")
async def record_form(ctx: Context, patient_id: UUID) -> Sheet:
    """An empty form for the record."""
    return await sheet(ctx, patient_id)


@requires("patient.write")
async def coverage_form(ctx: Context, patient_id: UUID, coverage_id: UUID) -> Sheet:
    """A coverage as it stands."""
    return await sheet(ctx, patient_id, await of_patient(ctx, Coverage, patient_id, coverage_id, lock=False))


@requires("patient.write")
async def edit_form(ctx: Context, patient_id: UUID) -> Sheet:
    """What is known of a person, to be changed."""
    shown = await sheet(ctx, patient_id, await ctx.get(Patient, patient_id))
    shown.masked = {n.kind: n.masked for n in await identifiers(ctx, patient_id)}
    return shown
