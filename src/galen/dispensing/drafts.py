"""What is filled in and seen of interventions and of changes before dispensing."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import Field, model_validator

from galen.core.schemas import Draft, RecordView
from galen.i18n import gettext as _

from .changes import ChangeKind, WhyChanged
from .interventions import InterventionKind, InterventionStatus, PrescriberDecision, WhyIntervene


class InterventionDraft(Draft):
    """What is asked, sent back or refused; without a line it is about all of them."""

    kind: InterventionKind
    line_id: UUID | None = Field(None, description="The dispensing's own line or the prescription's; none: all of them")
    reason: WhyIntervene
    words: str = Field(min_length=3, max_length=1000)


class ReplyDraft(Draft):
    """What the prescriber decides, in a word and in words."""

    outcome: PrescriberDecision
    words: str = Field(min_length=3, max_length=1000)


class ChangeDraft(Draft):
    """Another brand, quantity or days' supply of one line, and why. What is not said stays."""

    line_id: UUID
    product_id: UUID | None = None
    quantity: Decimal | None = Field(None, gt=0, le=100_000, decimal_places=6)
    days: int | None = Field(None, ge=1, le=366)
    reason: WhyChanged
    note: str = Field("", max_length=300)

    @model_validator(mode="after")
    def said(self) -> "ChangeDraft":
        if self.reason.needs_words and len(self.note) < 3:
            raise ValueError(_("Write in the remark what the reason is, or when and how the prescriber agreed."))
        return self


class InterventionView(RecordView):
    dispensing_id: UUID
    dispensing_line_id: UUID | None
    prescription_id: UUID
    patient_id: UUID
    prescriber_id: UUID
    kind: InterventionKind
    reason: WhyIntervene
    words: str
    drug: str
    status: InterventionStatus
    asked_name: str
    asked_at: datetime
    due_at: datetime | None
    outcome: PrescriberDecision | None
    answer: str
    answered_name: str
    answered_at: datetime | None
    replacement_id: UUID | None


class DispensingChangeView(RecordView):
    dispensing_id: UUID
    dispensing_line_id: UUID
    kind: ChangeKind
    drug: str
    before: str
    after: str
    reason: str
    note: str
    by_name: str
    at: datetime
