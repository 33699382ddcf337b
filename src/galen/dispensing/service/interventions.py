"""Asking the prescriber, sending back and refusing; the answer, and the way back where that is safe."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from galen import identity, prescribing
from galen.core.context import Context
from galen.core.gate import requires
from galen.i18n import N_, formats, label
from galen.i18n import gettext as _
from galen.notifications import send
from galen.prescribing import Prescription, PrescriptionStatus

from ..drafts import InterventionDraft, ReplyDraft
from ..events import DispensingMoved
from ..interventions import Intervention, InterventionKind, InterventionStatus, PrescriberDecision
from ..models import OPEN, WITH_PRESCRIBER, Dispensing, DispensingLine, DispensingStatus
from ..refusals import (
    AnsweredAlready,
    AskedAlready,
    LineRefused,
    NothingToAnswer,
    NotToAsk,
    NotToTakeBack,
    NotYourPrescription,
)
from .changes import line_of
from .policies import current
from .queue import TO_SUPPLY, awake, cancelled, claimed, let_go
from .stops import said_of

REPLACED, CANCELLED = N_("A new prescription replaces it"), N_("The prescriber cancelled it")
BECOMES = {
    InterventionKind.ASKED: DispensingStatus.ASKED,
    InterventionKind.SENT_BACK: DispensingStatus.SENT_BACK,
    InterventionKind.REFUSED: DispensingStatus.REFUSED,
}


@requires("dispensing.verify")
async def intervene(ctx: Context, dispensing_id: UUID, draft: InterventionDraft) -> Intervention:
    """Ask the prescriber, send it back or refuse it. Nothing is taken from the shelf until that is settled."""
    dispensing = await claimed(ctx, dispensing_id)
    if dispensing.status not in OPEN:
        raise NotToAsk(status=label(dispensing.status))
    line = line_of(dispensing, draft.line_id) if draft.line_id else None
    if line and line.refused:
        raise LineRefused(drug=line.drug)
    rx = await ctx.get(Prescription, dispensing.prescription_id)
    said = await said_of(ctx, dispensing)
    if asked := next(
        (other for other in said if other.waiting and other.dispensing_line_id == (line and line.id)), None
    ):
        raise AskedAlready(name=asked.asked_name, at=formats.when(asked.asked_at.astimezone(ctx.zone)))
    intervention = ctx.add(await written(ctx, dispensing, rx, line, draft))
    become(dispensing, line, draft.kind)
    if dispensing.refused:
        withdraw_open(said)
    let_go(dispensing)
    await tell_prescriber(ctx, rx, intervention)
    flash(ctx, intervention)
    ctx.emit(DispensingMoved(dispensing.id))
    return intervention


async def written(
    ctx: Context, dispensing: Dispensing, rx: Prescription, line: DispensingLine | None, draft: InterventionDraft
) -> Intervention:
    refusal = draft.kind is InterventionKind.REFUSED
    due = None if refusal else ctx.now + timedelta(hours=(await current(ctx)).answer_hours)
    return Intervention(
        dispensing_id=dispensing.id,
        dispensing_line_id=line.id if line else None,
        prescription_id=dispensing.prescription_id,
        patient_id=dispensing.patient_id,
        prescriber_id=rx.prescriber_id,
        kind=draft.kind,
        reason=draft.reason,
        words=draft.words,
        drug=line.drug if line else dispensing.medicines,
        status=InterventionStatus.TOLD if refusal else InterventionStatus.OPEN,
        asked_by=ctx.actor.id,
        asked_name=ctx.actor.name,
        asked_at=ctx.now,
        due_at=due,
        answer="",
        answered_name="",
    )


def become(dispensing: Dispensing, line: DispensingLine | None, kind: InterventionKind) -> None:
    """A refused line leaves the others as they are, to be verified anew; with the last one the whole is refused."""
    if kind is InterventionKind.REFUSED and line:
        line.refused = True
        if dispensing.wanted:
            if dispensing.status is DispensingStatus.VERIFIED:
                dispensing.status = DispensingStatus.WAITING
            return
    now = BECOMES[kind]
    if dispensing.status not in (now, DispensingStatus.SENT_BACK) or now is DispensingStatus.REFUSED:
        dispensing.status = now
    dispensing.held_because, dispensing.held_for, dispensing.wake_on = "", None, None


def withdraw_open(interventions: Iterable[Intervention]) -> None:
    """What still waits for an answer waits no more."""
    for intervention in interventions:
        if intervention.waiting:
            intervention.status = InterventionStatus.WITHDRAWN


def flash(ctx: Context, intervention: Intervention) -> None:
    words = {
        InterventionKind.ASKED: _("The prescriber is asked. It waits for the answer."),
        InterventionKind.SENT_BACK: _("It is sent back to the prescriber."),
        InterventionKind.REFUSED: _("It is refused, and the prescriber is told."),
    }
    ctx.flash(words[intervention.kind], "dispensing.withdraw", intervention_id=intervention.id)


async def tell_prescriber(ctx: Context, rx: Prescription, intervention: Intervention) -> None:
    """A message in Galen to whoever signed it."""
    subjects = {
        InterventionKind.ASKED: _("The pharmacy asks about prescription %(number)s", number=rx.number),
        InterventionKind.SENT_BACK: _("The pharmacy sends prescription %(number)s back", number=rx.number),
        InterventionKind.REFUSED: _("The pharmacy refused prescription %(number)s", number=rx.number),
    }
    words = f"{intervention.drug}\n{intervention.reason.words}: {intervention.words}\n{intervention.asked_name}"
    await tell(ctx, intervention, intervention.prescriber_id, subjects[intervention.kind], words)


async def tell(ctx: Context, intervention: Intervention, account_id: UUID, subject: str, words: str) -> None:
    account = await ctx.db.get(identity.Account, account_id)
    if account is not None:
        await send(
            ctx,
            channel="in_app",
            to=account.username,
            subject=subject,
            text=f"{words}\n/prescriptions/{intervention.prescription_id}",
            about="pharmacy question",
            patient_id=intervention.patient_id,
            account_id=account_id,
        )


async def opened(ctx: Context, intervention_id: UUID) -> tuple[Dispensing, Intervention]:
    """An intervention with its supply, both held until the end: one answer, one way back."""
    seen = await ctx.get(Intervention, intervention_id)
    dispensing = await ctx.get(Dispensing, seen.dispensing_id, lock=True)
    return dispensing, await ctx.get(Intervention, intervention_id, lock=True)


@requires("prescription.sign")
async def answer(ctx: Context, intervention_id: UUID, draft: ReplyDraft) -> Intervention:
    """The prescriber decides: dispense as written, a new prescription instead, or not at all. What waits wakes."""
    dispensing, intervention = await opened(ctx, intervention_id)
    refuse_unanswerable(ctx, dispensing, intervention, await ctx.get(Prescription, intervention.prescription_id))
    replacement = None
    if draft.outcome is not PrescriberDecision.AS_WRITTEN:
        replacement = await ended(ctx, dispensing, intervention, draft)
    intervention.replacement_id = replacement.id if replacement else None
    intervention.status = InterventionStatus.ANSWERED
    intervention.outcome, intervention.answer = draft.outcome, draft.words
    intervention.answered_by, intervention.answered_name, intervention.answered_at = (
        ctx.actor.id,
        ctx.actor.name,
        ctx.now,
    )
    if draft.outcome is PrescriberDecision.AS_WRITTEN and not await still_asked(ctx, dispensing):
        awake(ctx, dispensing)
    words = f"{intervention.drug}\n{draft.outcome.words}: {draft.words}\n{ctx.actor.name}"
    await tell(ctx, intervention, intervention.asked_by, _("The prescriber answered"), words)
    undo = "dispensing.reopen_question" if intervention.as_written else ""
    ctx.flash(_("The pharmacy has your answer."), undo, intervention_id=intervention.id)
    ctx.emit(DispensingMoved(dispensing.id))
    return intervention


def refuse_unanswerable(ctx: Context, dispensing: Dispensing, intervention: Intervention, rx: Prescription) -> None:
    if intervention.prescriber_id != ctx.actor.id:
        raise NotYourPrescription(name=rx.signer_name)
    if intervention.outcome:
        raise AnsweredAlready(name=intervention.answered_name, outcome=intervention.outcome.words)
    if not intervention.waiting or dispensing.status not in WITH_PRESCRIBER:
        raise NothingToAnswer


async def ended(ctx: Context, dispensing: Dispensing, answered: Intervention, draft: ReplyDraft) -> Prescription | None:
    """It ends here, and the prescription with it, unless some of that was supplied; the new one is a draft to sign."""
    rx = await ctx.get(Prescription, dispensing.prescription_id, lock=True)
    replacement = await prescribing.renew(ctx, rx.id) if draft.outcome is PrescriberDecision.CHANGED else None
    if rx.status is PrescriptionStatus.SIGNED:
        await prescribing.cancel(ctx, rx.id, prescribing.PrescriptionCancelDraft(reason=draft.words[:300]))
    others = [other for other in await said_of(ctx, dispensing) if other.id != answered.id]
    withdraw_open(others)
    cancelled(ctx, [dispensing], REPLACED if replacement else CANCELLED)
    return replacement


async def still_asked(ctx: Context, dispensing: Dispensing) -> bool:
    """Something else about it waits for an answer."""
    await ctx.flush()
    return any(other.waiting for other in await said_of(ctx, dispensing))


@requires("prescription.sign")
async def reopen_question(ctx: Context, intervention_id: UUID) -> Intervention:
    """Take back one's own “dispense as written”, as long as nobody has verified it since."""
    dispensing, intervention = await opened(ctx, intervention_id)
    mine = intervention.prescriber_id == ctx.actor.id and intervention.as_written
    if not mine or dispensing.status not in (DispensingStatus.WAITING, *WITH_PRESCRIBER):
        raise NotToTakeBack
    intervention.status = InterventionStatus.OPEN
    intervention.outcome, intervention.answer = None, ""
    intervention.answered_by, intervention.answered_name, intervention.answered_at = None, "", None
    if dispensing.waiting:
        dispensing.status = BECOMES[intervention.kind]
        let_go(dispensing)
    ctx.emit(DispensingMoved(dispensing.id))
    return intervention


@requires("dispensing.verify")
async def withdraw(ctx: Context, intervention_id: UUID) -> Intervention:
    """Take back a question, a return or a refusal: what waited for it waits for the pharmacist again."""
    dispensing, intervention = await opened(ctx, intervention_id)
    await claimed(ctx, dispensing.id)
    if not (intervention.waiting or intervention.status is InterventionStatus.TOLD):
        raise NotToTakeBack
    if intervention.refusal:
        await unrefuse(ctx, dispensing, intervention)
    intervention.status = InterventionStatus.WITHDRAWN
    if dispensing.refused or (dispensing.with_prescriber and not await still_asked(ctx, dispensing)):
        awake(ctx, dispensing)
    let_go(dispensing)
    ctx.emit(DispensingMoved(dispensing.id))
    return intervention


async def unrefuse(ctx: Context, dispensing: Dispensing, intervention: Intervention) -> None:
    """A refusal is taken back while the prescription may still be supplied and the others were not dispensed."""
    rx = await ctx.get(Prescription, dispensing.prescription_id)
    if rx.status not in TO_SUPPLY or dispensing.status not in (*OPEN, DispensingStatus.REFUSED):
        raise NotToTakeBack
    for line in dispensing.lines:
        if intervention.dispensing_line_id in (None, line.id):
            line.refused = False
    if dispensing.status is DispensingStatus.VERIFIED:
        dispensing.status = DispensingStatus.WAITING
