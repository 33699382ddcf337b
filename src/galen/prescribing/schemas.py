"""What a prescriber fills in, and what is seen of a prescription."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from galen.core.schemas import Draft, Quantity, RecordView
from galen.i18n import gettext as _
from galen.identity import OwnPassword
from galen.safety import SafetyReport

from .models import Meaning, PrescriptionStatus, Reason


class PrescriptionLineDraft(Draft):
    """One medicine as a prescriber writes it. Without a quantity, the directions say how much is needed."""

    product_id: UUID
    directions: str = Field(min_length=1, max_length=300, description="Such as `1 tab bd pc x5/7`")
    quantity: Decimal | None = Field(None, gt=0, le=100_000, decimal_places=6)
    days: int | None = Field(None, ge=1, le=366, description="Length of the course, when the directions do not say")
    repeats: int | None = Field(None, ge=0, le=99)
    interval_days: int | None = Field(None, ge=1, le=366)
    substitution: bool = True
    indication: str = Field("", max_length=200)


class OverrideDraft(Draft):
    """Why an alert is not followed; `key` is the alert's own."""

    key: str = Field(min_length=1, max_length=400)
    reason: Reason
    comment: str = Field("", max_length=500)

    @model_validator(mode="after")
    def said(self) -> "OverrideDraft":
        if self.reason is Reason.OTHER and len(self.comment) < 3:
            raise ValueError(_("Please write which other reason there is to go on."))
        return self


def answered(said: Any) -> Any:
    """An answer without a reason is none: a form sends the key of every question."""
    if not isinstance(said, list):
        return said
    return [answer for answer in said if not isinstance(answer, dict) or answer.get("reason")]


class PrescriptionChange(Draft):
    """The content of a draft, written anew."""

    lines: list[PrescriptionLineDraft] = Field(min_length=1, max_length=20)
    overrides: list[OverrideDraft] = Field(default_factory=list, max_length=50)
    remark: str = Field("", max_length=500)
    not_before: date | None = Field(None, description="Not to be supplied before this day")

    @field_validator("overrides", mode="before")
    @classmethod
    def given(cls, said: Any) -> Any:
        return answered(said)


class PrescriptionDraft(PrescriptionChange):
    """A new prescription for a patient, perhaps in a visit."""

    patient_id: UUID
    visit_id: UUID | None = None


class SignatureDraft(Draft):
    """The prescriber's own password again, and what the signature means."""

    password: OwnPassword
    meaning: Meaning = Meaning.AUTHORSHIP
    overrides: list[OverrideDraft] = Field(default_factory=list, max_length=50)

    @field_validator("overrides", mode="before")
    @classmethod
    def given(cls, said: Any) -> Any:
        return answered(said)


class PrescriptionCancelDraft(Draft):
    reason: str = Field(min_length=3, max_length=300)


class RowDraft(Draft):
    """A line that is still being typed."""

    product_id: UUID | None = None
    directions: str = Field("", max_length=300)
    quantity: Decimal | None = None
    days: int | None = Field(None, ge=1, le=366)
    repeats: int | None = None
    interval_days: int | None = None
    substitution: bool = False
    indication: str = Field("", max_length=200)


class EditorAnswerDraft(Draft):
    """An answer that is still being chosen."""

    key: str = Field("", max_length=400)
    reason: str = ""
    comment: str = Field("", max_length=500)


class EditorDraft(Draft):
    """A prescription that is still being written. `take`: one key of what the editor offers."""

    patient_id: UUID
    visit_id: UUID | None = None
    prescription_id: UUID | None = None
    lines: list[RowDraft] = Field(default_factory=list, max_length=20)
    overrides: list[EditorAnswerDraft] = Field(default_factory=list, max_length=50)
    remark: str = Field("", max_length=500)
    not_before: date | None = None
    again: UUID | None = Field(None, description="A line of an earlier prescription to write again")
    instead: str = Field("", description="The alternative to take, as `row:ingredient`")


class PrescriptionLineView(RecordView):
    position: int
    product_id: UUID
    drug: str
    schedule: str
    typed: str
    directions: str
    dose: dict[str, Any]
    quantity: Quantity
    unit: str
    repeats: int
    interval_days: int | None
    substitution: bool
    indication: str


class OverrideView(RecordView):
    key: str
    severity: str
    effect: str
    reason: Reason
    comment: str
    by_name: str
    at: datetime


class PrescriptionView(RecordView):
    number: str
    patient_id: UUID
    practitioner_id: UUID
    prescriber_id: UUID
    visit_id: UUID | None
    origin_id: UUID | None
    status: PrescriptionStatus
    written_at: datetime
    remark: str
    not_before: date | None
    valid_until: date | None
    signer_name: str
    signed_at: datetime | None
    meaning: Meaning | None
    content_hash: str
    cancelled_at: datetime | None
    cancelled_by: str
    cancelled_because: str
    lines: list[PrescriptionLineView]
    overrides: list[OverrideView]
    report: SafetyReport | None = None  # the safety check, for a draft
