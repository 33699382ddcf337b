"""What is written down about practitioners and appointments, and what is seen of them."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from galen.core.schemas import Draft, RecordView, View
from galen.i18n import gettext as _
from galen.patients import dea_fault, hpii_fault, npi_fault, provider_number_fault

from .models import AppointmentStatus, Kind


class FeesDraft(Draft):
    fee_new: Decimal = Field(ge=0, lt=10**10, decimal_places=4)
    fee_returning: Decimal = Field(ge=0, lt=10**10, decimal_places=4)


class FeesView(RecordView, FeesDraft):
    pass


def passing(fault: Callable[[str], str | None]) -> AfterValidator:
    """A number is kept when its check digit is right, or when it is left empty."""

    def checked(number: str) -> str:
        if number and (broken := fault(number)):
            raise ValueError(broken)
        return number

    return AfterValidator(checked)


class PractitionerDraft(Draft):
    """A doctor's profile. Without fees of their own the organisation's apply."""

    account_id: UUID
    name: str = Field(min_length=2, max_length=120)
    specialty: str = Field("General practice", min_length=2, max_length=80)
    registration: str = ""
    prescriber_number: str = ""
    provider_number: Annotated[str, passing(provider_number_fault)] = ""
    hpi_i: Annotated[str, passing(hpii_fault)] = ""
    npi: Annotated[str, passing(npi_fault)] = ""
    dea: Annotated[str, passing(dea_fault)] = ""
    fee_new: Decimal | None = Field(None, ge=0, lt=10**10, decimal_places=4)
    fee_returning: Decimal | None = Field(None, ge=0, lt=10**10, decimal_places=4)


class PractitionerChange(PractitionerDraft):
    """Only what is said is changed."""

    account_id: UUID = Field(UUID(int=0), exclude=True)
    name: str = Field("", max_length=120)
    active: bool = True

    @model_validator(mode="after")
    def keep_the_account(self) -> Self:
        if "account_id" in self.model_fields_set:
            raise ValueError(_("A profile stays with its account; add a new profile for another account."))
        if "name" in self.model_fields_set and len(self.name) < 2:
            raise ValueError(_("Please write the name."))
        return self


class PractitionerCard(RecordView):
    """What everybody may know of a practitioner."""

    name: str
    specialty: str
    fee_new: Decimal | None
    fee_returning: Decimal | None
    active: bool


class PractitionerView(PractitionerCard):
    account_id: UUID
    registration: str
    prescriber_number: str
    provider_number: str
    hpi_i: str
    npi: str
    dea: str


class HoursDraft(Draft):
    """Hours to offer: on weekdays (Monday 0) every week, or on single days, or both."""

    site_id: UUID
    weekdays: list[int] = Field(default_factory=list, max_length=7)
    days: list[date] = Field(default_factory=list, max_length=366)
    start: time
    end: time
    minutes: int = Field(15, ge=5, le=480)
    pause: int = Field(0, ge=0, le=480)
    kinds: list[Kind] = Field(default_factory=lambda: list(Kind), min_length=1)
    room: str = Field("", max_length=40)
    valid_from: date | None = None
    valid_until: date | None = None

    @model_validator(mode="after")
    def some_day(self) -> Self:
        if not self.weekdays and not self.days:
            raise ValueError(_("Say on which weekdays (Monday is 0) or on which days these hours are offered."))
        if any(not 0 <= weekday <= 6 for weekday in self.weekdays):
            raise ValueError(_("A weekday is a number from 0 (Monday) to 6 (Sunday)."))
        return self


class SlotsDraft(HoursDraft):
    practitioner_id: UUID


class AvailabilityView(RecordView):
    practitioner_id: UUID
    site_id: UUID
    weekday: int | None
    day: date | None
    start: time
    end: time
    minutes: int
    pause: int
    kinds: list[str]
    room: str
    valid_from: date | None
    valid_until: date | None


class SlotView(View):
    practitioner_id: UUID
    practitioner: str
    specialty: str
    site_id: UUID
    site: str
    starts: datetime
    ends: datetime
    kinds: list[str]
    room: str


class LeaveDraft(Draft):
    """From when until when; times without a zone are on the clock of the site one works at."""

    starts: datetime
    ends: datetime
    reason: str = Field("", max_length=200)

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.ends.replace(tzinfo=None) <= self.starts.replace(tzinfo=None):
            raise ValueError(_("The end must be after the start."))
        return self


class AppointmentDraft(Draft):
    """A booking. A patient books for themself; an `overbook_reason` books also what is taken or not offered."""

    patient_id: UUID | None = None
    practitioner_id: UUID
    starts: datetime
    site_id: UUID | None = None
    minutes: int | None = Field(None, ge=5, le=480)
    kind: Kind = Kind.IN_PERSON
    reason: str = Field("", max_length=500)
    overbook_reason: str = Field("", max_length=200)


class MoveDraft(Draft):
    """Another time. Without `minutes` a visit of the usual length takes the one usual there, another keeps its own."""

    starts: datetime
    minutes: int | None = Field(None, ge=5, le=480)
    practitioner_id: UUID | None = None
    site_id: UUID | None = None
    overbook_reason: str = Field("", max_length=200)


class AppointmentChange(Draft):
    """Only what is said is changed."""

    kind: Kind | None = None
    reason: str | None = Field(None, max_length=500)
    room: str | None = Field(None, max_length=40)


class AppointmentCancelDraft(Draft):
    reason: str = Field(min_length=2, max_length=200)


class AppointmentView(RecordView):
    patient_id: UUID
    practitioner_id: UUID
    site_id: UUID
    starts: datetime
    ends: datetime
    kind: Kind
    status: AppointmentStatus
    price: Decimal
    reason: str
    room: str
    overbooked: bool
    overbook_reason: str
    booked_at: datetime
    arrived_at: datetime | None
    ended_reason: str


class LeaveView(RecordView):
    """A leave and the bookings that must be moved because of it."""

    practitioner_id: UUID
    starts: datetime
    ends: datetime
    reason: str
    affected: list[AppointmentView] = []
