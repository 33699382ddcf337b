"""Signing and cancelling."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from galen import identity, medicines, safety, scheduling
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.medicines import Product
from galen.patients import Patient

from ..events import PrescriptionCancelled, PrescriptionSigned
from ..legal import IDENTITIES, Law, law_of, line_fault, prescriber_fault, valid_until
from ..models import Prescription, PrescriptionStatus
from ..questions import OpenQuestion, asked, unanswered
from ..reading import impossible
from ..schemas import PrescriptionCancelDraft, SignatureDraft
from ..signature import seal
from .drafting import checked, labels, overrides_of, own_draft


class AnswerNeeded(Conflict):
    message = "Before signing, {number} needs an answer: {effect}"


class NotReady(Conflict):
    message = "{fault}"


class SuppliedAlready(Conflict):
    message = "Some of this prescription was supplied already. Ask the pharmacy to take it back first."


@requires("prescription.sign")
async def sign(ctx: Context, prescription_id: UUID, draft: SignatureDraft) -> Prescription:
    """Sign one's own draft with the password, once more (21 CFR 11.200): sealed, and on its way to the pharmacy."""
    identity.refuse_doubtful_time()
    rx = await own_draft(ctx, prescription_id)
    await identity.confirm_password(ctx, draft.password.get_secret_value())
    known = await medicines.products(ctx, [line.product_id for line in rx.lines])
    prescriber = await ctx.get(scheduling.Practitioner, rx.practitioner_id)
    laws = refuse_unlawful(ctx, rx, prescriber)
    refuse_impossible(rx, known)
    rx.report = await checked(ctx, rx, known)
    names = labels(rx, known)
    rx.overrides = overrides_of(ctx, rx.report, names, draft.overrides, kept=rx.overrides)
    refuse_unanswered(unanswered(asked(rx.report, names), [override.key for override in rx.overrides]))
    answers = safety.answered((override.key, override.reason.value, override.comment) for override in rx.overrides)
    await safety.remember(ctx, rx.patient_id, rx.report, answers, safety.Place.PRESCRIBING)
    rx.for_whom = await shown(ctx, rx.patient_id, any(law.address for law in laws))
    rx.by_whom = {"name": prescriber.name} | numbers_of(prescriber, ctx.organization.country)
    rx.knowledge, rx.valid_until = rx.report.version, valid_until(laws, ctx.today)
    rx.signer_id, rx.signer_name, rx.signed_at, rx.meaning = ctx.actor.id, ctx.actor.name, ctx.now, draft.meaning
    rx.status = PrescriptionStatus.SIGNED
    seal(rx, ctx.organization.slug)
    ctx.emit(PrescriptionSigned(rx.id, rx.patient_id))
    return rx


def refuse_unlawful(ctx: Context, rx: Prescription, prescriber: scheduling.Practitioner) -> list[Law]:
    """The law is asked again at signing: days may have passed since the draft."""
    country = ctx.organization.country
    laws = [law_of(country, line.schedule) for line in rx.lines]
    for line, law in zip(rx.lines, laws, strict=True):
        if fault := line_fault(law, line.drug, line.repeats, line.interval_days):
            raise NotReady(fault=fault[1])
    if fault_of_prescriber := prescriber_fault(country, numbers_of(prescriber, country), laws):
        raise NotReady(fault=fault_of_prescriber)
    if rx.not_before and rx.not_before > valid_until(laws, ctx.today):
        raise NotReady(fault=_("On the first day of supply it would no longer be valid. Choose an earlier day."))
    return laws


def refuse_impossible(rx: Prescription, known: Mapping[UUID, Product]) -> None:
    """What stands in the draft is read again: it may have been written when more was let through."""
    for line in rx.lines:
        if fault := impossible(line.directions, known[line.product_id]):
            raise NotReady(fault=_("%(drug)s: %(fault)s", drug=line.drug, fault=fault))


def refuse_unanswered(open_questions: Sequence[OpenQuestion]) -> None:
    if open_questions:
        first = open_questions[0]
        number = ngettext("one warning", "%(num)s warnings", len(open_questions))
        raise AnswerNeeded(number=number, effect=first.effect, key=first.key)


def numbers_of(prescriber: scheduling.Practitioner, country: str) -> dict[str, str]:
    """The identifiers that stand on a prescription of this country."""
    return {identity.field: str(getattr(prescriber, identity.field)) for identity in IDENTITIES[country]}


async def shown(ctx: Context, patient_id: UUID, address_needed: bool) -> dict[str, str]:
    """Who the patient is on the day of signing: what stands on the paper, whatever changes later."""
    patient = await ctx.get(Patient, patient_id)
    place = " ".join(filter(None, (patient.suburb, patient.state, patient.postcode)))
    address = ", ".join(filter(None, (patient.street, place)))
    if address_needed and not address:
        raise NotReady(fault=_("A controlled medicine needs the patient's address. Add it to the record; then sign."))
    born = str(patient.birth) if patient.birth else ""
    return {"name": patient.name, "born": born, "number": patient.number, "address": address, "sex": patient.sex.value}


@requires("prescription.sign")
async def cancel(ctx: Context, prescription_id: UUID, draft: PrescriptionCancelDraft) -> Prescription:
    """Withdraw one's own prescription, and say why. What was supplied already must come back first."""
    rx = await ctx.get(Prescription, prescription_id, lock=True)
    if rx.prescriber_id != ctx.actor.id:
        raise Forbidden(permission="prescription.sign")
    if rx.status in (PrescriptionStatus.DISPENSED, PrescriptionStatus.PARTLY_DISPENSED):
        raise SuppliedAlready
    rx.status = PrescriptionStatus.CANCELLED
    rx.cancelled_at, rx.cancelled_by, rx.cancelled_because = ctx.now, ctx.actor.name, draft.reason
    ctx.emit(PrescriptionCancelled(rx.id, rx.patient_id))
    return rx
