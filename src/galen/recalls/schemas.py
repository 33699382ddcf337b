"""What people say of recalls, and what they see of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import UploadFile
from pydantic import BeforeValidator, Field, field_validator, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _
from galen.identity import OwnPassword
from galen.inventory import Count

from .models import (
    ContactState,
    ContactWay,
    MatchAnswer,
    MatchLikeness,
    RecallClass,
    RecallDepth,
    RecallStatus,
    ReturnFate,
)
from .rules import MOST_LOTS, lot_key, lots_in

Why = Annotated[str, Field(min_length=3, max_length=300)]
Lots = Annotated[
    list[Annotated[str, Field(max_length=60)]], BeforeValidator(lots_in), Field(max_length=MOST_LOTS)
]  # "AB1, AB2", or a list


class MeantDraft(Draft):
    """A medicine of the catalogue that is meant."""

    product_id: UUID


class RecallDraft(Draft):
    """A recall as its notice tells it: who recalls what, which lots, how bad it is, what to do."""

    source: str = Field(min_length=2, max_length=120)
    notice_number: str = Field("", max_length=60)
    notice_date: date | None = None
    recall_class: RecallClass = RecallClass.NOT_SAID
    depth: RecallDepth = RecallDepth.PATIENT
    products: list[MeantDraft] = Field(min_length=1, max_length=20)
    lots: Lots = Field(default_factory=list)
    whole: bool = False
    text: str = Field("", max_length=20_000)
    instructions: str = Field("", max_length=2_000)
    unread: Lots = Field(default_factory=list)
    by_text: bool = Field(False, description="The lots were read from a text: a person confirms each match")

    @field_validator("lots")
    @classmethod
    def are_lots(cls, lots: list[str]) -> list[str]:
        if bad := next((lot for lot in lots if not lot_key(lot)), None):
            raise ValueError(_("“%(lot)s” is no lot: it has neither letters nor digits.", lot=bad))
        return lots

    @model_validator(mode="after")
    def names_lots(self) -> "RecallDraft":
        if not self.lots and not self.whole:
            raise ValueError(_("Write the lots, or say that every lot of the medicine is recalled."))
        if self.lots and self.whole:
            raise ValueError(_("Either every lot is recalled, or the lots that are written. Leave one out."))
        return self


class LotsDraft(Draft):
    """Lots that a later notice adds."""

    lots: Lots = Field(min_length=1)


class NoticesDraft(Draft):
    """The text of a notice, or a file with many (CSV as the FDA's enforcement reports have it)."""

    text: str = Field("", max_length=200_000)
    file: UploadFile | None = None

    @model_validator(mode="after")
    def says_something(self) -> "NoticesDraft":
        if not self.text and self.file is None:
            raise ValueError(_("Paste the text of a notice, or choose a file."))
        return self


class MatchAnswerDraft(Draft):
    """What a person says of one match."""

    match_id: UUID
    answer: Literal["confirmed", "declined"]


class MatchesDraft(Draft):
    """What a person says of several."""

    answers: list[MatchAnswerDraft] = Field(min_length=1, max_length=200)

    @field_validator("answers", mode="before")
    @classmethod
    def given(cls, said: Any) -> Any:
        """On the page a match may be left open."""
        if not isinstance(said, list):
            return said
        return [answer for answer in said if not isinstance(answer, dict) or answer.get("answer")]


class RecallCallDraft(Draft):
    """How staff tried to reach a patient, and what came of it."""

    way: ContactWay = ContactWay.CALL
    outcome: Literal["reached", "no answer", "unreachable"]
    note: str = Field("", max_length=500)


class RecallReturnDraft(Draft):
    """What a patient brought back."""

    batch_id: UUID
    quantity: Annotated[Count, Field(gt=0)]
    fate: ReturnFate


class RecallReasonDraft(Draft):
    reason: Why


class RecallClosingDraft(Draft):
    """The password again, of whoever signs that all was done that can be."""

    password: OwnPassword
    meaning: Literal["Effective: everybody who can be reached was reached", "Closed although not everybody was reached"]
    note: str = Field("", max_length=300)


class RecallProductView(View):
    product_id: UUID


class RecallView(RecordView):
    number: str
    title: str
    source: str
    notice_number: str
    notice_date: date | None
    recall_class: RecallClass
    depth: RecallDepth
    lots: list[str]
    whole: bool
    unread: list[str]
    instructions: str
    products: list[RecallProductView]
    status: RecallStatus
    opened_name: str
    opened_at: datetime
    blocked_at: datetime | None
    told_at: datetime | None
    closed_name: str
    closed_at: datetime | None
    meaning: str
    figures: dict[str, Any] | None
    ended_because: str


class MatchView(RecordView):
    batch_id: UUID
    lot: MatchLikeness
    medicine: MatchLikeness
    answer: MatchAnswer
    fits: list[str]
    unsure: list[str]


class ContactView(RecordView):
    recall_id: UUID
    patient_id: UUID
    state: ContactState
    told_at: datetime | None
    reached_at: datetime | None
    reached_by: str
    tries: int


class RecallReturnView(RecordView):
    contact_id: UUID
    patient_id: UUID
    batch_id: UUID
    quantity: Quantity
    fate: ReturnFate


class RecipientLine(View):
    """What one patient received of a recalled batch."""

    id: UUID
    patient_id: UUID
    name: str
    number: str
    phone: str
    email: str
    dispensing_id: UUID
    dispensing: str
    medicine: str
    batch_id: UUID
    batch: str
    quantity: Quantity
    unit: str
    at: datetime
    state: ContactState | None


class BagLine(View):
    """What is dispensed and not handed over."""

    patient_id: UUID
    name: str
    dispensing_id: UUID
    dispensing: str
    site: str
    batch: str
    quantity: Quantity
    unit: str


class PlaceLine(View):
    """What lies of a recalled batch in one place of a site."""

    level_id: UUID
    site: str
    location: str
    batch: str
    medicine: str
    quantity: Quantity
    unit: str


class RecallTransferLine(View):
    transfer_id: UUID
    transfer: str
    source: str
    target: str
    status: str
    batch: str
    quantity: Quantity
    arrived: Quantity | None
    unit: str


class SourceLine(View):
    """The paper by which a recalled batch came."""

    delivery_id: UUID
    delivery: str
    supplier: str
    supplier_number: str
    day: date
    site: str
    batch: str
    quantity: Quantity
    unit: str


class SoldLine(View):
    """What of a recalled batch was sold over the counter; the buyer as far as they are known."""

    sale_id: UUID
    sale: str
    patient_id: UUID | None
    buyer: str
    site: str
    batch_id: UUID
    batch: str
    quantity: Quantity
    unit: str
    at: datetime


class RecallFigures(View):
    """How it stands: what is blocked where, and who was reached."""

    batches: int = 0
    on_shelf: Quantity
    in_transit: Quantity
    in_bags: Quantity
    given: Quantity
    sold: Quantity = Decimal(0)
    returned: Quantity
    destroyed: Quantity
    patients: int = 0
    to_tell: int = 0
    sent: int = 0
    failed: int = 0
    reached: int = 0
    unreachable: int = 0
    percent: int | None = None


class NoticeProposal(View):
    """One notice as it was read, and which batches of ours may be meant."""

    title: str
    text: str
    source: str
    notice_number: str
    recall_class: RecallClass
    lots: list[str]
    whole: bool
    unread: list[str]
    products: list[UUID]
    product_names: list[str]
    batches: list[str]  # lot, medicine and what does not fit, in words
    alone: str  # the same notice as a file of its own, to be read again

    @property
    def ours(self) -> bool:
        return bool(self.batches)

    @property
    def meant(self) -> list[tuple[UUID, str]]:
        """For the form: the medicines with their names."""
        return list(zip(self.products, self.product_names, strict=True))
