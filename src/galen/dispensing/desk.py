"""The desk of one dispensing, as its page shows it: what was asked, answered, checked, and what can be done now."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from galen.i18n import gettext as _
from galen.patients import BannerView
from galen.prescribing import Override, Prescription
from galen.safety import Alert, SafetyReport
from galen.values.money import Money

from .bags import Bag
from .changes import DispensingChange
from .interventions import Intervention, InterventionKind, WhyIntervene
from .models import Dispensing, DispensingLine, DispensingStatus
from .packs import PackCheck, PackOutcome, WhyThisBatch, WhyUnscanned
from .returns import Fate, WhyReturned
from .rules import Check, Tone
from .schemas import SEVERE, PharmacistReason, QuestionView, StandingWarning, WentPast
from .shelf_schemas import ReturnsView


@dataclass(frozen=True)
class AnswerShown:
    """A kept answer to a warning, in the reader's language."""

    title: str
    reason: str
    comment: str
    by: str


@dataclass(frozen=True)
class PackLine:
    """One line at the workstation: what is to be picked, and what was held against it last."""

    line: DispensingLine
    picks: str  # the batches to take, in words
    pack: PackCheck | None
    right: bool

    @property
    def swap(self) -> bool:
        """The batch in hand may be taken instead."""
        return self.pack is not None and self.pack.outcome is PackOutcome.OTHER_BATCH

    @property
    def to_scan(self) -> bool:
        """Something of it is here, and nothing was held against it yet."""
        return self.pack is None and bool(self.picks)

    @property
    def wrong(self) -> bool:
        return self.pack is not None and not self.right


@dataclass(frozen=True)
class Packs:
    """The packs of one dispensing: what each line says, what was scanned last, and whether anything is open."""

    dispensing_id: UUID
    banner: BannerView
    lines: list[PackLine]
    needed: bool
    last: PackCheck | None  # the last one that was scanned
    short: bool = False  # something would have to be owed

    @property
    def open(self) -> bool:
        """Something is to be scanned, or was found wrong."""
        return any(line.wrong or (self.needed and line.to_scan) for line in self.lines)

    @property
    def stray(self) -> bool:
        """The last one is like no line."""
        return self.last is not None and self.last.dispensing_line_id is None

    @property
    def right(self) -> int:
        """How many lines are confirmed."""
        return sum(line.right for line in self.lines)

    @property
    def unscanned(self) -> list[tuple[str, str]]:
        """The coded reasons why a pack is not scanned, for a field to choose from."""
        return [(reason.value, reason.words) for reason in WhyUnscanned]

    @property
    def instead(self) -> list[tuple[str, str]]:
        """The coded reasons to take another batch."""
        return [(reason.value, reason.words) for reason in WhyThisBatch]


@dataclass
class Desk:
    """The same, for the page."""

    dispensing: Dispensing
    prescription: Prescription
    banner: BannerView
    checks: list[Check]
    questions: list[QuestionView]
    shown: list[Alert]
    report: SafetyReport | None  # none once it is dispensed: then the answers stand in the record
    stock: dict[UUID, Decimal]
    reader_id: UUID
    anew: bool = False  # verified, and to be verified again: on another day, or something came up since
    zone: str = ""  # of the pharmacy that took it
    packs: Packs | None = None  # once it is verified
    due: Money | None = None  # what of its invoice is still to be paid
    said: list[Intervention] = field(default_factory=list)  # what the prescriber was asked, the latest first
    changes: list[DispensingChange] = field(default_factory=list)  # made before it is dispensed
    now: datetime | None = None
    prices: dict[UUID, Money] = field(default_factory=dict)  # of each line, while it is not charged yet

    @property
    def asking(self) -> list[Intervention]:
        """What was asked about it and not taken back, before what waits for nobody."""
        return [intervention for intervention in self.said if intervention.stands]

    def overdue(self, intervention: Intervention) -> bool:
        """The answer should be there by now."""
        return bool(intervention.waiting and self.now and intervention.due_at and intervention.due_at < self.now)

    def changed(self, line: DispensingLine) -> list[DispensingChange]:
        """What was changed of a line."""
        return [change for change in self.changes if change.dispensing_line_id == line.id]

    def price_of(self, line: DispensingLine) -> Money | None:
        """What a line will cost; nothing once it is charged."""
        return None if line.refused else self.prices.get(line.id)

    @property
    def intervening(self) -> list[tuple[str, str]]:
        """What a pharmacist may do instead of dispensing, for a field to choose from."""
        words = {"asked": _("Ask the prescriber"), "sent back": _("Send it back"), "refused": _("Refuse it")}
        return [(kind.value, words[kind.value]) for kind in InterventionKind]

    @property
    def why_intervene(self) -> list[tuple[str, str]]:
        return [(reason.value, reason.words) for reason in WhyIntervene]

    @property
    def lines_to_ask(self) -> list[tuple[str, str]]:
        """All of it, or one of several lines."""
        lines = self.dispensing.wanted
        return [("", _("All of it")), *((str(line.id), line.drug) for line in lines)] if len(lines) > 1 else []

    @property
    def waits_for(self) -> list[tuple[str, str]]:
        return [("date", _("A day")), ("stock", _("Stock: wakes when enough has come")), ("patient", _("The patient"))]

    bag: Bag | None = None  # its place on the will-call shelf, or what became of it
    returns: ReturnsView | None = None  # what was brought back, once it was collected

    @property
    def to_verify(self) -> bool:
        """A pharmacist has to look, for the first time or again."""
        return self.dispensing.waiting or self.anew

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """The coded reasons to go on, for a field to choose from."""
        return [(reason.value, reason.words) for reason in PharmacistReason]

    @property
    def why_returned(self) -> list[tuple[str, str]]:
        """The coded reasons to bring something back, for a field to choose from."""
        return [(reason.value, reason.words) for reason in WhyReturned]

    @property
    def fates(self) -> list[tuple[str, str]]:
        """What may become of it; back on the shelf only where that is allowed at all."""
        barred = self.returns is None or all(item.barred for item in self.returns.items)
        return [(fate.value, fate.words) for fate in Fate if not (barred and fate is Fate.RESALE)]

    @property
    def mine(self) -> bool:
        """Whoever looks at it has taken it."""
        return self.dispensing.taken_by == self.reader_id

    @property
    def with_colleague(self) -> bool:
        """Somebody else has taken it."""
        return self.dispensing.taken_by is not None and not self.mine

    @property
    def own_verification(self) -> bool:
        """Two persons are required, and the one who looks at it has verified it."""
        return self.dispensing.two_persons and self.dispensing.verified_by == self.reader_id

    @property
    def stopped(self) -> list[Check]:
        """What stands in the way."""
        return [check for check in self.checks if check.tone is Tone.STOP]

    @property
    def obstacle(self) -> str:
        """The first thing that stands in the way, in a sentence; nothing when nothing does."""
        return "".join(_("%(title)s. %(detail)s", title=stop.title, detail=stop.detail) for stop in self.stopped[:1])

    @property
    def notable(self) -> list[Check]:
        """What is to be looked at, the gravest first."""
        order = (Tone.STOP, Tone.ASK, Tone.NOTE)
        return sorted((check for check in self.checks if not check.fine), key=lambda check: order.index(check.tone))

    @property
    def fine(self) -> list[Check]:
        """What is as it should be."""
        return [check for check in self.checks if check.fine]

    def word(self, check: Check) -> str:
        """How a check turned out, in one word."""
        if check.tone is Tone.ASK:
            return _("Answer") if self.to_verify else _("Answered")
        return {Tone.OK: _("Fine"), Tone.NOTE: _("Note"), Tone.STOP: _("Stop")}[check.tone]

    @property
    def needed(self) -> list[QuestionView]:
        """What the pharmacist has to answer."""
        return [question for question in self.questions if question.needed]

    @property
    def pending(self) -> list[QuestionView]:
        """What is still to be answered and is no check."""
        titles = {check.title for check in self.checks}
        waiting = self.needed if self.to_verify else []
        return [question for question in waiting if question.title not in titles]

    @property
    def asked(self) -> list[tuple[str, QuestionView]]:
        """Every question with the beginning of its fields' names; those that need no answer have none."""
        places = {question.key: f"answers.{at}." for at, question in enumerate(self.needed)}
        return [(places.get(question.key, "") if question.needed else "", question) for question in self.questions]

    @property
    def answers(self) -> list[AnswerShown]:
        """What the pharmacist answered when verifying."""
        words = dict(self.reasons)
        return [
            AnswerShown(
                title=_(answer["title"]),
                reason=words.get(answer["reason"], answer["reason"]),
                comment=answer["comment"],
                by=answer["by"],
            )
            for answer in self.dispensing.answers
        ]

    @property
    def standing(self) -> list[StandingWarning]:
        """What was severe and gone past, the worst first, with who answered, when and why; red until hand-over."""
        if self.to_verify or self.dispensing.status in (DispensingStatus.REVERSED, DispensingStatus.CANCELLED):
            return []
        written = {override.key: override for override in self.prescription.overrides}
        answered = {answer["key"]: answer for answer in self.dispensing.answers}
        now = {question.key: question.because for question in self.questions if question.caused}
        found = []
        for key in dict.fromkeys([*answered, *written]):
            answer, override = answered.get(key), written.get(key)
            severity = str(answer["severity"]) if answer else override.severity if override else ""
            if severity in SEVERE:
                title = _(answer["title"]) if answer else override.warning if override else ""
                because = now.get(key) or (answer or {}).get("because", "")
                answers = self.past(answer, override)
                found.append(StandingWarning(severity=severity, title=title, because=because, answers=answers))
        return sorted(found, key=lambda warning: SEVERE.index(warning.severity))

    def past(self, answer: dict[str, Any] | None, override: Override | None) -> list[WentPast]:
        """The prescriber's answer to a warning, and the pharmacist's."""
        words, past = dict(self.reasons), []
        if override:
            by, reason = override.by_name, override.reason.words
            past.append(WentPast(by=by, at=override.at, reason=reason, comment=override.comment))
        if answer:
            at = datetime.fromisoformat(answer["at"]) if "at" in answer else self.dispensing.verified_at
            reason = words.get(answer["reason"], answer["reason"])
            past.append(WentPast(by=answer["by"], at=at, reason=reason, comment=answer["comment"]))
        return past

    @property
    def unsure(self) -> list[str]:
        """What could not be read, and what should be measured again, in sentences."""
        if self.report is None:
            return []
        facts = _("Recorded, and could not be read or checked: %(facts)s.", facts="; ".join(self.report.unread))
        again = [_("Measure again: %(words)s. No dose was reckoned with it.", words=w) for w in self.report.measure]
        return ([facts] if self.report.unread else []) + again

    @property
    def seen(self) -> list[Alert]:
        """What shows and is not standing anyway."""
        standing = {answer["key"] for answer in self.dispensing.answers if answer["severity"] in SEVERE}
        return [alert for alert in self.shown if alert.key not in standing or self.to_verify]

    @property
    def clear(self) -> bool:
        """Everything was checked, and nothing speaks against it."""
        checked = self.report is not None and self.report.complete and not self.report.alerts
        return checked and not self.standing
