"""Prescribing: what a patient shall take, written, checked, signed and sealed."""

from .directions import LANGUAGES, Directions, Dose, daily, in_language
from .events import PrescriptionCancelled, PrescriptionDrafted, PrescriptionSigned, PrescriptionSupplied
from .models import Line, Meaning, Override, Prescription, PrescriptionStatus, Reason
from .reading import impossible
from .refills import Fill, RefillAnswer, RefillRule, RefillTerms, RefillVerdict, refill
from .schemas import (
    OverrideDraft,
    OverrideView,
    PrescriptionCancelDraft,
    PrescriptionDraft,
    PrescriptionLineDraft,
    PrescriptionLineView,
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
    "Fill",
    "Line",
    "Meaning",
    "Override",
    "OverrideDraft",
    "OverrideView",
    "Prescription",
    "PrescriptionCancelDraft",
    "PrescriptionCancelled",
    "PrescriptionDraft",
    "PrescriptionDrafted",
    "PrescriptionLineDraft",
    "PrescriptionLineView",
    "PrescriptionSigned",
    "PrescriptionStatus",
    "PrescriptionSupplied",
    "PrescriptionView",
    "Reason",
    "RefillAnswer",
    "RefillRule",
    "RefillTerms",
    "RefillVerdict",
    "SignatureDraft",
    "cancel",
    "daily",
    "draft",
    "find",
    "impossible",
    "in_language",
    "mark_dispensed",
    "mark_returned",
    "of_patient",
    "prescription",
    "refill",
    "renew",
    "sign",
    "verify_signature",
    "worklist",
]
