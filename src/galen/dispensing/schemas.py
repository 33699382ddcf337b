"""What is filled in and seen at the pharmacy's counter."""

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
from galen.prescribing import PrescriptionView
from galen.safety import Alert, SafetyReport

from .changes import WhyChanged
from .interventions import WaitsFor
from .models import CollectedBy, Counselling, DispensingStatus, PackRule
from .packs import PackOutcome, WhyThisBatch, WhyUnscanned
from .rules import Tone


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
    reason: WhyChanged | None = Field(None, description="Why another brand is given")
    note: str = Field("", max_length=300)


class SupplyDraft(Draft):
    """Nothing said means all of it. `owe` agrees to give what is there and owe the rest."""

    owe: bool = False
    lines: list[SupplyLineDraft] = Field(default_factory=list, max_length=20)


class CollectionDraft(Draft):
    """Who took it away, and whether they were counselled: somebody says so, it is never taken for granted."""

    collected_by: CollectedBy
    collector: str = Field("", max_length=120)
    document: str = Field("", max_length=120, description="Kind and number of the identity document")
    counselling: Counselling
    note: str = Field("", max_length=500)


class HoldDraft(Draft):
    """Until its day at the latest; what waits for stock wakes when enough has come."""

    reason: Why
    waits_for: WaitsFor = WaitsFor.DATE
    wake_on: date


class ReversalDraft(Draft):
    """Before hand-over the goods go back on the shelf. Afterwards it must be said where they are."""

    reason: Why
    goods: Literal["", "never left", "destroyed", "with the patient"] = ""


class ScanDraft(Draft):
    code: str = Field(min_length=1, max_length=400)


class UnscannedDraft(Draft):
    """Why the pack of a line is not scanned; what was wrong before, and the other reasons, ask for own words."""

    line_id: UUID
    reason: WhyUnscanned
    note: str = Field("", max_length=300)

    @model_validator(mode="after")
    def said(self) -> "UnscannedDraft":
        if self.reason is WhyUnscanned.OTHER and len(self.note) < 3:
            raise ValueError(_("Write which other reason there is."))
        return self


class BatchInHandDraft(Draft):
    """Take the batch that was scanned; a reason where one that expires earlier should go first."""

    line_id: UUID
    reason: WhyThisBatch | None = None
    note: str = Field("", max_length=300)

    @model_validator(mode="after")
    def said(self) -> "BatchInHandDraft":
        if self.reason is WhyThisBatch.OTHER and len(self.note) < 3:
            raise ValueError(_("Write which other reason there is."))
        return self


class PackCheckView(RecordView):
    dispensing_id: UUID
    dispensing_line_id: UUID | None
    outcome: PackOutcome
    confirms: bool
    words: str
    product_id: UUID | None
    code: str
    batch_id: UUID | None
    batch: str
    expires: date | None
    reason: str
    note: str
    by_name: str
    at: datetime


class PolicyDraft(Draft):
    two_persons_always: bool = False
    two_persons_schedules: str = Field("", max_length=60, pattern=r"^\s*(\w{1,6}(\s*,\s*\w{1,6})*)?\s*$")
    pack_rule: PackRule = PackRule.DESK
    refill_at: Decimal = Field(Decimal("0.80"), gt=0, le=1)
    refill_controlled_at: Decimal = Field(Decimal("0.85"), gt=0, le=1)
    answer_hours: int = Field(24, ge=1, le=720)
    look_back_days: int = Field(14, ge=0, le=366)
    refill_controlled_strict: bool = False
    refill_ahead: int | None = Field(None, ge=0, le=365)
    refill_apart: int | None = Field(None, ge=1, le=365)
    refill_look_back: int = Field(180, ge=0, le=730)
    remind_days: int = Field(3, ge=1, le=180)
    collect_days: int = Field(10, ge=1, le=180)
    resale_of_returns: bool = False

    @model_validator(mode="after")
    def reminded_in_time(self) -> "PolicyDraft":
        if self.remind_days > self.collect_days:
            raise ValueError(_("Remind patients before the bag goes back: at most as many days as it waits."))
        return self


class PolicyView(RecordView):
    two_persons_always: bool
    two_persons_schedules: str
    pack_rule: PackRule
    refill_at: Quantity
    refill_controlled_at: Quantity
    answer_hours: int
    look_back_days: int
    refill_controlled_strict: bool
    refill_ahead: int | None
    refill_apart: int | None
    refill_look_back: int
    remind_days: int
    collect_days: int
    resale_of_returns: bool


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
    refused: bool
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
    held_for: WaitsFor | None
    wake_on: date | None
    collected_at: datetime | None
    collected_by: CollectedBy | None
    collector: str
    counselling: Counselling | None
    ended_because: str
    lines: list[DispensingLineView]
    items: list[ItemView] = Field(validation_alias="given")


class QueueLine(View):
    """One row of the work queue."""

    id: UUID
    number: str
    patient_id: UUID
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
    asked: str = ""  # what the prescriber was asked, and what came of it
    overdue: bool = False  # and the answer should be there
    severe: str = ""  # the worst warning that somebody went past: contraindicated or major
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
    comment_needed: bool = False  # a chosen reason is not enough
    overridden: PrescriberAnswerView | None = None


SEVERE = ("contraindicated", "major")


class WentPast(View):
    """Who went past a warning, when and why."""

    by: str
    at: datetime | None
    reason: str
    comment: str


class StandingWarning(View):
    """A severe warning that somebody went past: it stays in sight until the medicine is handed over."""

    severity: str
    title: str
    because: str
    answers: list[WentPast]


class DeskView(View):
    """A dispensing with everything that decides about it."""

    dispensing: DispensingView
    prescription: PrescriptionView
    banner: BannerView
    checks: list[CheckView]
    questions: list[QuestionView]
    standing: list[StandingWarning]
    shown: list[Alert]
    report: SafetyReport | None
