"""The pharmacist's judgement: what decides about a dispensing, and the verification."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select

from galen import identity, inventory, medicines, organizations, patients, prescribing, safety
from galen.billing import Invoice
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.i18n import N_, ngettext
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.prescribing import Override, Prescription, verify_signature
from galen.safety import Alert, SafetyReport
from galen.values.money import Money
from galen.values.search_key import search_key

from ..bags import BagStatus
from ..desk import Desk
from ..events import DispensingMoved
from ..models import OPEN, Dispensing, DispensingLine, DispensingPolicy, DispensingStatus
from ..refusals import Altered, ChangedSince, NotAnswered, Stopped
from ..rules import Check, Tone, repeats, stock, validity
from ..schemas import AnswerDraft, PolicyDraft, PrescriberAnswerView, QuestionView, VerificationDraft
from .bags import bag_of
from .changes import changes_of
from .look_back import given_since, look_back
from .packs import packs_shown
from .policies import current
from .queue import claimed, let_go
from .refills import refills
from .returns import returns_of
from .stops import told_of

FAILED = N_("The safety check could not be done: nothing was checked.")
UNKNOWN = N_("%(name)s is not in the safety knowledge: it was not checked.")
ASK_PRESCRIBER = N_("%(fault)s Do not dispense it; speak to the prescriber.")
ALLERGY = N_("The allergy “%(name)s” is not in the safety knowledge: it was not checked.")


@requires("dispensing.read")
async def desk(ctx: Context, dispensing_id: UUID) -> Desk:
    """One dispensing under the banner of its patient: the prescription, every check anew, every overridden warning."""
    dispensing = await ctx.get(Dispensing, dispensing_id)
    rx = await ctx.get(Prescription, dispensing.prescription_id)
    seen = await (seen_open if dispensing.status in OPEN else seen_done)(ctx, dispensing, rx)
    seen.said, seen.changes, seen.now = await told_of(ctx, dispensing), await changes_of(ctx, dispensing), ctx.now
    return seen


async def zone_of(ctx: Context, dispensing: Dispensing) -> str:
    place = await organizations.place_of(ctx, dispensing.site_id)
    return place.zone if place else ""


async def seen_done(ctx: Context, dispensing: Dispensing, rx: Prescription) -> Desk:
    """What is dispensed or has ended: the answers stand in the record."""
    banner, zone = await patients.banner(ctx, dispensing.patient_id), await zone_of(ctx, dispensing)
    packs = await packs_shown(ctx, dispensing, banner) if dispensing.left_the_shelf else None
    invoice = await ctx.get(Invoice, dispensing.invoice_id) if dispensing.invoice_id else None
    due = invoice.due if invoice and invoice.payable else None
    ended = Desk(dispensing, rx, banner, [signature(rx)], [], [], None, {}, ctx.actor.id, False, zone, packs, due)
    ended.bag = await bag_of(ctx, dispensing.id, *BagStatus)
    ended.returns = await returns_of(ctx, dispensing.id) if dispensing.collected else None
    return ended


async def seen_open(ctx: Context, dispensing: Dispensing, rx: Prescription) -> Desk:
    """What is still to be done, with every check anew."""
    banner, zone = await patients.banner(ctx, dispensing.patient_id), await zone_of(ctx, dispensing)
    known = await medicines.products(ctx, [line.product_id for line in dispensing.lines])
    report, checks = await examined(ctx, dispensing, rx, known)
    there = await inventory.on_hand(ctx, list(known)) if ctx.site else {}
    checks += [
        stock(line.drug, line.unit, line.quantity, there[line.product_id])
        for line in dispensing.wanted
        if line.product_id in there
    ]
    asked = questions(report, rx, checks)
    anew = dispensing.ready and bool(
        unseen(dispensing, report) or lapsed(ctx, dispensing) or await given_since(ctx, dispensing, known)
    )
    packs = await packs_shown(ctx, dispensing, banner) if dispensing.ready and not anew else None
    seen = Desk(dispensing, rx, banner, checks, asked, report.showing, report, there, ctx.actor.id, anew, zone, packs)
    seen.prices = {
        line.id: price_of(line, known[line.product_id]) for line in dispensing.wanted if line.product_id in known
    }
    return seen


def price_of(line: DispensingLine, product: Product) -> Money:
    """What a line costs as it is now, before tax and discounts."""
    return Money.rounded(line.price(product.unit_price) * line.quantity, product.currency)


def lapsed(ctx: Context, dispensing: Dispensing) -> bool:
    """It was verified on another day."""
    return dispensing.verified_at is not None and dispensing.verified_at.astimezone(ctx.zone).date() != ctx.today


async def examined(
    ctx: Context, dispensing: Dispensing, rx: Prescription, known: dict[UUID, Product]
) -> tuple[SafetyReport, list[Check]]:
    """A fresh safety check, and everything else that decides whether this may be supplied today."""
    of_line = {line.id: line for line in rx.lines}
    report = await checked(ctx, dispensing, rx, known)
    checks = [signature(rx), validity(ctx.today, rx.status.value, rx.not_before, rx.valid_until)]
    checks.append(repeats(dispensing.supply, max(of_line[line.line_id].repeats for line in dispensing.wanted)))
    due = await refills(ctx, dispensing, rx, known)
    checks += due + await look_back(ctx, dispensing, known, reckoned(due))
    checks += placed(dispensing, known)
    for line in dispensing.wanted:
        if not of_line[line.line_id].substitution:
            title = _("%(drug)s: no other brand", drug=line.drug)
            checks.append(Check("substitution", Tone.NOTE, title, _("The prescriber wrote so.")))
    for line in dispensing.wanted:
        if line.product_id in known and not known[line.product_id].price:
            free = _(
                "It would cost nothing. Write its price on the medicine's page first, unless it is meant to be free."
            )
            checks.append(Check("price", Tone.NOTE, _("%(drug)s has no price", drug=line.drug), free))
    if dispensing.two_persons:
        apart = _("Whoever verifies it may not prepare it.")
        checks.append(Check("two-persons", Tone.NOTE, _("Two persons"), apart))
    if not report.failed and not report.allergies_asked:
        first = _("Ask the patient before handing over.")
        checks.append(Check("allergies", Tone.NOTE, _("Allergies were not asked"), first))
    return report, checks


async def checked(
    ctx: Context, dispensing: Dispensing, rx: Prescription, known: Mapping[UUID, Product]
) -> SafetyReport:
    """The safety check of what is to be supplied, line by line, against what is known of the patient today."""
    of_line = {line.id: line for line in rx.lines}
    lines = [line for line in dispensing.wanted if line.product_id in known]
    return await safety.check(
        ctx,
        dispensing.patient_id,
        [known[line.product_id] for line in lines],
        directions=[line.directions for line in lines],
        doses=[of_line[line.line_id].dose for line in lines],
        place=safety.Place.DISPENSING,
    )


def placed(dispensing: Dispensing, known: Mapping[UUID, Product]) -> list[Check]:
    """What stops a supply: directions that put a form where it cannot go, such as a tablet into an eye."""
    faults = [
        (line.drug, prescribing.impossible(line.directions, known[line.product_id]))
        for line in dispensing.wanted
        if line.product_id in known
    ]
    return [
        Check(
            "directions",
            Tone.STOP,
            _("%(drug)s: the directions cannot be followed", drug=drug),
            _(ASK_PRESCRIBER, fault=fault),
        )
        for drug, fault in faults
        if fault
    ]


def signature(rx: Prescription) -> Check:
    """Whether the content is, to the letter, what the prescriber signed."""
    if verify_signature(rx):
        return Check("signature", Tone.OK, _("Signed by %(name)s, unaltered", name=rx.signer_name))
    to_do = _("Do not dispense it; speak to the prescriber.")
    return Check("signature", Tone.STOP, _("Altered since it was signed"), to_do)


def reckoned(checks: Iterable[Check]) -> set[UUID]:
    """The products whose refill was reckoned by how long the last one lasts."""
    return {UUID(check.key.removeprefix("too-soon:")) for check in checks}


def questions(report: SafetyReport, rx: Prescription, checks: Iterable[Check]) -> list[QuestionView]:
    """What the pharmacist must answer; beside each warning, what the prescriber answered."""
    overridden = {override.key: override for override in rx.overrides}
    asked = [
        QuestionView(
            key=alert.key,
            title=alert.effect,
            kept=alert.kept,
            because=alert.because,
            caused=True,
            severity=alert.severity.value,
            management=alert.management,
            comment_needed=alert.comment_needed,
        )
        for alert in report.interrupting
    ]
    if report.failed:
        asked = [unchecked("failed", FAILED)]
    else:
        asked += [unchecked("unknown", UNKNOWN, name) for name in dict.fromkeys(report.unknown)]
        asked += [unchecked("allergy", ALLERGY, name) for name in dict.fromkeys(report.unchecked_allergies)]
    asked += [
        QuestionView(key=check.key, title=check.title, kept=check.kept, because=check.detail, severity="moderate")
        for check in checks
        if check.tone is Tone.ASK
    ]
    for question in asked:
        if old := overridden.pop(question.key, None):
            question.overridden = answered_by_prescriber(old)
    gone = [
        QuestionView(
            key=override.key,
            title=override.warning,
            kept=override.effect,
            severity=override.severity,
            needed=False,
            overridden=answered_by_prescriber(override),
        )
        for override in overridden.values()
    ]
    return asked + gone


def unchecked(key: str, message: str, name: str = "") -> QuestionView:
    """A question about what the knowledge has nothing to say of; it is only acknowledged."""
    return QuestionView(
        key=f"{key}:{search_key(name)}" if name else key,
        title=_(message, name=name),
        kept=message % {"name": name},
    )


def answered_by_prescriber(override: Override) -> PrescriberAnswerView:
    return PrescriberAnswerView(
        reason=override.reason.words, comment=override.comment, by_name=override.by_name, at=override.at
    )


@requires("dispensing.verify")
async def verify(ctx: Context, dispensing_id: UUID, draft: VerificationDraft) -> Dispensing:
    """A pharmacist has looked: nothing stands in the way, and every warning has an answer."""
    identity.refuse_doubtful_time()
    with ctx.flush_later():
        dispensing = await claimed(ctx, dispensing_id)
        rx = await ctx.get(Prescription, dispensing.prescription_id)
        known = await medicines.products(ctx, [line.product_id for line in dispensing.lines])
        report, checks = await examined(ctx, dispensing, rx, known)
    for stop in (check for check in checks if check.tone is Tone.STOP):
        if stop.key == "signature":
            raise Altered
        raise Stopped(title=stop.title, detail=stop.detail)
    dispensing.answers = answers(ctx, questions(report, rx, checks), draft.answers)
    dispensing.knowledge = report.version
    said = safety.answered((answer["key"], answer["reason"], answer["comment"]) for answer in dispensing.answers)
    await safety.remember(ctx, dispensing.patient_id, report, said, safety.Place.DISPENSING)
    dispensing.status = DispensingStatus.VERIFIED
    dispensing.verified_by, dispensing.verified_name, dispensing.verified_at = ctx.actor.id, ctx.actor.name, ctx.now
    if dispensing.two_persons:
        let_go(dispensing)  # the next step is a colleague's
    ctx.emit(DispensingMoved(dispensing.id))
    return dispensing


async def refuse_changed(ctx: Context, dispensing: Dispensing, rx: Prescription, known: Mapping[UUID, Product]) -> None:
    """A warning that has come up since it was verified sends it back to the pharmacist: nobody has answered it."""
    report = await checked(ctx, dispensing, rx, known)
    new = [alert.effect.rstrip(".") for alert in unseen(dispensing, report)]
    new += [check.title for check in await given_since(ctx, dispensing, known)]
    if new:
        raise ChangedSince(titles="; ".join(new))


def unseen(dispensing: Dispensing, report: SafetyReport) -> list[Alert]:
    """What interrupts and was not answered when it was verified."""
    answered = {answer["key"] for answer in dispensing.answers}
    return [alert for alert in report.interrupting if alert.key not in answered]


def refuse_altered(rx: Prescription) -> None:
    if not verify_signature(rx):
        raise Altered


def answers(ctx: Context, asked: list[QuestionView], said: Iterable[AnswerDraft]) -> list[dict[str, str]]:
    """Every needed question with its answer, as it is kept; refused while one is open."""
    given = {answer.key: answer for answer in said}
    missing = [question for question in asked if question.needed and question.key not in given]
    if missing:
        raise NotAnswered(
            count=ngettext("One warning", "%(num)s warnings", len(missing)),
            titles="; ".join(question.title.rstrip(".") for question in missing),
            keys=[question.key for question in missing],
        )
    mute = [question for question in asked if question.comment_needed and question.key in given]
    for question in mute:
        if not safety.said_why(given[question.key].comment):
            place = [*given].index(question.key)
            write = _("%(title)s Please write in your own words why it is right to go on.", title=question.title)
            raise Invalid(f"answers.{place}.comment", write)
    return [
        {
            "key": question.key,
            "title": question.kept,
            "because": question.because if question.caused else "",
            "severity": question.severity,
            "reason": given[question.key].reason.value,
            "comment": given[question.key].comment,
            "by": ctx.actor.name,
            "at": ctx.now.isoformat(),
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
