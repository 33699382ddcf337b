"""The pharmacist's judgement: what decides about a dispensing, and the verification."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from galen import inventory, medicines, patients, safety
from galen.core.context import Context
from galen.core.fast.prepared_query import PreparedQuery
from galen.core.gate import requires
from galen.medicines import Product
from galen.prescribing import Override, Prescription, verify_signature
from galen.safety import Report, Tier
from galen.values.search_key import search_key

from ..events import DispensingMoved
from ..models import OPEN, SUPPLIED, Dispensing, DispensingLine, DispensingPolicy, Status
from ..refusals import Altered, NotAnswered, Stopped
from ..rules import Check, Tone, is_controlled, refill, repeats, stock, validity
from ..schemas import AnswerDraft, Desk, OverrideView, PolicyDraft, QuestionView, VerificationDraft
from .policies import current
from .queue import claimed, let_go


@requires("dispensing.read")
async def desk(ctx: Context, dispensing_id: UUID) -> Desk:
    """One dispensing under the banner of its patient: the prescription, every check anew, every overridden warning."""
    one = await ctx.get(Dispensing, dispensing_id)
    rx = await ctx.get(Prescription, one.prescription_id)
    banner = await patients.banner(ctx, one.patient_id)
    if one.status not in OPEN:
        return Desk(one, rx, banner, [signature(rx)], [], [], None, {})
    known = await medicines.products(ctx, [line.product_id for line in one.lines])
    report, checks = await examined(ctx, one, rx, known)
    there = await inventory.on_hand(ctx, list(known)) if ctx.site else {}
    checks += [
        stock(line.drug, line.unit, line.quantity, there[line.product_id])
        for line in one.lines
        if line.product_id in there
    ]
    shown = [alert for alert in report.alerts if alert.tier is Tier.SHOWS]
    return Desk(one, rx, banner, checks, questions(report, rx, checks), shown, report, there)


async def examined(
    ctx: Context, one: Dispensing, rx: Prescription, known: dict[UUID, Product]
) -> tuple[Report, list[Check]]:
    """A fresh safety check, and everything else that decides whether this may be supplied today."""
    directions = {line.product_id: line.directions for line in one.lines}
    of_line = {line.id: line for line in rx.lines}
    doses = {line.product_id: of_line[line.line_id].dose for line in one.lines}
    report = await safety.check(
        ctx, one.patient_id, list(known.values()), directions=directions, doses=doses, place=safety.Place.DISPENSING
    )
    checks = [signature(rx), validity(ctx.today, rx.status.value, rx.not_before, rx.valid_until)]
    checks.append(repeats(one.supply, max(of_line[line.line_id].repeats for line in one.lines)))
    checks += await refills(ctx, one, rx)
    for line in one.lines:
        if not of_line[line.line_id].substitution:
            checks.append(Check("substitution", Tone.NOTE, f"{line.drug}: no other brand", "The prescriber wrote so."))
    for line in one.lines:
        if line.product_id in known and not known[line.product_id].price:
            free = "It would cost nothing. Write its price on the medicine's page first, unless it is meant to be free."
            checks.append(Check("price", Tone.NOTE, f"{line.drug} has no price", free))
    if one.two_persons:
        checks.append(Check("two-persons", Tone.NOTE, "Two persons", "Whoever verifies it may not prepare it."))
    if not report.failed and not report.allergies_asked:
        checks.append(Check("allergies", Tone.NOTE, "Allergies were not asked", "Ask the patient before handing over."))
    return report, checks


def signature(rx: Prescription) -> Check:
    """Whether the content is, to the letter, what the prescriber signed."""
    if verify_signature(rx):
        return Check("signature", Tone.OK, f"Signed by {rx.signer_name}, unaltered")
    return Check("signature", Tone.STOP, "Altered since it was signed", "Do not dispense it; speak to the prescriber.")


async def refills(ctx: Context, one: Dispensing, rx: Prescription) -> list[Check]:
    """For each medicine that this patient was supplied before, whether it is due again. What was owed is always due."""
    if one.part > 1:
        return []
    last = await last_supplies(ctx, one)
    if not last:
        return []
    rules, of_line = await current(ctx), {line.id: line for line in rx.lines}
    found = []
    for line in one.lines:
        at, days = last.get(line.product_id, (None, None))
        asked = of_line[line.line_id]
        interval = asked.interval_days if one.supply > 1 else None
        share = threshold(rules, asked.schedule)
        if check := refill(str(line.product_id), line.drug, at, days, share, ctx.today, interval):
            found.append(check)
    return found


def threshold(rules: DispensingPolicy, schedule: str) -> Decimal:
    return rules.refill_controlled_at if is_controlled([schedule]) else rules.refill_at


SUPPLIES = PreparedQuery(
    select(DispensingLine.product_id, Dispensing.dispensed_at, DispensingLine.days)
    .join(Dispensing, Dispensing.id == DispensingLine.dispensing_id)
    .where(
        Dispensing.patient_id == bindparam("patient_id"),
        Dispensing.status.in_(SUPPLIED),
        Dispensing.id != bindparam("but"),
        DispensingLine.product_id == any_(bindparam("products", type_=ARRAY(Uuid))),
        DispensingLine.supplied > 0,
    )
    .order_by(Dispensing.dispensed_at)
)


async def last_supplies(ctx: Context, one: Dispensing) -> dict[UUID, tuple[date, int | None]]:
    """When each medicine was last supplied to this patient, on whatever prescription, and how long that lasts."""
    products = [line.product_id for line in one.lines]
    with ctx.flush_later():  # this one, which was claimed just now, is left out anyway
        before = await SUPPLIES.all(ctx, patient_id=one.patient_id, but=one.id, products=products)
    return {id: (at.astimezone(ctx.zone).date(), days) for id, at, days in before if at}


def questions(report: Report, rx: Prescription, checks: Iterable[Check]) -> list[QuestionView]:
    """What the pharmacist must answer; beside each warning, what the prescriber answered."""
    overridden = {one.key: one for one in rx.overrides}
    asked = [
        QuestionView(
            key=alert.key,
            title=alert.effect,
            because=alert.because,
            severity=alert.severity.value,
            management=alert.management,
        )
        for alert in report.interrupting
    ]
    if report.failed:
        asked = [QuestionView(key="failed", title="The safety check could not be done: nothing was checked.")]
    else:
        asked += [
            QuestionView(
                key=f"unknown:{search_key(name)}", title=f"{name} is not in the safety knowledge: it was not checked."
            )
            for name in dict.fromkeys(report.unknown)
        ]
        asked += [
            QuestionView(
                key=f"allergy:{search_key(name)}",
                title=f"The allergy “{name}” is not in the safety knowledge: it was not checked.",
            )
            for name in dict.fromkeys(report.unchecked_allergies)
        ]
    asked += [
        QuestionView(key=check.key, title=check.title, because=check.detail, severity="moderate")
        for check in checks
        if check.tone is Tone.ASK
    ]
    for question in asked:
        if old := overridden.pop(question.key, None):
            question.overridden = answered_by_prescriber(old)
    gone = [
        QuestionView(
            key=one.key, title=one.effect, severity=one.severity, needed=False, overridden=answered_by_prescriber(one)
        )
        for one in overridden.values()
    ]
    return asked + gone


def answered_by_prescriber(one: Override) -> OverrideView:
    return OverrideView(reason=one.reason.words, comment=one.comment, by_name=one.by_name, at=one.at)


@requires("dispensing.verify")
async def verify(ctx: Context, dispensing_id: UUID, draft: VerificationDraft) -> Dispensing:
    """A pharmacist has looked: nothing stands in the way, and every warning has an answer."""
    with ctx.flush_later():
        one = await claimed(ctx, dispensing_id)
        rx = await ctx.get(Prescription, one.prescription_id)
        known = await medicines.products(ctx, [line.product_id for line in one.lines])
        report, checks = await examined(ctx, one, rx, known)
    for stop in (check for check in checks if check.tone is Tone.STOP):
        if stop.key == "signature":
            raise Altered
        raise Stopped(title=stop.title, detail=stop.detail)
    one.answers = answers(ctx, questions(report, rx, checks), draft.answers)
    one.knowledge = report.version
    said = safety.answered((answer["key"], answer["reason"], answer["comment"]) for answer in one.answers)
    await safety.remember(ctx, one.patient_id, report, said, safety.Place.DISPENSING)
    one.status = Status.VERIFIED
    one.verified_by, one.verified_name, one.verified_at = ctx.actor.id, ctx.actor.name, ctx.now
    if one.two_persons:
        let_go(one)  # the next step is a colleague's
    ctx.emit(DispensingMoved(one.id))
    return one


def refuse_altered(rx: Prescription) -> None:
    if not verify_signature(rx):
        raise Altered


def answers(ctx: Context, asked: list[QuestionView], said: Iterable[AnswerDraft]) -> list[dict[str, str]]:
    """Every needed question with its answer, as it is kept; refused while one is open."""
    given = {answer.key: answer for answer in said}
    missing = [question for question in asked if question.needed and question.key not in given]
    if missing:
        count = "One warning" if len(missing) == 1 else f"{len(missing)} warnings"
        raise NotAnswered(
            count=count, titles="; ".join(one.title.rstrip(".") for one in missing), keys=[one.key for one in missing]
        )
    return [
        {
            "key": question.key,
            "title": question.title,
            "severity": question.severity,
            "reason": given[question.key].reason.value,
            "comment": given[question.key].comment,
            "by": ctx.actor.name,
        }
        for question in asked
        if question.key in given
    ]


@requires("organization.read")
async def policy(ctx: Context) -> DispensingPolicy:
    """How this organisation dispenses."""
    return await current(ctx)


@requires("organization.write")
async def set_policy(ctx: Context, draft: PolicyDraft) -> DispensingPolicy:
    """Say where two persons are required beyond controlled medicines, and when a refill is too soon."""
    kept = await ctx.db.scalar(select(DispensingPolicy).with_for_update())
    if kept is None:
        return ctx.add(draft.into(DispensingPolicy, one=True))
    for name, value in draft:
        setattr(kept, name, value)
    return kept
