"""Prescribing: what a patient shall take, written, checked, signed and sealed."""

from .directions import LANGUAGES, Directions, Dose, daily, in_language
from .events import PrescriptionCancelled, PrescriptionDrafted, PrescriptionSigned, PrescriptionSupplied
from .models import Line, Meaning, Override, Prescription, Reason, Status
from .schemas import (
    LineDraft,
    LineView,
    OverrideDraft,
    OverrideView,
    PrescriptionDraft,
    PrescriptionView,
    SignatureDraft,
)
from .service import (
    cancel,
    draft,
    find,
    mark_dispensed,
    mark_returned,
    of_patient,
    prescription,
    renew,
    sign,
    worklist,
)
from .signature import verify_signature

__all__ = [
    "LANGUAGES",
    "Directions",
    "Dose",
    "Line",
    "LineDraft",
    "LineView",
    "Meaning",
    "Override",
    "OverrideDraft",
    "OverrideView",
    "Prescription",
    "PrescriptionCancelled",
    "PrescriptionDraft",
    "PrescriptionDrafted",
    "PrescriptionSigned",
    "PrescriptionSupplied",
    "PrescriptionView",
    "Reason",
    "SignatureDraft",
    "Status",
    "cancel",
    "daily",
    "draft",
    "find",
    "in_language",
    "mark_dispensed",
    "mark_returned",
    "of_patient",
    "prescription",
    "renew",
    "sign",
    "verify_signature",
    "worklist",
]
