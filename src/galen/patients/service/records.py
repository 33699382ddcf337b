"""Registering people, changing what is known of them, archiving and restoring."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, NotFound, Refusal
from galen.core.gate import requires
from galen.core.numbers import next_of
from galen.core.visibility import bypass_visibility
from galen.i18n import formats
from galen.i18n import gettext as _
from galen.organizations import country_of
from galen.values.search_key import search_key

from ..days import EARLIEST
from ..events import PatientChanged, PatientRegistered
from ..keys import found_by, sound, words_of
from ..models import Patient
from ..resemblance import Likely, Likeness, likeness
from ..rules import Birth, e164
from ..schemas import AlikeView, Glance, PatientChange, PatientDraft, PatientEdit
from .identifiers import put_identifier

ASK = 75  # a name that sounds alike and the same date of birth, or more: somebody has to look
NUMBERS = ("medicare", "ihi")
APART = {"anyway", "version", "born", *NUMBERS}


class LikelyDuplicate(Conflict):
    message = (
        "{name} (record {number}) looks like the same person. Open that record, or confirm that this is another person."
    )


class ChangedMeanwhile(Refusal):
    status = 412
    message = "{who} changed this record at {at}, after you had opened it. Reload the page and make your change again."


@requires("patient.write")
async def register(ctx: Context, draft: PatientDraft) -> Patient:
    """Register a person. One who looks like somebody known is refused until that was looked at (`anyway`)."""
    patient = Patient(registered_at=ctx.now)
    write_down(ctx, patient, draft.model_dump(exclude=APART), draft.born or "")
    if not draft.anyway:
        for known, like in await resembling(ctx, patient):
            if like.score >= ASK:
                raise LikelyDuplicate(name=known.name, number=known.number)
    patient.number = f"P{await next_of(ctx, 'patient_number'):06}"
    be_found(patient)
    ctx.add(patient)
    await keep_numbers(ctx, patient, draft)
    ctx.emit(PatientRegistered(patient.id))
    return patient


def write_down(ctx: Context, patient: Patient, fields: dict[str, Any], born: str | None) -> None:
    """Put what was said into the record, with the keys it is found by; `born` is None when nothing was said of it."""
    for name, value in fields.items():
        setattr(patient, name, value)
    if born is not None:
        write_birth(ctx, patient, born)
    if patient.deceased_on and not (patient.born or EARLIEST) <= patient.deceased_on <= ctx.today:
        raise Invalid("deceased_on", _("The date of death must lie between the date of birth and today."))
    patient.phone_e164 = e164(patient.phone, country_of(ctx.organization.country).code) if patient.phone else None
    be_found(patient)


def be_found(patient: Patient) -> None:
    """The keys that a person is found by, made anew from what is written down."""
    given = patient.given or ""
    patient.given_search = search_key(given)
    patient.search = f"{search_key(patient.family)} {patient.given_search}".strip()
    names = patient.family, given, patient.preferred or "", patient.former or ""
    patient.words, patient.pieces = found_by(
        names, (patient.phone_e164 or "", patient.phone or "", patient.number or "")
    )


def write_birth(ctx: Context, patient: Patient, born: str) -> None:
    if not born:
        patient.born, patient.born_known = None, "day"
        return
    birth = Birth.parse(born)
    if birth.earliest > ctx.today:
        raise Invalid("born", _("The date of birth is in the future. Write the year with four digits."))
    patient.born = birth.earliest
    patient.born_known = "day" if birth.exact else "month" if birth.month else "year"


async def keep_numbers(ctx: Context, patient: Patient, draft: PatientDraft | PatientChange) -> None:
    for kind in NUMBERS:
        if value := getattr(draft, kind):
            await put_identifier(ctx, patient, kind, value)


def likeness_of(ctx: Context, draft: PatientDraft) -> Patient:
    """A person as a draft tells of them, on no record, to be held against those who are known."""
    patient = Patient()
    write_down(ctx, patient, draft.model_dump(exclude=APART), draft.born or "")
    return patient


def likely(patient: Patient) -> Likely:
    phones = frozenset({patient.phone_e164} if patient.phone_e164 else ())
    others = patient.preferred or "", patient.former or ""
    return Likely(patient.given or "", patient.family, patient.birth, phones, others)


async def resembling(ctx: Context, patient: Patient) -> list[tuple[Patient, Likeness]]:
    """Known people whose names sound the same, or share birth and part of a name, or the telephone; likest first."""
    own = [f"~{sound(name)}" for name in (patient.family, patient.given or "") if search_key(name)]
    known_by = func.string_to_array(Patient.pieces, literal_column("' '"), type_=ARRAY(Text))
    hints = [known_by.contains(own)]
    if patient.born:
        names = patient.family, patient.given or "", patient.preferred or "", patient.former or ""
        shared = [f"~{sound(word)}" for word in words_of(*names)]
        hints.append(and_(Patient.born == patient.born, known_by.overlap(shared)))
    if patient.phone_e164:
        hints.append(Patient.phone_e164 == patient.phone_e164)
    query = select(Patient).where(or_(*hints), Patient.archived_at.is_(None), Patient.id != patient.id)
    if patient.born:
        query = query.order_by((Patient.born == patient.born).desc().nulls_last())
    known = await ctx.db.scalars(query.limit(50))
    pairs = [(person, likeness(likely(person), likely(patient))) for person in known]
    return sorted(pairs, key=lambda pair: -pair[1].score)


@requires("patient.write")
async def alike(ctx: Context, draft: Glance) -> list[AlikeView]:
    """Who may be meant already, while somebody is being registered."""
    if not search_key(draft.family):
        return []
    typed = Patient(family=draft.family, given=draft.given, former=draft.former, phone=draft.phone)
    try:
        write_down(ctx, typed, {}, draft.born)
    except (ValueError, Invalid):
        write_down(ctx, typed, {}, "")
    return [
        AlikeView(
            id=known.id,
            number=known.number,
            name=known.name,
            born=str(known.birth or ""),
            phone=known.phone,
            score=like.score,
            probable=like.score >= ASK,
            reasons=like.reasons,
        )
        for known, like in await resembling(ctx, typed)
        if like.possible
    ][:5]


@requires("patient.read")
async def open_patient(ctx: Context, patient_id: UUID) -> Patient:
    """Open one patient's record. Each opening is kept in the audit log."""
    return await ctx.get(Patient, patient_id)


@requires("patient.write")
async def edit_patient(ctx: Context, patient_id: UUID, draft: PatientEdit) -> Patient:
    """The whole form as it shall stand; fields left empty are emptied, identifiers left empty stay."""
    patient = await locked(ctx, patient_id, draft.version)
    fields = draft.model_dump(exclude=APART)
    fields["contact"] = {**patient.contact, **fields["contact"]}
    return await changed(ctx, patient, draft, fields, draft.born or "")


@requires("patient.write")
async def change_patient(ctx: Context, patient_id: UUID, draft: PatientChange) -> Patient:
    """Change what is said, and nothing else."""
    patient = await locked(ctx, patient_id, draft.version)
    fields = {k: v for k, v in draft.model_dump(exclude=APART, exclude_unset=True).items() if emptied(k, v)}
    if "contact" in fields:
        fields["contact"] = {**patient.contact, **fields["contact"]}
    return await changed(ctx, patient, draft, fields, draft.born or "" if "born" in draft.model_fields_set else None)


def emptied(name: str, value: Any) -> bool:
    """Nothing is a date that is not known; elsewhere it says nothing."""
    return value is not None or name == "deceased_on"


async def changed(
    ctx: Context, patient: Patient, draft: PatientEdit | PatientChange, fields: dict[str, Any], born: str | None
) -> Patient:
    write_down(ctx, patient, fields, born)
    await keep_numbers(ctx, patient, draft)
    ctx.emit(PatientChanged(patient.id))
    return patient


async def locked(ctx: Context, patient_id: UUID, seen: int | None) -> Patient:
    """Hold the record; one that changed since it was shown is refused with the name of who changed it."""
    seen, ctx.if_match = seen if seen is not None else ctx.if_match, None
    patient = await ctx.get(Patient, patient_id, lock=True)
    if seen is not None and patient.version != seen:
        last = select(AuditEntry.actor_name, AuditEntry.at).where(
            AuditEntry.subject_id == patient_id, AuditEntry.action == "changed"
        )
        newest = bypass_visibility(
            last.order_by(AuditEntry.seq.desc()).limit(1), "whom it hinders learns who changed it"
        )
        change = (await ctx.db.execute(newest)).first()
        who, at = change or (_("Someone else"), ctx.now)
        raise ChangedMeanwhile(who=who, at=formats.clock(at.astimezone(ctx.zone)))
    return patient


@requires("patient.archive")
async def archive(ctx: Context, patient_id: UUID) -> Patient:
    """Take a record out of the lists; nothing of it is lost, and it can come back."""
    patient = await ctx.get(Patient, patient_id, lock=True)
    patient.archived_at = patient.archived_at or ctx.now
    ctx.emit(PatientChanged(patient.id))
    return patient


@requires("patient.archive")
async def restore(ctx: Context, patient_id: UUID) -> Patient:
    """Bring an archived record back into the lists."""
    patient = await ctx.get(Patient, patient_id, lock=True)
    patient.archived_at = None
    ctx.emit(PatientChanged(patient.id))
    return patient


async def patient_of_actor(ctx: Context) -> Patient:
    """The record of the patient who is acting."""
    if ctx.actor.patient_id is None:
        raise NotFound(thing="patient record of yours")
    return await ctx.get(Patient, ctx.actor.patient_id)
