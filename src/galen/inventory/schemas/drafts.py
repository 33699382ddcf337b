"""What people say about stock."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from galen.core.schemas import Draft
from galen.i18n import gettext as _

from ..models import AdjustReason, BatchStatus, DestructionReason
from ..rules import expiry

Count = Annotated[Decimal, Field(ge=0, lt=1_000_000_000, decimal_places=6)]
Reason = Annotated[str, Field(min_length=3, max_length=300, description="Why; it stands in the ledger")]


def last_day(said: object) -> object:
    return expiry(said) if isinstance(said, str) else said


Expiry = Annotated[
    date, BeforeValidator(last_day), Field(description="2027-06-15, or 2027-06 or 06/2027: its last day")
]


class BatchDraft(Draft):
    """What a delivery holds of one batch, counted in packs, loose units, or both."""

    product_id: UUID
    number: str = Field(min_length=1, max_length=40)
    expires: Expiry | None = None
    packs: Count = Decimal(0)
    units: Count = Decimal(0)
    total_cost: Annotated[Decimal, Field(ge=0, decimal_places=4)] | None = None  # of all of it, free goods included
    maker: str = Field("", max_length=120)
    gtin: str = Field("", pattern=r"^\d{0,14}$")
    location: str = Field("", max_length=40)
    site_id: UUID | None = None
    reason: str = Field("", max_length=300)

    @model_validator(mode="after")
    def something_came(self) -> "BatchDraft":
        if not self.packs and not self.units:
            raise ValueError(_("Write how many packs or loose units came."))
        return self


class BatchChange(Draft):
    """Take a batch out of use, or put it back; a reason is needed for both."""

    status: BatchStatus
    reason: Reason


class BatchReasonDraft(Draft):
    """Why a batch is set aside or released."""

    reason: Reason


class AdjustDraft(Draft):
    """A signed correction of what lies in one place, in units: -3 for three broken ones."""

    level_id: UUID | None = None
    batch_id: UUID | None = None  # instead: the batch, where it lies in one place of the site
    quantity: Annotated[Decimal, Field(lt=1_000_000_000, gt=-1_000_000_000, decimal_places=6)]
    code: AdjustReason = AdjustReason.OTHER
    reason: str = Field("", max_length=300, validate_default=True, description="Why, in words; needed for “other”")

    @field_validator("reason")
    @classmethod
    def is_told(cls, reason: str, info: ValidationInfo) -> str:
        code = info.data.get("code", AdjustReason.OTHER)
        if code is AdjustReason.OTHER and len(reason) < 3:
            raise ValueError(_("Write why, in three letters or more, or choose a reason from the list."))
        return reason or str(code.value)

    @field_validator("code")
    @classmethod
    def goes_that_way(cls, code: AdjustReason, info: ValidationInfo) -> AdjustReason:
        quantity = info.data.get("quantity", Decimal(0))
        if code.sign * quantity < 0:
            raise ValueError(_("What is found is added: 5. What is broken, lost, expired or taken is taken off: -5."))
        return code

    @model_validator(mode="after")
    def says_what(self) -> "AdjustDraft":
        if not self.quantity:
            raise ValueError(_("Write a quantity that is not zero: 5 for found, -5 for lost."))
        if (self.level_id is None) == (self.batch_id is None):
            raise ValueError(_("Name either the place (level_id) or the batch (batch_id)."))
        return self


class CountLine(Draft):
    """What was counted in one place."""

    level_id: UUID
    packs: Count = Decimal(0)
    units: Count = Decimal(0)

    @model_validator(mode="after")
    def was_counted(self) -> "CountLine":
        if not self.model_fields_set & {"packs", "units"}:
            raise ValueError(_("Write what was counted, 0 when nothing is there."))
        return self


class CountDraft(Draft):
    """A blind count: what is there, without having been shown what should be."""

    lines: list[CountLine] = Field(min_length=1)
    reason: str = Field("Stock count", min_length=3, max_length=300)


class ReturnDraft(Draft):
    """Goods sent back to the supplier, in units."""

    quantity: Annotated[Decimal, Field(gt=0, lt=1_000_000_000, decimal_places=6)]
    reason: Reason


Units = Annotated[Decimal, Field(gt=0, lt=1_000_000_000, decimal_places=6)]


class TransferLineDraft(Draft):
    """So many units from one place."""

    level_id: UUID
    quantity: Units


class TransferDraft(Draft):
    """What goes to another site, in units."""

    to_site_id: UUID
    lines: list[TransferLineDraft] = Field(min_length=1, max_length=200)
    note: str = Field("", max_length=300)


class ArrivalLineDraft(Draft):
    """What has arrived of one line, and where it lies now."""

    line_id: UUID
    quantity: Count
    location: str = Field("", max_length=40)
    reason: str = Field("", max_length=300, description="Why less than was sent")


class ArrivalDraft(Draft):
    """What has arrived; a line that is not named has arrived whole."""

    lines: list[ArrivalLineDraft] = Field(default_factory=list, max_length=200)


class DestructionDraft(Draft):
    """What is to be destroyed, in units, and how."""

    level_id: UUID
    quantity: Units
    reason: DestructionReason
    method: str = Field(min_length=3, max_length=200)
    note: str = Field("", max_length=300)
