"""Numbers given by others: encrypted where they lie, found by their exact value, read one at a time (PAT-5)."""

import contextvars
import re
from itertools import count
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.crypto import blind_index, decrypt, encrypt
from galen.core.errors import Conflict, Invalid, NotFound
from galen.core.gate import requires

from ..events import PatientChanged
from ..models import Identifier, Patient
from ..rules import FAULTS, bare, identifier_fault
from ..schemas import IdentifierDraft, ShownIdentifier
from .clinical import known

OF_PATIENTS = {
    "AU": {"medicare": "Medicare", "ihi": "IHI", "dva": "DVA", "crn": "Centrelink"},
    "US": {"ssn": "Social Security", "mbi": "Medicare (MBI)"},
}
ONE_PERSON = {"ihi", "ssn", "mbi"}  # a Medicare card is a family's


class SomeoneElses(Conflict):
    message = "Record {number} has this {kind} already. If it is the same person, open that record."


def sealed_for(ctx: Context, identifier_id: UUID) -> str:
    """Where a value may be read: this organisation, table, column and row, and nowhere else."""
    return f"{ctx.organization.slug}.identifier.sealed.{identifier_id}"


def one_of(kind: str) -> str:
    """The kind of `mrn-2`, a second one of it: `mrn`."""
    return re.sub(r"-\d+$", "", kind)


def mark(ctx: Context, kind: str, value: str, system: str = "") -> bytes:
    """The blind index. A Medicare card is found with or without the person's line on it.

    Kinds that one authority gives out are one series; of others, such as `mrn`, each issuer (`system`) has a series.
    """
    kind = one_of(kind)
    number, series = bare(value), system if system and kind not in FAULTS else kind
    return blind_index(number[:10] if kind == "medicare" else number, f"{ctx.organization.slug} identifier {series}")


async def holders(ctx: Context, kind: str, value: str, system: str) -> list[UUID]:
    """Whose record has this very number: of the same issuer, and the same value. None where the issuer is not known.

    A number of one sign alone, such as 000000000, stands for none.
    """
    if (not system and one_of(kind) not in FAULTS) or len(set(bare(value))) < 2:
        return []
    theirs = select(Identifier.patient_id).where(Identifier.mark == mark(ctx, kind, value, system))
    return list(await ctx.db.scalars(theirs.distinct()))


def last_of(value: str) -> str:
    return bare(value)[-4:]


def marks_of(ctx: Context, asked: str) -> tuple[list[bytes], list[str]]:
    """What an identifier typed into the search box may be: its blind indexes, and the endings that fit it."""
    kinds = [k for k in OF_PATIENTS.get(ctx.organization.country, {}) if FAULTS[k](asked) is None]
    ends = [last_of(asked)]
    if "medicare" in kinds and len(bare(asked)) == 10:
        ends += [bare(asked)[-3:] + line for line in "123456789"]
    return [mark(ctx, kind, asked) for kind in kinds], ends


async def put_identifier(
    ctx: Context, patient: Patient, kind: str, value: str, *, system: str = "", strict: bool = True
) -> Identifier:
    """Keep a number; a wrong check digit is refused, or (not strict: from elsewhere) kept with the rule it breaks."""
    if strict and (fault := identifier_fault(kind, value)):
        raise Invalid(kind, fault)
    identifier = await ctx.db.scalar(
        select(Identifier).where(Identifier.patient_id == patient.id, Identifier.kind == kind)
    )
    if strict and kind in ONE_PERSON:
        await refuse_someone_elses(ctx, patient, kind, value)
    index = mark(ctx, kind, value, system)
    if identifier is None:
        identifier = ctx.add(Identifier(patient_id=patient.id, kind=kind))
    elif (identifier.mark, identifier.last) == (index, last_of(value)):
        return identifier
    identifier.system = system
    identifier.sealed, identifier.mark = encrypt(bare(value), sealed_for(ctx, identifier.id)), index
    identifier.last, identifier.fault = last_of(value), fault_to_keep(kind, value)
    return identifier


async def keep_number(
    ctx: Context, patient: Patient, kind: str, value: str, system: str, *, instead_of: str = ""
) -> Identifier:
    """A number from elsewhere, beside others of its kind (`mrn-2`); or in the place of what it was there before.

    Of that one perhaps only the end is known.
    """
    mine = {i.kind: i for i in await identifiers(ctx, patient.id)}
    same, ends = mark(ctx, kind, value, system), last_of(instead_of) if instead_of else None
    place = next((name for name, held in mine.items() if held.mark == same), None)
    was = (name for name, held in mine.items() if held.last == ends and one_of(name) == one_of(kind))
    names = (kind if n == 1 else f"{one_of(kind)}-{n}" for n in count(1))
    place = place or next(was, None) or next(name for name in names if name not in mine)
    return await put_identifier(ctx, patient, place, value, system=system, strict=False)


def fault_to_keep(kind: str, value: str) -> str:
    """The rule that a number breaks, in English whatever language this person reads: so it is kept."""
    return contextvars.Context().run(identifier_fault, kind, value) or ""


async def refuse_someone_elses(ctx: Context, patient: Patient, kind: str, value: str) -> None:
    theirs = select(Patient.number).join(Identifier, Identifier.patient_id == Patient.id)
    same = Identifier.mark == mark(ctx, kind, value)
    number = await ctx.db.scalar(theirs.where(Identifier.kind == kind, same, Patient.id != patient.id).limit(1))
    if number:
        raise SomeoneElses(number=number, kind=kind.upper())


@requires("patient.read")
async def identifiers(ctx: Context, patient_id: UUID) -> list[Identifier]:
    """The numbers this person goes by elsewhere; only their last characters are readable."""
    await known(ctx, patient_id)
    query = select(Identifier).where(Identifier.patient_id == patient_id).order_by(Identifier.kind)
    return list(await ctx.db.scalars(query))


@requires("patient.write")
async def add_identifier(ctx: Context, patient_id: UUID, draft: IdentifierDraft) -> Identifier:
    """Write down a number, or another one of the same kind in its place."""
    patient = await ctx.get(Patient, patient_id, lock=True)
    try:
        identifier = await put_identifier(ctx, patient, draft.kind, draft.value)
    except Invalid as wrong:
        raise Invalid("value", str(wrong)) from None
    ctx.emit(PatientChanged(patient.id))
    return identifier


@requires("patient.write")
async def remove_identifier(ctx: Context, patient_id: UUID, identifier_id: UUID) -> Identifier:
    """Take away a number that is not this person's."""
    identifier = await owned(ctx, patient_id, identifier_id)
    await ctx.db.delete(identifier)
    ctx.emit(PatientChanged(patient_id))
    return identifier


@requires("patient.read")
async def reveal(ctx: Context, patient_id: UUID, identifier_id: UUID) -> ShownIdentifier:
    """Read one number in clear. Each reading is kept in the audit log."""
    identifier = await owned(ctx, patient_id, identifier_id, lock=False)
    return ShownIdentifier(kind=identifier.kind, value=decrypt(identifier.sealed, sealed_for(ctx, identifier.id)))


async def owned(ctx: Context, patient_id: UUID, identifier_id: UUID, *, lock: bool = True) -> Identifier:
    identifier = await ctx.get(Identifier, identifier_id, lock=lock)
    if identifier.patient_id != patient_id:
        raise NotFound(thing="identifier")
    return identifier
