from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.patients import BannerView

from .models import Kept, NoteStatus, VisitStatus


class VisitDraft(Draft):
    """From the queue, from an appointment, or, for a doctor, just so."""

    patient_id: UUID | None = None
    token_id: UUID | None = None
    appointment_id: UUID | None = None
    reason: str = Field("", max_length=300)


class VisitChange(Draft):
    reason: str | None = Field(None, max_length=300)


class CancelDraft(Draft):
    reason: str = Field(min_length=3, max_length=300)


class VitalsDraft(Draft):
    """Measurements as they were read; each may come in another unit and is kept in its own."""

    heart_rate: Decimal | None = None
    breathing_rate: Decimal | None = None
    systolic: Decimal | None = None
    diastolic: Decimal | None = None
    pressure_unit: str = "mmHg"
    temperature: Decimal | None = None
    temperature_unit: str = "°C"
    oxygen: Decimal | None = None
    weight: Decimal | None = None
    weight_unit: str = "kg"
    height: Decimal | None = None
    height_unit: str = "cm"
    creatinine: Decimal | None = Field(None, description="Serum creatinine, when known")
    creatinine_unit: str = "µmol/L"


class DiagnosisDraft(Draft):
    code: str = Field(min_length=3, max_length=10, description="ICD-10-CM")
    remark: str = Field("", max_length=500)
    lasting: bool = Field(False, description="Also keep it among the patient's lasting conditions")


class NoteDraft(Draft):
    text: str = Field(min_length=1, max_length=20_000)
    sign: bool = Field(False, description="Seal it at once")


class AmendmentDraft(Draft):
    text: str = Field(min_length=1, max_length=20_000)
    reason: str = Field(min_length=3, max_length=300)


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
    status: Kept


class DiagnosisView(RecordView):
    visit_id: UUID
    code: str
    title: str
    remark: str
    noted_at: datetime
    by_name: str
    status: Kept


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


class VisitView(RecordView):
    patient_id: UUID
    practitioner_id: UUID
    site_id: UUID
    appointment_id: UUID | None
    token_id: UUID | None
    status: VisitStatus
    reason: str
    started_at: datetime
    ended_at: datetime | None


class VisitPage(View):
    """A visit with all that was recorded in it, under the banner of its patient."""

    visit: VisitView
    banner: BannerView
    doctor: str
    vitals: list[VitalsView]
    diagnoses: list[DiagnosisView]
    notes: list[NoteView]
