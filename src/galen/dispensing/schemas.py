"""What is filled in and seen at the pharmacy's counter."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.patients import BannerView
from galen.prescribing import Prescription, PrescriptionView
from galen.safety import Alert, SafetyReport

from .models import Counselling, Dispensing, DispensingStatus
from .rules import Check, Tone


class PharmacistReason(Enum):
    """Why a pharmacist goes on despite a warning: the code that is kept, and its message."""

    CONFIRMED = "confirmed", N_("Prescriber asked, and confirms")
    ACCEPTED = "accepted", N_("Prescriber's reason accepted")
    CHECKED = "checked", N_("Checked by other means")
    MONITORING = "monitoring", N_("Monitoring arranged")
    COUNSELLED = "counselled", N_("Patient counselled")
    TRAVEL = "travel", N_("Early supply: travel")
    LOST = "lost", N_("Early supply: lost or damaged")
    CHANGED = "changed", N_("Early supply: dose changed")
    CARE_HOME = "care_home", N_("Early supply: care home or dose aid")
    OTHER = "other", N_("Other (say which)")

    message: str

    def __new__(cls, code: str, message: str) -> Self:
        self = object.__new__(cls)
        self._value_, self.message = code, message
        return self

    @property
    def words(self) -> str:
        """The reason as a person reads it."""
        return _(self.message)


Why = Annotated[str, Field(min_length=3, max_length=300)]


class DispensingDraft(Draft):
    prescription_id: UUID


class TakeDraft(Draft):
    """`over`: take it although a colleague has it."""

    over: bool = False


class AnswerDraft(Draft):
    """The pharmacist's answer to one warning: which one, and why it is right to go on."""

    key: str = Field(min_length=1, max_length=400)
    reason: PharmacistReason
    comment: str = Field("", max_length=500)

    @model_validator(mode="after")
    def said(self) -> "AnswerDraft":
        if self.reason is PharmacistReason.OTHER and len(self.comment) < 3:
            raise ValueError(_("Write which other reason there is to go on."))
        return self


class VerificationDraft(Draft):
    answers: list[AnswerDraft] = Field(default_factory=list, max_length=60)


class SupplyLineDraft(Draft):
    """Another amount or another brand for one line; `line_id` is the dispensing's own or the prescription's."""

    line_id: UUID
    quantity: Decimal | None = Field(None, ge=0, le=100_000)
    product_id: UUID | None = None


class SupplyDraft(Draft):
    """Nothing said means all of it. `owe` agrees to give what is there and owe the rest."""

    owe: bool = False
    lines: list[SupplyLineDraft] = Field(default_factory=list, max_length=20)


class CollectionDraft(Draft):
    """Who took it away; a controlled medicine needs a name and the document that was shown."""

    collector: str = Field("", max_length=120)
    document: str = Field("", max_length=120, description="Kind and number of the identity document")
    counselling: Counselling = Counselling.NOT_OFFERED
    note: str = Field("", max_length=500)


class HoldDraft(Draft):
    reason: Why
    wake_on: date


class ReversalDraft(Draft):
    """Before hand-over the goods go back on the shelf. Afterwards it must be said where they are."""

    reason: Why
    goods: Literal["", "never left", "destroyed", "with the patient"] = ""


class ScanDraft(Draft):
    code: str = Field(min_length=1, max_length=60)


class PolicyDraft(Draft):
    two_persons_always: bool = False
    refill_at: Decimal = Field(Decimal("0.80"), gt=0, le=1)
    refill_controlled_at: Decimal = Field(Decimal("0.85"), gt=0, le=1)


class PolicyView(RecordView):
    two_persons_always: bool
    refill_at: Quantity
    refill_controlled_at: Quantity


class DispensingLineView(RecordView):
    line_id: UUID
    position: int
    product_id: UUID
    drug: str
    directions: str
    quantity: Quantity
    unit: str
    days: int | None
    substituted: bool
    supplied: Quantity
    owed: Quantity


class ItemView(RecordView):
    dispensing_line_id: UUID
    product_id: UUID
    batch_id: UUID
    batch: str
    expires: date | None
    quantity: Quantity
    short_dated: bool


class DispensingView(RecordView):
    number: str
    prescription_id: UUID
    patient_id: UUID
    site_id: UUID | None
    supply: int
    part: int
    owes_id: UUID | None
    status: DispensingStatus
    queued_at: datetime
    controlled: bool
    two_persons: bool
    taken_by: UUID | None
    taken_name: str
    verified_name: str
    verified_at: datetime | None
    answers: list[dict[str, Any]]
    prepared_name: str
    dispensed_at: datetime | None
    invoice_id: UUID | None
    held_because: str
    wake_on: date | None
    collected_at: datetime | None
    collector: str
    counselling: Counselling | None
    ended_because: str
    lines: list[DispensingLineView]
    items: list[ItemView] = Field(validation_alias="given")


class QueueLine(View):
    """One row of the work queue."""

    id: UUID
    number: str
    patient: str
    medicines: str
    prescription: str
    of: str
    status: DispensingStatus
    queued_at: datetime
    minutes: int
    taken_name: str
    mine: bool
    controlled: bool
    two_persons: bool
    owing: bool
    held_because: str
    wake_on: date | None
    note: str = Field("", exclude=True)  # which supply it is, where it is not the first

    @property
    def each_medicine(self) -> list[str]:
        return self.medicines.split("; ")

    @property
    def recent(self) -> bool:
        """Waiting for less than half a day: then the minutes say more than the date."""
        return self.minutes < 12 * 60

    @property
    def held(self) -> bool:
        return self.status is DispensingStatus.HELD


class WorkQueue(View):
    items: list[QueueLine]
    next: str | None = None
    counts: dict[str, int]
    stage: str = ""
    finished: int = 0


class GivenView(RecordView):
    """A supply as the patient and the prescriber see it."""

    number: str
    prescription_id: UUID
    patient_id: UUID
    supply: int
    part: int
    status: DispensingStatus
    dispensed_at: datetime | None
    collected_at: datetime | None
    lines: list[DispensingLineView]
    items: list[ItemView] = Field(validation_alias="given")


class CheckView(View):
    key: str
    tone: Tone
    title: str
    detail: str


class PrescriberAnswerView(View):
    """What the prescriber answered to this warning."""

    reason: str
    comment: str
    by_name: str
    at: datetime


class QuestionView(View):
    """A warning that needs the pharmacist's own answer; one that was overridden and is gone meanwhile needs none."""

    key: str
    title: str
    kept: str = Field("", exclude=True)  # the title in English, as it is kept with the answer
    because: str = ""
    caused: bool = Field(False, exclude=True)  # `because` says what meets what
    severity: str = "unknown"
    management: str = ""
    needed: bool = True
    overridden: PrescriberAnswerView | None = None


class DeskView(View):
    """A dispensing with everything that decides about it."""

    dispensing: DispensingView
    prescription: PrescriptionView
    banner: BannerView
    checks: list[CheckView]
    questions: list[QuestionView]
    shown: list[Alert]
    report: SafetyReport | None


@dataclass(frozen=True)
class AnswerShown:
    """A kept answer to a warning, in the reader's language."""

    title: str
    reason: str
    comment: str
    by: str


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
    zone: str = ""  # of the pharmacy that took it

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """The coded reasons to go on, for a field to choose from."""
        return [(reason.value, reason.words) for reason in PharmacistReason]

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
            return _("Answer") if self.dispensing.waiting else _("Answered")
        return {Tone.OK: _("Fine"), Tone.NOTE: _("Note"), Tone.STOP: _("Stop")}[check.tone]

    @property
    def needed(self) -> list[QuestionView]:
        """What the pharmacist has to answer."""
        return [question for question in self.questions if question.needed]

    @property
    def pending(self) -> list[QuestionView]:
        """What is still to be answered and is no check."""
        titles = {check.title for check in self.checks}
        waiting = self.needed if self.dispensing.waiting else []
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
    def clear(self) -> bool:
        """Everything was checked, and nothing speaks against it."""
        return self.report is not None and self.report.complete and not self.report.alerts

    @property
    def short(self) -> bool:
        """Whether something would have to be owed."""
        return any(self.stock.get(line.product_id, Decimal(0)) < line.quantity for line in self.dispensing.lines)
