from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.patients import BannerView
from galen.prescribing import Prescription, PrescriptionView
from galen.safety import Alert, Report

from .models import Counselling, Dispensing, Status
from .rules import Check, Tone


class Reason(Enum):
    """Why a pharmacist goes on despite a warning: the code that is kept, and its words."""

    CONFIRMED = "confirmed", "Prescriber asked, and confirms"
    ACCEPTED = "accepted", "Prescriber's reason accepted"
    CHECKED = "checked", "Checked by other means"
    MONITORING = "monitoring", "Monitoring arranged"
    COUNSELLED = "counselled", "Patient counselled"
    TRAVEL = "travel", "Early supply: travel"
    LOST = "lost", "Early supply: lost or damaged"
    CHANGED = "changed", "Early supply: dose changed"
    CARE_HOME = "care_home", "Early supply: care home or dose aid"
    OTHER = "other", "Other (say which)"

    words: str

    def __new__(cls, code: str, words: str) -> Self:
        self = object.__new__(cls)
        self._value_, self.words = code, words
        return self


Why = Annotated[str, Field(min_length=3, max_length=300)]


class DispensingDraft(Draft):
    prescription_id: UUID


class TakeDraft(Draft):
    """`over`: take it although a colleague has it."""

    over: bool = False


class AnswerDraft(Draft):
    """The pharmacist's answer to one warning: which one, and why it is right to go on."""

    key: str = Field(min_length=1, max_length=400)
    reason: Reason
    comment: str = Field("", max_length=500)

    @model_validator(mode="after")
    def said(self) -> "AnswerDraft":
        if self.reason is Reason.OTHER and len(self.comment) < 3:
            raise ValueError("Write which other reason there is to go on.")
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


class LineView(RecordView):
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
    status: Status
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
    lines: list[LineView]
    items: list[ItemView] = Field(validation_alias="given")


class QueueLine(View):
    """One row of the work queue."""

    id: UUID
    number: str
    patient: str
    medicines: str
    prescription: str
    of: str
    status: Status
    queued_at: datetime
    minutes: int
    taken_name: str
    mine: bool
    controlled: bool
    two_persons: bool
    owing: bool
    held_because: str
    wake_on: date | None


class Queue(View):
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
    status: Status
    dispensed_at: datetime | None
    collected_at: datetime | None
    lines: list[LineView]
    items: list[ItemView] = Field(validation_alias="given")


class CheckView(View):
    key: str
    tone: Tone
    title: str
    detail: str


class OverrideView(View):
    """What the prescriber answered to this warning."""

    reason: str
    comment: str
    by_name: str
    at: datetime


class QuestionView(View):
    """A warning that needs the pharmacist's own answer; one that was overridden and is gone meanwhile needs none."""

    key: str
    title: str
    because: str = ""
    severity: str = "unknown"
    management: str = ""
    needed: bool = True
    overridden: OverrideView | None = None


class DeskView(View):
    """A dispensing with everything that decides about it."""

    dispensing: DispensingView
    prescription: PrescriptionView
    banner: BannerView
    checks: list[CheckView]
    questions: list[QuestionView]
    shown: list[Alert]
    report: Report | None


@dataclass
class Desk:
    """The same, for the page."""

    dispensing: Dispensing
    prescription: Prescription
    banner: BannerView
    checks: list[Check]
    questions: list[QuestionView]
    shown: list[Alert]
    report: Report | None  # none once it is dispensed: then the answers stand in the record
    stock: dict[UUID, Decimal]

    @property
    def reasons(self) -> dict[str, str]:
        return {reason.value: reason.words for reason in Reason}

    @property
    def stopped(self) -> list[Check]:
        return [one for one in self.checks if one.tone is Tone.STOP]

    @property
    def needed(self) -> list[QuestionView]:
        return [one for one in self.questions if one.needed]

    @property
    def short(self) -> bool:
        """Whether something would have to be owed."""
        return any(self.stock.get(line.product_id, Decimal(0)) < line.quantity for line in self.dispensing.lines)
