"""Letting a person see their own record: an account is tied to it by staff who know both."""

from uuid import UUID

from sqlalchemy import select

from galen import identity
from galen.core.context import Context
from galen.core.gate import requires

from ..events import PatientChanged
from ..models import Patient
from ..schemas import AccessDraft


async def access_of(ctx: Context, patient_id: UUID) -> list[identity.Account]:
    """The accounts that see this record."""
    return list(await ctx.db.scalars(select(identity.Account).where(identity.Account.patient_id == patient_id)))


@requires("patient.write")
async def give_access(ctx: Context, patient_id: UUID, draft: AccessDraft) -> identity.Account:
    """Tie a confirmed patient account to this record; check who the person is first."""
    patient = await ctx.get(Patient, patient_id)
    account = await identity.tie_account(ctx, draft.email, patient.id)
    ctx.emit(PatientChanged(patient.id))
    return account


@requires("patient.write")
async def take_access(ctx: Context, patient_id: UUID, account_id: UUID) -> identity.Account:
    """The account no longer sees this record; its sessions end."""
    patient = await ctx.get(Patient, patient_id)
    account = await identity.untie_account(ctx, account_id, patient.id)
    ctx.emit(PatientChanged(patient.id))
    return account
