"""What is filled in and seen of bags that wait, of what is brought back, and of the next supply."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _
from galen.patients import BannerView
from galen.prescribing import RefillVerdict
from galen.values.money import Money

from .bags import BagStatus
from .returns import Fate, WhyReturned


class BagDraft(Draft):
    """The bin, scanned or typed; `placed` says that the bag is in it."""

    bin: str = Field(min_length=1, max_length=20)
    placed: bool = True


class KeepDraft(Draft):
    until: date


class BagView(RecordView):
    dispensing_id: UUID
    bin: str
    status: BagStatus
    assigned_at: datetime
    ready_at: datetime | None
    remind_on: date | None
    collect_by: date | None
    reminded_at: datetime | None
    ended_at: datetime | None
    ended_because: str


class WaitingBag(View):
    """One row of the will-call shelf."""

    dispensing_id: UUID
    number: str
    patient_id: UUID
    patient: str
    medicines: str
    controlled: bool
    bin: str
    status: BagStatus
    since: date
    days: int
    collect_by: date | None
    reminded_at: datetime | None

    @property
    def to_put_back(self) -> bool:
        return self.status is BagStatus.EXPIRED

    @property
    def to_place(self) -> bool:
        return self.status is BagStatus.ASSIGNED

    @property
    def each_medicine(self) -> list[str]:
        return self.medicines.split("; ")


class WaitingBags(View):
    items: list[WaitingBag]
    put_back: list[WaitingBag]
    waiting: int
    expired: int
    q: str = ""
    next: str | None = None


class ReturnLineDraft(Draft):
    """So many units of one dispensed batch, and what becomes of them; none means that it was not brought."""

    item_id: UUID
    quantity: Annotated[Decimal, Field(ge=0, lt=1_000_000, decimal_places=6)] = Decimal(0)
    fate: Fate = Fate.QUARANTINE


class PatientReturnDraft(Draft):
    """What the patient brings back. Only what was unopened and never left the pharmacy's hands may be sold again."""

    lines: list[ReturnLineDraft] = Field(min_length=1, max_length=40)
    reason: WhyReturned
    note: str = Field("", max_length=300)
    unopened: bool = False
    never_left: bool = Field(False, description="It never left the pharmacy's control")
    method: str = Field("", max_length=200, description="How it is to be destroyed")
    credit: bool = Field(False, description="The charge falls by what was brought back")

    @model_validator(mode="after")
    def said(self) -> "PatientReturnDraft":
        if self.reason is WhyReturned.OTHER and len(self.note) < 3:
            raise ValueError(_("Write which other reason there is."))
        if not any(line.quantity for line in self.lines):
            raise ValueError(_("Write how much was brought back of at least one batch."))
        return self


class ReturnedItemView(RecordView):
    item_id: UUID
    drug: str
    batch: str
    quantity: Quantity
    count: str = Field(exclude=True)
    fate: Fate
    batch_id: UUID


class PatientReturnView(RecordView):
    number: str
    dispensing_id: UUID
    patient_id: UUID
    reason: WhyReturned
    note: str
    credited: Quantity
    to_refund: Quantity
    currency: str
    by_name: str
    at: datetime
    items: list[ReturnedItemView]

    @property
    def refund(self) -> Money | None:
        """What is to be given back from the invoice."""
        return Money(self.to_refund, self.currency) if self.to_refund else None


class ReturnableItem(View):
    """One dispensed batch, how much of it is still with the patient, and why it may not be sold again."""

    item_id: UUID
    drug: str
    batch: str
    expires: date | None
    unit: str
    left: Quantity
    barred: str


class ReturnsView(View):
    """What was brought back of a supply, and what may be."""

    dispensing_id: UUID
    items: list[ReturnableItem]
    returns: list[PatientReturnView]
    invoice_id: UUID | None = None


class NextSupplyView(View):
    """When one medicine may be supplied next; no day when it may not be on this prescription."""

    line_id: UUID
    drug: str
    verdict: RefillVerdict
    earliest: date | None
    sums: str
    used: int | None
    left: int
    until: date | None

    @property
    def due(self) -> bool:
        """It may be supplied today."""
        return self.verdict is RefillVerdict.DUE


class NextSuppliesView(View):
    banner: BannerView = Field(exclude=True)
    prescription_id: UUID
    open: bool  # it may still be supplied
    lines: list[NextSupplyView]
