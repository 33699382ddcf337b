"""What devices and people say about places that are kept cold, and what is shown of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import UploadFile
from pydantic import AwareDatetime, Field, SecretStr, field_validator, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _

from .models import BatchFate, ExcursionKind, ExcursionStatus, NoteKind, PlaceKind
from .rules import ColdState, in_celsius

Celsius = Annotated[Decimal, Field(ge=-100, le=100, decimal_places=3)]
Degrees = Annotated[Decimal, Field(ge=-1000, le=9999, decimal_places=6)]
Serial = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", description="Letters, digits, and . _ -")]
Words = Annotated[str, Field(min_length=3, max_length=500)]


class ReadingDraft(Draft):
    """One temperature: `c`, `f`, or `value` in the unit that the sensor is registered with."""

    at: AwareDatetime = Field(description="When it was taken, with its zone: 2026-11-20T00:30:00Z")
    c: Degrees | None = None
    f: Degrees | None = None
    value: Degrees | None = None
    seq: int | None = Field(None, ge=0, le=2**63 - 1, description="The device's own number of it")
    battery: int | None = Field(None, ge=0, le=100)
    probe: str = Field("", max_length=40)

    @model_validator(mode="after")
    def says_one_temperature(self) -> "ReadingDraft":
        if sum(given is not None for given in (self.c, self.f, self.value)) != 1:
            raise ValueError(_("Write one temperature: c, f, or value in the unit of the sensor."))
        return self

    def said(self, unit: str) -> tuple[Decimal, str]:
        """The number as it was said, and in which unit."""
        given = (self.c, "C") if self.c is not None else (self.f, "F") if self.f is not None else (self.value, unit)
        return given[0] or Decimal(0), given[1]

    def celsius(self, unit: str) -> Decimal:
        return in_celsius(*self.said(unit))


class DeviceReadings(Draft):
    """What a device sends: who it is, and what it has measured. It may be sent again; nothing is stored twice."""

    organization: str = Field("", max_length=40)
    serial: Serial
    secret: SecretStr = Field(max_length=200)
    sent: AwareDatetime | None = Field(None, description="The device's clock as it sends this")
    readings: list[ReadingDraft] = Field(min_length=1, max_length=5000)


class Receipt(View):
    """What became of readings."""

    stored: int
    known: int  # they were here already


class ProfileDraft(Draft):
    """A range and what is tolerated."""

    name: str = Field(min_length=2, max_length=80)
    low: Celsius
    high: Celsius
    tolerated_low: Celsius
    tolerated_high: Celsius
    tolerated_minutes: int = Field(ge=0, le=10_080)
    interval_minutes: int = Field(5, ge=1, le=1440)
    flat_hours: int | None = Field(6, ge=1, le=720)
    mean_most: Celsius | None = None
    budget_hours: int | None = Field(None, ge=1, le=10_000)

    @model_validator(mode="after")
    def makes_sense(self) -> "ProfileDraft":
        if self.low >= self.high:
            raise ValueError(_("The lowest temperature must be below the highest."))
        if self.tolerated_low > self.low or self.tolerated_high < self.high:
            raise ValueError(_("What is tolerated for a while cannot be narrower than the range."))
        return self


class ProfileView(RecordView):
    name: str
    low: Quantity
    high: Quantity
    tolerated_low: Quantity
    tolerated_high: Quantity
    tolerated_minutes: int
    interval_minutes: int
    flat_hours: int | None
    mean_most: Quantity | None
    budget_hours: int | None


class PlaceDraft(Draft):
    """A fridge, room or freezer. Without a profile the guidelines' range for its kind holds."""

    name: str = Field(min_length=2, max_length=60)
    kind: PlaceKind
    site_id: UUID | None = None  # the one worked at
    profile_id: UUID | None = None
    bins: list[str] = Field(default_factory=list, max_length=40, description="Bins of the stock that lie in it")

    @field_validator("profile_id", "site_id", mode="before")
    @classmethod
    def none_chosen(cls, said: object) -> object:
        return None if said == "" else said

    @field_validator("bins", mode="before")
    @classmethod
    def from_one_line(cls, said: object) -> object:
        """A form has one field for all of them."""
        return said.split(",") if isinstance(said, str) else said

    @field_validator("bins")
    @classmethod
    def each_once(cls, bins: list[str]) -> list[str]:
        named = [" ".join(name.split()) for name in bins]
        if any(len(name) > 40 for name in named):
            raise ValueError(_("A bin has a name of 40 letters at most. Write a comma between two bins."))
        return sorted({name.casefold(): name for name in named if name}.values())


class PlaceView(RecordView):
    site_id: UUID
    name: str
    kind: PlaceKind
    profile_id: UUID
    locations: list[str]
    closed_at: datetime | None


class SensorDraft(Draft):
    serial: Serial
    unit: Literal["C", "F"] = "C"
    calibrated_until: date | None = None


class SensorView(RecordView):
    serial: str
    place_id: UUID
    unit: str
    calibrated_until: date | None
    registered_at: datetime
    closed_at: datetime | None


class NewSecret(SensorView):
    """A sensor with its secret, which is shown this once."""

    new_secret: str
    topic: str
    username: str


class LoggerDraft(Draft):
    """The file that a logger was read out to."""

    file: UploadFile


class ReadingView(RecordView):
    at: datetime
    taken: datetime
    received_at: datetime
    clock_off: bool
    celsius: Quantity | None
    said: Quantity
    unit: str
    seq: int | None
    battery: int | None


class CommentDraft(Draft):
    """What somebody says about an excursion; taking it up without a word is refused."""

    comment: Words


class FateDraft(Draft):
    """A pharmacist's decision about one batch, and why."""

    fate: BatchFate
    reason: Words
    reference: str = Field("", max_length=200, description="Stability data, the maker's answer")
    method: str = Field("", max_length=200, description="How it is destroyed")

    @model_validator(mode="after")
    def says_how(self) -> "FateDraft":
        if self.fate is BatchFate.DESTROY and len(self.method) < 3:
            raise ValueError(_("Write how it is destroyed."))
        return self


class HeldView(RecordView):
    batch_id: UUID
    product_id: UUID
    minutes: int
    held: bool
    fate: BatchFate | None
    reason: str
    reference: str
    decided_name: str
    decided_at: datetime | None


class ThreadLine(RecordView):
    kind: NoteKind
    words: str
    number: int | None
    at: datetime
    by_name: str


class ExcursionView(RecordView):
    number: str
    place_id: UUID
    kind: ExcursionKind
    status: ExcursionStatus
    began: datetime
    ended: datetime | None
    lowest: Quantity | None
    highest: Quantity | None
    mean: Quantity | None
    opened_at: datetime
    told: int
    acknowledged_name: str
    acknowledged_at: datetime | None
    closed_at: datetime | None
    batches: list[HeldView]


class PlaceNow(View):
    """A place as the dashboard shows it."""

    id: UUID
    name: str
    kind: PlaceKind
    site: str
    standing: ColdState
    celsius: Quantity | None
    taken: datetime | None
    lowest: Quantity | None  # since the day began there
    highest: Quantity | None
    sensors: int
    clock_off: bool
    battery: int | None
