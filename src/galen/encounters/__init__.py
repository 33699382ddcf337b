"""Encounters: what happens between a patient and a doctor, from entering the room to the end of the visit."""

from .events import VisitChanged, VisitCompleted, VisitStarted
from .icd import load_icd
from .models import Diagnosis, IcdCode, Kept, Note, NoteStatus, Visit, VisitStatus, Vitals
from .rules import Measure
from .schemas import AmendmentDraft, DiagnosisDraft, NoteDraft, VisitDraft, VisitView, VitalsDraft, VitalsView
from .service import (
    amend_note,
    believed_before,
    cancel_visit,
    complete_visit,
    diagnose,
    doubts_of,
    measure,
    open_visit,
    past_measure,
    past_visit,
    past_vitals,
    record_vitals,
    sign_note,
    start_visit,
    strike_past_vitals,
    write_note,
)

__all__ = [
    "AmendmentDraft",
    "Diagnosis",
    "DiagnosisDraft",
    "IcdCode",
    "Kept",
    "Measure",
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
    "believed_before",
    "cancel_visit",
    "complete_visit",
    "diagnose",
    "doubts_of",
    "load_icd",
    "measure",
    "open_visit",
    "past_measure",
    "past_visit",
    "past_vitals",
    "record_vitals",
    "sign_note",
    "start_visit",
    "strike_past_vitals",
    "write_note",
]
