"""Encounters: what happens between a patient and a doctor, from entering the room to the end of the visit."""

from .events import VisitChanged, VisitCompleted, VisitStarted
from .icd import load_icd
from .models import Diagnosis, IcdCode, Kept, Note, NoteStatus, Visit, VisitStatus, Vitals
from .schemas import AmendmentDraft, DiagnosisDraft, NoteDraft, VisitDraft, VisitView, VitalsDraft, VitalsView
from .service import (
    amend_note,
    cancel_visit,
    complete_visit,
    diagnose,
    open_visit,
    record_vitals,
    sign_note,
    start_visit,
    write_note,
)

__all__ = [
    "AmendmentDraft",
    "Diagnosis",
    "DiagnosisDraft",
    "IcdCode",
    "Kept",
    "Note",
    "NoteDraft",
    "NoteStatus",
    "Visit",
    "VisitChanged",
    "VisitCompleted",
    "VisitDraft",
    "VisitStarted",
    "VisitStatus",
    "VisitView",
    "Vitals",
    "VitalsDraft",
    "VitalsView",
    "amend_note",
    "cancel_visit",
    "complete_visit",
    "diagnose",
    "load_icd",
    "open_visit",
    "record_vitals",
    "sign_note",
    "start_visit",
    "write_note",
]
