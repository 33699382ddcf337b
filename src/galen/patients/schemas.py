from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from galen.core.schemas import Draft, RecordView, View

from .models import AllergyState, AllergyStatus, Sex
from .rules import Birth


def sound_birth(text: str) -> str:
    return str(Birth.parse(text))


BirthText = Annotated[str, AfterValidator(sound_birth), Field(description="1980-05-17, or 1980-05, or 1980")]


class PatientDraft(Draft):
    """What a receptionist writes down. `anyway` says that a likely duplicate was looked at and is another person."""

    family: str = Field(min_length=1, max_length=120)
    given: str = Field("", max_length=120)
    preferred: str = ""
    sex: Sex = Sex.UNKNOWN
    born: BirthText | None = None
    phone: str = ""
    email: str = ""
    street: str = ""
    suburb: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    language: str = "en"
    label_large: bool = False
    medicare: str = ""
    ihi: str = ""
    anyway: bool = False


class PatientChange(Draft):
    """Only what is said is changed."""

    family: str | None = Field(None, min_length=1, max_length=120)
    given: str | None = None
    preferred: str | None = None
    sex: Sex | None = None
    born: BirthText | None = None
    phone: str | None = None
    email: str | None = None
    street: str | None = None
    suburb: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    language: str | None = None
    label_large: bool | None = None
    deceased_on: date | None = None
    medicare: str | None = None
    ihi: str | None = None


class AllergyDraft(Draft):
    substance: str = Field(min_length=2, max_length=200)
    kind: str = Field("medicine", pattern="^(medicine|food|environment|other)$")
    code: str = ""
    system: str = ""
    reaction: str = ""
    severity: str = Field("", pattern="^(|mild|moderate|severe)$")
    noted_on: date | None = None


class AllergyView(RecordView, AllergyDraft):
    status: AllergyStatus


class ConditionDraft(Draft):
    text: str = Field(min_length=2, max_length=300)
    code: str = ""
    system: str = ""
    since: date | None = None
    until: date | None = None


class CoverageDraft(Draft):
    payer: str = Field(min_length=1, max_length=120)
    plan: str = ""
    member: str = Field(min_length=1, max_length=60)
    group: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    priority: int = Field(1, ge=1, le=9)


class PatientView(RecordView):
    number: str
    family: str
    given: str
    preferred: str
    sex: Sex
    born: date | None
    born_known: str
    phone: str
    email: str
    street: str
    suburb: str
    state: str
    postcode: str
    country: str
    language: str
    allergy_state: AllergyState
    allergies: list[AllergyView]
    deceased_on: date | None
    archived_at: datetime | None


class FlagView(View):
    word: str
    tone: str


class BannerView(View):
    """What stands above every page about a patient."""

    id: UUID
    family: str
    given: str
    born: date | None
    sex: str
    number: str
    national_number: str = ""
    allergy_state: str
    allergies: list[AllergyView]
    flags: list[FlagView]
