"""What is written down about a person, and what is seen of them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from galen.core.schemas import Draft, RecordView, TimelineEntry, View
from galen.i18n import N_, typed
from galen.i18n import gettext as _

from .days import EARLIEST, Day
from .models import AllergyState, AllergyStatus, Sex
from .rules import Birth

Channel = Literal["phone", "sms", "email", "post"]
CHANNELS: dict[Channel, str] = {
    "phone": N_("Telephone"),
    "sms": N_("Text message"),
    "email": N_("E-mail"),
    "post": N_("Post"),
}
TELECOMS = {
    "phone": N_("Telephone"),
    "sms": N_("Text message"),
    "email": N_("E-mail"),
    "fax": N_("Fax"),
    "pager": N_("Pager"),
    "url": N_("Web address"),
    "other": N_("Other"),
}
Severity = Literal["", "mild", "moderate", "severe"]


def sound_birth(text: str) -> str:
    birth = Birth.parse(text)
    if birth.earliest < EARLIEST:
        raise ValueError(_("This date of birth is before 1880: check the year."))
    return str(birth)


def plausible_email(text: str) -> str:
    name, at, host = text.partition("@")
    if text and not (name and at and host and " " not in text):
        raise ValueError(_("This is not an e-mail address."))
    return text


BirthText = Annotated[str, AfterValidator(sound_birth), typed.DAY, Field(description="1980-05-17, or 1980-05, or 1980")]
EmailText = Annotated[str, AfterValidator(plausible_email)]


class Telecom(Draft):
    """A further way to reach a person; `use` is home, work, mobile, or what the source calls it."""

    system: Literal["phone", "sms", "email", "fax", "pager", "url", "other"] = "phone"
    value: str = Field("", max_length=200)
    use: str = Field("", max_length=40)


class ContactPerson(Draft):
    """Somebody to turn to about the person: a relative, a carer, a guardian."""

    name: str = Field("", max_length=200)
    relationship: str = Field("", max_length=200)
    phone: str = Field("", max_length=60)
    email: str = Field("", max_length=200)
    address: str = Field("", max_length=300)


def filled(rows: list[Any]) -> list[Any]:
    """Without the rows of a form that nobody filled in."""
    kept = ("name", "phone", "email", "value", "relationship", "address")
    return [row for row in rows if any(getattr(row, name, "") for name in kept)]


Telecoms = Annotated[list[Telecom], AfterValidator(filled), Field(max_length=20)]
ContactPersons = Annotated[list[ContactPerson], AfterValidator(filled), Field(max_length=20)]


class PatientDraft(Draft):
    """What a receptionist writes down. `anyway` says that a likely duplicate was looked at and is another person."""

    family: str = Field(min_length=1, max_length=120)
    given: str = Field("", max_length=120)
    preferred: str = ""
    former: str = Field("", max_length=200)
    prefix: str = Field("", max_length=60)
    suffix: str = Field("", max_length=60)
    sex: Sex = Sex.UNKNOWN
    gender: str = Field("", max_length=80)
    born: BirthText | None = None
    phone: str = ""
    email: EmailText = ""
    street: str = ""
    suburb: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    language: str = "en"
    label_large: bool = False
    contact: dict[Channel, bool] = Field(default_factory=dict)
    telecoms: Telecoms = Field(default_factory=list)
    contact_persons: ContactPersons = Field(default_factory=list)
    medicare: str = ""
    ihi: str = ""
    anyway: bool = False


class PatientEdit(PatientDraft):
    """The whole form as it shall stand: a field left empty is emptied. `version` is the one that was shown."""

    deceased_on: Day | None = None
    version: int | None = None


class PatientChange(Draft):
    """Only what is said is changed."""

    family: str | None = Field(None, min_length=1, max_length=120)
    given: str | None = None
    preferred: str | None = None
    former: str | None = Field(None, max_length=200)
    prefix: str | None = Field(None, max_length=60)
    suffix: str | None = Field(None, max_length=60)
    sex: Sex | None = None
    gender: str | None = Field(None, max_length=80)
    born: BirthText | None = None
    phone: str | None = None
    email: EmailText | None = None
    street: str | None = None
    suburb: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    language: str | None = None
    label_large: bool | None = None
    contact: dict[Channel, bool] | None = None
    telecoms: Telecoms | None = None
    contact_persons: ContactPersons | None = None
    deceased_on: Day | None = None
    medicare: str | None = None
    ihi: str | None = None
    version: int | None = None


class Glance(Draft):
    """As much of a registration as has been typed so far; the rest of its form comes along and is left out."""

    model_config = ConfigDict(extra="ignore")

    family: str = ""
    given: str = ""
    former: str = ""
    born: Annotated[str, typed.DAY] = ""
    phone: str = ""


class AllergyDraft(Draft):
    substance: str = Field(min_length=2, max_length=200)
    kind: Literal["medicine", "food", "environment", "other"] = "medicine"
    code: str = ""
    system: str = ""
    reaction: str = ""
    severity: Severity = ""
    noted_on: Day | None = None


class AllergyView(RecordView):
    """As it stands, however it came here: an imported one may be worded in ways no form would take.

    `checked_as`: what the safety check takes it for; empty, it is not checked; null where that was not asked.
    """

    substance: str
    kind: str
    code: str
    system: str
    reaction: str
    severity: str
    noted_on: date | None
    status: AllergyStatus
    checked_as: str | None = None


class Lasting(Draft):
    """Something with a beginning and perhaps an end, in this order."""

    since: Day | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def in_order(self) -> "Lasting":
        if self.since and self.until and self.until < self.since:
            raise ValueError(_("The end is before the beginning."))
        return self


class ConditionDraft(Lasting):
    text: str = Field(min_length=2, max_length=300)
    code: str = ""
    system: str = ""


class ConditionView(RecordView):
    text: str
    code: str
    system: str
    since: date | None
    until: date | None


class CurrentMedicineDraft(Lasting):
    """What a person takes, in the words of the ward; `ingredient` is what the safety check looks at."""

    text: str = Field(min_length=2, max_length=300)
    ingredient: str = ""
    code: str = ""
    system: str = ""
    directions: str = ""
    reported: bool = False


class StopDraft(Draft):
    reason: str = Field(min_length=2, max_length=200)
    until: Day | None = None


class CurrentMedicineView(RecordView):
    text: str
    ingredient: str
    code: str
    system: str
    directions: str
    reported: bool
    since: date | None
    until: date | None
    reason_stopped: str


class EndDraft(Draft):
    until: Day | None = None


class ImmunisationDraft(Draft):
    vaccine: str = Field(min_length=2, max_length=200)
    code: str = ""
    system: str = ""
    given_on: Day | None = None
    batch: str = ""


class ImmunisationView(RecordView):
    vaccine: str
    code: str
    system: str
    given_on: date | None
    batch: str
    status: str


class CoverageDraft(Draft):
    payer: str = Field(min_length=1, max_length=120)
    plan: str = ""
    member: str = Field(min_length=1, max_length=60)
    group: str = ""
    valid_from: Day | None = None
    valid_until: Day | None = None
    priority: int = Field(1, ge=1, le=9)

    @model_validator(mode="after")
    def in_order(self) -> "CoverageDraft":
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError(_("The coverage would end before it begins."))
        return self


class CoverageView(RecordView):
    payer: str
    plan: str
    member: str
    group: str
    valid_from: date | None
    valid_until: date | None
    priority: int


class IdentifierDraft(Draft):
    kind: str = Field(pattern="^[a-z][a-z0-9-]{1,30}$")
    value: str = Field(min_length=3, max_length=60)


class IdentifierView(RecordView):
    kind: str
    system: str
    masked: str
    fault: str


class ShownIdentifier(View):
    """An identifier in clear, for the moment of reading it."""

    kind: str
    value: str


class AccessDraft(Draft):
    """The e-mail address of the account that shall see this record."""

    email: EmailText = Field(min_length=3)


class PatientView(RecordView):
    number: str
    family: str
    given: str
    preferred: str
    former: str
    prefix: str
    suffix: str
    sex: Sex
    gender: str
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
    label_large: bool
    contact: dict[str, Any]
    telecoms: list[dict[str, Any]]
    contact_persons: list[dict[str, Any]]
    allergy_state: AllergyState
    allergies: list[AllergyView]
    deceased_on: date | None
    archived_at: datetime | None


class PatientLine(View):
    """A person in a list: enough to tell them apart, nothing clinical."""

    id: UUID
    number: str
    family: str
    given: str
    preferred: str
    sex: Sex
    born: date | None
    born_known: str
    phone: str
    suburb: str
    deceased_on: date | None


class AlikeView(View):
    """Somebody known who may be the same person, and why."""

    id: UUID
    number: str
    name: str
    born: str
    phone: str
    score: int
    probable: bool
    reasons: tuple[str, ...]


class FlagView(View):
    word: str
    tone: str


class BannerView(View):
    """What stands above every page about a patient."""

    id: UUID
    family: str
    given: str
    born: date | None
    born_words: str = ""
    age_words: str = ""
    sex: str
    number: str
    national_number: str = ""
    allergy_state: str
    allergies: list[AllergyView]
    flags: list[FlagView]


class StoryView(View):
    """Everything that happened to a person, the latest first."""

    banner: BannerView
    entries: list[TimelineEntry]
