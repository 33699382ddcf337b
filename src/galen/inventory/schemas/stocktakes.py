"""What people say and are shown when they count; what should be there is in `DifferenceView` alone."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _
from galen.i18n import typed

from ..stocktakes import StocktakeScope, StocktakeStatus
from .drafts import Count, Expiry, Reason

Limit = Annotated[Decimal, Field(ge=0, lt=1_000_000_000)]


class LimitsDraft(Draft):
    """Above either of two, in units or in money, a second pair of eyes is needed."""

    write_off_units: Limit
    write_off_value: Annotated[Limit, Field(decimal_places=4)]
    recount_units: Limit
    recount_value: Annotated[Limit, Field(decimal_places=4)]


class LimitsView(View):
    """The limits of a site."""

    write_off_units: Quantity
    write_off_value: Quantity
    recount_units: Quantity
    recount_value: Quantity


class StocktakeDraft(Draft):
    """What is to be counted; what each scope needs besides, it asks for."""

    scope: StocktakeScope = StocktakeScope.ALL
    place: str = Field("", max_length=40, validate_default=True, description="How the places begin: Shelf B")
    since: Annotated[date | None, Field(validate_default=True), typed.DAY] = None
    product_ids: Annotated[list[UUID], Field(max_length=200, validate_default=True)] = []
    note: str = Field("", max_length=300)

    @field_validator("place")
    @classmethod
    def names_the_place(cls, place: str, info: ValidationInfo) -> str:
        if info.data.get("scope") is StocktakeScope.PLACE and not place:
            raise ValueError(_("Write how the places begin: Shelf B, Fridge."))
        return place

    @field_validator("since")
    @classmethod
    def names_the_day(cls, since: date | None, info: ValidationInfo) -> date | None:
        if info.data.get("scope") in (StocktakeScope.MOVED, StocktakeScope.UNCOUNTED) and since is None:
            raise ValueError(_("Write the day from which on."))
        return since

    @field_validator("product_ids")
    @classmethod
    def names_the_medicines(cls, ids: list[UUID], info: ValidationInfo) -> list[UUID]:
        if info.data.get("scope") is StocktakeScope.MEDICINES and not ids:
            raise ValueError(_("Choose at least one medicine."))
        return ids


class Counted(Draft):
    """Whole packs, loose units, or both; nothing is written as 0."""

    packs: Count | None = None
    units: Annotated[Count | None, Field(validate_default=True)] = None

    @field_validator("units")
    @classmethod
    def was_counted(cls, units: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if units is None and info.data.get("packs", units) is None:
            raise ValueError(_("Write what was counted, 0 when nothing is there."))
        return units

    def total(self, pack_size: Decimal) -> Decimal:
        return (self.packs or Decimal(0)) * pack_size + (self.units or Decimal(0))


class LineCountDraft(Counted):
    """What one place holds; `rounds` is how often it had been counted when the person began."""

    rounds: int | None = Field(None, ge=0, le=3)


class FoundDraft(Counted):
    """A batch that the list does not know in this place."""

    product_id: UUID
    number: str = Field(min_length=1, max_length=40)
    expires: Expiry | None = None
    maker: str = Field("", max_length=120)
    location: str = Field("", max_length=40)


class Uncounted(StrEnum):
    """What becomes of places that nobody counted."""

    LEAVE = "leave"
    ZERO = "zero"


class PostingDraft(Draft):
    """What to do with places that nobody counted; setting them to nothing needs a reason."""

    uncounted: Uncounted | None = None
    reason: str = Field("", max_length=300, validate_default=True)

    @field_validator("reason")
    @classmethod
    def says_why(cls, reason: str, info: ValidationInfo) -> str:
        if info.data.get("uncounted") is Uncounted.ZERO and len(reason) < 3:
            raise ValueError(_("Write why what nobody counted is set to nothing."))
        return reason


class CancelStocktakeDraft(Draft):
    """Why a stocktake comes to nothing."""

    reason: Reason


class StocktakeView(RecordView):
    """A stocktake as a document."""

    number: str
    site_id: UUID
    scope: StocktakeScope
    place: str
    since: date | None
    note: str
    recount_units: Quantity
    recount_value: Quantity
    status: StocktakeStatus
    opened_name: str
    opened_at: datetime
    posted_name: str
    posted_at: datetime | None
    zeroed_because: str
    ended_because: str


class StocktakeLineView(RecordView):
    """One place to be counted, without any quantity; `state` is to count, count again, or counted."""

    stocktake_id: UUID
    position: int
    location: str
    level_id: UUID
    product_id: UUID
    batch_id: UUID
    found: bool
    rounds: int
    state: str
    counted_name: str


class DifferenceView(StocktakeLineView):
    """What was counted against what the ledger said at that moment."""

    counted: Quantity | None
    expected: Quantity | None
    difference: Quantity | None
    unit_value: Quantity
    value: Quantity
