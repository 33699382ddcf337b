"""What is written down at a visit, and what is seen of it."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, PrivateAttr, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.patients import BannerView

from .doubts import Doubt
from .measures import ShownMeasure, shown_measures
from .models import Kept, NoteStatus, VisitStatus
from .rules import Measure


class VisitDraft(Draft):
    """From the queue, from an appointment, or, for a doctor, just so."""

    patient_id: UUID | None = None
    token_id: UUID | None = None
    appointment_id: UUID | None = None
    reason: str = Field("", max_length=300)


class VisitChange(Draft):
    reason: str | None = Field(None, max_length=300)


class VisitCancelDraft(Draft):
    reason: str = Field(min_length=3, max_length=300)


UNITS = {
    spelling: unit
    for unit, spellings in {
        "°C": "°c c", "°F": "°f f", "kg": "kg kgs", "lb": "lb lbs", "g": "g", "cm": "cm", "m": "m",
        "in": "in inch inches", "mmHg": "mmhg", "kPa": "kpa",
        "µmol/L": "µmol/l μmol/l umol/l µmol umol", "mg/dL": "mg/dl",
    }.items()
    for spelling in spellings.split()
}  # fmt: skip
READINGS = {*Measure, "creatinine"}
Typed = Annotated[str, Field(max_length=60)]
WITH_UNIT = re.compile(r"\s*(?P<value>\d+(?:[.,]\d+)?)\s*(?P<unit>[°a-zµμ/]+)\s*", re.IGNORECASE)


Reading = Annotated[Decimal | None, Field(ge=0, le=1_000_000, max_digits=24)]


class VitalsDraft(Draft):
    """Measurements as they were read; each may come in another unit (`98.6 F`) and is kept in its own.

    A value that is hard to believe is refused until `confirmed` names it (`{"weight": 92}`) and `because` says why.
    """

    heart_rate: Reading = None
    breathing_rate: Reading = None
    systolic: Reading = None
    diastolic: Reading = None
    pressure_unit: str = Field("mmHg", max_length=20)
    temperature: Reading = None
    temperature_unit: str = Field("°C", max_length=20)
    oxygen: Reading = None
    weight: Reading = None
    weight_unit: str = Field("kg", max_length=20)
    height: Reading = None
    height_unit: str = Field("cm", max_length=20)
    creatinine: Reading = Field(None, description="Serum creatinine, when known")
    creatinine_unit: str = Field("µmol/L", max_length=20)
    confirmed: dict[Annotated[str, Field(max_length=20)], Decimal] = Field(
        default_factory=dict, max_length=9, description="Values that were questioned and are right, by measure"
    )
    because: str = Field("", max_length=300, description="How that is known: “measured again”")

    @model_validator(mode="before")
    @classmethod
    def units_behind_numbers(cls, said: Any) -> Any:
        """`98.6 F` is 98.6 with the unit °F; a comma is read as the point."""
        if not isinstance(said, dict):
            return said
        read = dict(said)
        for name, text in said.items():
            if not isinstance(text, str) or name not in READINGS:
                continue
            read[name] = text.replace(",", ".")
            if written := WITH_UNIT.fullmatch(text):
                unit_field = "pressure_unit" if name in ("systolic", "diastolic") else f"{name}_unit"
                unit = UNITS.get(written["unit"].lower())
                if unit and unit_field in cls.model_fields:
                    read[name], read[unit_field] = written["value"].replace(",", "."), unit
        return read


class ReadingsDraft(Draft):
    """A form of measurements that is still being filled in: anything may stand in it."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    heart_rate: Typed = ""
    breathing_rate: Typed = ""
    systolic: Typed = ""
    diastolic: Typed = ""
    temperature: Typed = ""
    temperature_unit: Typed = ""
    oxygen: Typed = ""
    weight: Typed = ""
    weight_unit: Typed = ""
    height: Typed = ""
    height_unit: Typed = ""
    creatinine: Typed = ""
    creatinine_unit: Typed = ""


class ConfirmationDraft(Draft):
    because: str = Field(min_length=3, max_length=300, description="How you know that it is right")


class DiagnosisDraft(Draft):
    code: str = Field(min_length=3, max_length=10, description="ICD-10-CM")
    remark: str = Field("", max_length=500)
    lasting: bool = Field(False, description="Also keep it among the patient's lasting conditions")


LONGEST_NOTE = 20_000


class NoteDraft(Draft):
    text: str = Field(min_length=1, max_length=LONGEST_NOTE)
    sign: bool = Field(False, description="Seal it at once")


class AmendmentDraft(Draft):
    text: str = Field(min_length=1, max_length=LONGEST_NOTE)
    reason: str = Field(min_length=3, max_length=300)


class NoteFormDraft(Draft):
    """A note that is being written, and what is to be put into it; `taken_out` gives back what stood there before."""

    text: str = Field("", max_length=LONGEST_NOTE, description="What is typed so far")
    template_id: UUID | None = None
    test: str = Field("", max_length=200, description="The key of a recommended test, for the plan")
    before: str = Field("", max_length=LONGEST_NOTE)
    filled: str = Field("", max_length=LONGEST_NOTE)
    taken_out: bool = False


class TemplateDraft(Draft):
    """Wording to be put into notes; `{patient}`, `{vitals}` and such are filled from the chart."""

    name: str = Field(min_length=1, max_length=60)
    text: str = Field(min_length=1, max_length=8000)
    codes: str = Field("", max_length=300, description="ICD-10-CM codes, or their beginnings, for which it is offered")
    shared: bool = Field(False, description="For the whole organisation")
    version: int | None = Field(None, description="The version that is changed")


class TemplateView(RecordView):
    owner_id: UUID | None
    name: str
    text: str
    codes: list[str]
    changed_at: datetime
    changed_by: str
    archived_at: datetime | None


class RecommendedTestView(View):
    """A test that a guideline recommends for a diagnosis; `key` puts it into the plan of a note."""

    key: str
    codes: list[str]
    test: str
    loinc: str
    why: str
    when: str
    source: str


class NoteFormView(View):
    """A note with what was put in; it is not kept yet."""

    text: str
    before: str
    added: str


class IcdCodeView(View):
    code: str
    title: str
    billable: bool


class VitalsView(RecordView):
    patient_id: UUID
    visit_id: UUID | None
    taken_at: datetime
    by_name: str
    heart_rate: Quantity | None
    breathing_rate: Quantity | None
    systolic: Quantity | None
    diastolic: Quantity | None
    temperature: Quantity | None
    oxygen: Quantity | None
    weight: Quantity | None
    height: Quantity | None
    creatinine: Quantity | None
    bmi: Quantity | None
    egfr: Quantity | None
    flags: dict[str, Any]
    doubts: dict[str, Any]
    confirmed_at: datetime | None
    confirmed_by: str
    confirmed_because: str
    status: Kept
    struck_at: datetime | None
    struck_by: str

    @property
    def struck(self) -> bool:
        """It was entered in error."""
        return self.status is Kept.ENTERED_IN_ERROR

    @property
    def in_doubt(self) -> list[Doubt]:
        """What of it is hard to believe and was confirmed by nobody: no dose is reckoned with it."""
        return [] if self.struck or self.confirmed_at else self.questioned

    @property
    def questioned(self) -> list[Doubt]:
        """What of it was hard to believe, confirmed or not."""
        return [Doubt.read(name, getattr(self, name), kept) for name, kept in self.doubts.items()]

    @property
    def measures(self) -> list[ShownMeasure]:
        """What was measured and what follows from it, each as it reads on a page."""
        return shown_measures(self, self.flags, {doubt.measure for doubt in self.in_doubt})


class DoubtView(View):
    """One value that is hard to believe; `token` is what confirms it."""

    measure: str
    token: str
    sentence: str
    least: Quantity
    most: Quantity


class DiagnosisView(RecordView):
    visit_id: UUID
    code: str
    title: str
    remark: str
    noted_at: datetime
    by_name: str
    status: Kept
    struck_at: datetime | None
    struck_by: str

    @property
    def struck(self) -> bool:
        """It was entered in error."""
        return self.status is Kept.ENTERED_IN_ERROR


class NoteView(RecordView):
    visit_id: UUID
    amends_id: UUID | None
    author_id: UUID
    author_name: str
    text: str
    reason: str
    status: NoteStatus
    written_at: datetime
    signed_at: datetime | None

    @property
    def signed(self) -> bool:
        return self.status is NoteStatus.SIGNED

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class EarlierNote(View):
    """A signed note with what amends it, and what was diagnosed in its visit."""

    note: NoteView
    amendments: list[NoteView]
    diagnoses: list[str]

    @property
    def begins(self) -> str:
        """Its first line that says something."""
        return next((line for line in self.note.lines if line.strip() and not line.rstrip().endswith(":")), "")


class VisitView(RecordView):
    patient_id: UUID
    practitioner_id: UUID | None
    site_id: UUID | None
    elsewhere: str
    appointment_id: UUID | None
    token_id: UUID | None
    status: VisitStatus
    reason: str
    started_at: datetime
    ended_at: datetime | None

    @property
    def open(self) -> bool:
        """The patient is still with the doctor."""
        return self.status is VisitStatus.OPEN

    @property
    def cancelled(self) -> bool:
        return self.status is VisitStatus.CANCELLED


class VisitPage(View):
    """A visit with all that was recorded in it, under the banner of its patient."""

    visit: VisitView
    banner: BannerView
    zone: str = ""  # of its site
    doctor: str
    vitals: list[VitalsView]
    diagnoses: list[DiagnosisView]
    notes: list[NoteView]
    _reader: UUID | None = PrivateAttr(None)

    def read_by(self, account_id: UUID) -> Self:
        """The page as this person sees it: their own draft to go on with, the drafts of others only named."""
        self._reader = account_id
        return self

    @property
    def signed_notes(self) -> list[tuple[NoteView, list[NoteView]]]:
        """Each signed note with what amends it."""
        signed = [note for note in self.notes if note.signed]
        originals = [note for note in signed if not note.amends_id]
        return [(original, [note for note in signed if note.amends_id == original.id]) for original in originals]

    @property
    def drafts_of_others(self) -> list[NoteView]:
        return [note for note in self.notes if not note.signed and note.author_id != self._reader]

    @property
    def own_draft(self) -> str:
        """What the reader has written here and not signed yet."""
        own = [note.text for note in self.notes if not note.signed and note.author_id == self._reader]
        return own[0] if own else ""
