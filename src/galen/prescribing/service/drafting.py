"""Writing a prescription: what is typed becomes lines, with the safety check beside them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from galen import medicines, safety, scheduling
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid
from galen.core.gate import requires
from galen.core.numbers import next_number
from galen.encounters import Visit, VisitStatus
from galen.i18n import gettext as _
from galen.i18n import label
from galen.medicines import Product
from galen.patients import Patient
from galen.safety import SafetyReport

from ..directions import structured
from ..events import PrescriptionDrafted
from ..legal import law_of, line_fault
from ..models import Line, Override, Prescription, PrescriptionStatus, Reason
from ..questions import asked
from ..reading import understand
from ..schemas import OverrideDraft, PrescriptionChange, PrescriptionDraft, PrescriptionLineDraft


class OthersPrescription(Forbidden):
    message, audited = "Only {author} may change or sign this prescription.", True


class NoDraft(Conflict):
    message = "This prescription is {status} and stays as it is. Cancel it, or renew it as a new draft."


class VisitEnded(Conflict):
    message = "This visit is over. Prescribe from the patient's page, or start a new visit."


@requires("prescription.write")
async def draft(ctx: Context, draft: PrescriptionDraft) -> Prescription:
    """Write a prescription. It may be changed until it is signed; the check's report stands beside it."""
    prescriber = await scheduling.practitioner_of_actor(ctx)
    await refuse_wrong_visit(ctx, draft)
    rx = Prescription(
        number=f"RX{await next_number(ctx, 'prescription'):06}",
        patient_id=draft.patient_id,
        practitioner_id=prescriber.id,
        prescriber_id=ctx.actor.id,
        site_id=ctx.site.id if ctx.site else None,
        visit_id=draft.visit_id,
        written_at=ctx.now,
        lines=[],
        overrides=[],
    )
    await write_down(ctx, rx, draft)
    ctx.add(rx)
    ctx.emit(PrescriptionDrafted(rx.id, rx.patient_id))
    return rx


@requires("prescription.write")
async def edit(ctx: Context, prescription_id: UUID, draft: PrescriptionChange) -> Prescription:
    """Write one's own draft anew."""
    rx = await own_draft(ctx, prescription_id)
    await write_down(ctx, rx, draft)
    ctx.emit(PrescriptionDrafted(rx.id, rx.patient_id))
    return rx


@requires("prescription.write")
async def renew(ctx: Context, prescription_id: UUID) -> Prescription:
    """The same medicines again, as a new draft that names where it came from; answers to alerts are asked for anew."""
    old = await ctx.get(Prescription, prescription_id)
    again = PrescriptionDraft(
        patient_id=old.patient_id,
        remark=old.remark,
        lines=[
            PrescriptionLineDraft(
                product_id=line.product_id,
                directions=line.typed,
                quantity=line.quantity,
                repeats=line.repeats,
                interval_days=line.interval_days,
                substitution=line.substitution,
                indication=line.indication,
            )
            for line in old.lines
        ],
    )
    rx = await draft(ctx, again)
    rx.origin_id = old.id
    return rx


async def own_draft(ctx: Context, prescription_id: UUID) -> Prescription:
    """A draft that this actor wrote, held until the end of the transaction."""
    rx = await ctx.get(Prescription, prescription_id, lock=True)
    if rx.prescriber_id != ctx.actor.id:
        author = (await ctx.get(scheduling.Practitioner, rx.practitioner_id)).name
        raise OthersPrescription(author=author)
    if rx.status is not PrescriptionStatus.DRAFT:
        raise NoDraft(status=label(rx.status))
    return rx


async def refuse_wrong_visit(ctx: Context, draft: PrescriptionDraft) -> None:
    """Open what was named: the visit, which knows its patient, or else the patient."""
    if draft.visit_id is None:
        await ctx.get(Patient, draft.patient_id)
        return
    visit = await ctx.get(Visit, draft.visit_id)
    if visit.patient_id != draft.patient_id:
        raise Invalid("visit_id", _("This visit belongs to another patient."))
    if visit.status is not VisitStatus.OPEN:
        raise VisitEnded


async def write_down(ctx: Context, rx: Prescription, said: PrescriptionChange) -> None:
    """Lines, answers and remark as they were said; products in one query, the check in two."""
    if said.not_before and said.not_before < ctx.today:
        raise Invalid("not_before", _("A prescription cannot be dated back: choose today or a later day."))
    known = await medicines.products(ctx, [line.product_id for line in said.lines])
    rx.remark, rx.not_before = said.remark, said.not_before
    rx.lines = [line_of(ctx, at, line, known.get(line.product_id)) for at, line in enumerate(said.lines)]
    rx.report = await checked(ctx, rx, known)
    rx.overrides = overrides_of(ctx, rx.report, labels(rx, known), said.overrides)
    interrupting = rx.report.model_copy(update={"alerts": rx.report.interrupting})
    # Shown now; answered at signing, or followed.
    await safety.remember(ctx, rx.patient_id, interrupting, (), safety.Place.PRESCRIBING)


def line_of(ctx: Context, at: int, said: PrescriptionLineDraft, product: Product | None) -> Line:
    """One line: refused where nobody could read it, or the law does not allow it."""
    place = f"lines.{at}"
    if product is None or product.archived_at:
        raise Invalid(f"{place}.product_id", _("Please choose a medicine from the list."))
    country = ctx.organization.country
    read = understand(said.directions, product, country, said.days)
    if read.fault:
        raise Invalid(f"{place}.directions", read.fault)
    repeats = said.repeats if said.repeats is not None else read.directions.repeats or 0
    schedule = product.schedule_us if country == "US" else product.schedule_au
    if fault := line_fault(law_of(country, schedule), product.name, repeats, said.interval_days):
        raise Invalid(f"{place}.{fault[0]}", fault[1])
    return Line(
        position=at + 1,
        product_id=product.id,
        drug=product.name,
        schedule=schedule,
        typed=said.directions,
        directions=read.words,
        dose=structured(read.directions),
        quantity=said.quantity or read.quantity,
        unit=product.unit,
        repeats=repeats,
        interval_days=said.interval_days,
        substitution=said.substitution,
        indication=said.indication,
    )


async def checked(ctx: Context, rx: Prescription, known: dict[UUID, Product]) -> SafetyReport:
    """The safety check of all lines together, against what is known of the patient."""
    chosen = [known[line.product_id] for line in rx.lines]
    directions, doses = [line.directions for line in rx.lines], [line.dose for line in rx.lines]
    place = safety.Place.PRESCRIBING
    return await safety.check(ctx, rx.patient_id, chosen, directions=directions, doses=doses, place=place)


def labels(rx: Prescription, known: dict[UUID, Product]) -> list[str]:
    """The names under which the check speaks of these medicines."""
    return [known[line.product_id].label for line in rx.lines]


def overrides_of(
    ctx: Context,
    report: SafetyReport,
    names: Sequence[str],
    said: Iterable[OverrideDraft],
    kept: Iterable[Override] = (),
) -> list[Override]:
    """The answers that fit a question; one whose question is gone is dropped. What was answered before stays."""
    open_questions = {question.key: question for question in asked(report, names)}
    overrides = {override.key: override for override in kept if override.key in open_questions}
    for at, answer in enumerate(said):
        question = open_questions.get(answer.key)
        if question is None or answer.key in overrides:
            continue
        if question.checked and answer.reason is Reason.ACKNOWLEDGED:
            choose = _("%(effect)s Please choose why it is right to go on.", effect=question.effect)
            raise Invalid("overrides", choose)
        if question.comment_needed and not safety.said_why(answer.comment):
            write = _("%(effect)s Please write in your own words why it is right to go on.", effect=question.effect)
            raise Invalid(f"overrides.{at}.comment", write)
        overrides[answer.key] = Override(
            key=answer.key,
            severity=question.severity,
            effect=question.kept,
            reason=answer.reason,
            comment=answer.comment,
            by_id=ctx.actor.id,
            by_name=ctx.actor.name,
            at=ctx.now,
        )
    return list(overrides.values())
