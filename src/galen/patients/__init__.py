"""Patients: who they are, how to reach them, what must be known before treating them."""

from .events import PatientChanged, PatientRegistered
from .models import (
    Allergy,
    AllergyState,
    AllergyStatus,
    Condition,
    Coverage,
    CurrentMedicine,
    Identifier,
    Immunisation,
    Patient,
    Sex,
)
from .schemas import AllergyDraft, BannerView, ConditionDraft, CoverageDraft, PatientDraft, PatientView
from .service import banner, find_patients, open_patient, patient_of_actor, register

__all__ = [
    "Allergy",
    "AllergyDraft",
    "AllergyState",
    "AllergyStatus",
    "BannerView",
    "Condition",
    "ConditionDraft",
    "Coverage",
    "CoverageDraft",
    "CurrentMedicine",
    "Identifier",
    "Immunisation",
    "Patient",
    "PatientChanged",
    "PatientDraft",
    "PatientRegistered",
    "PatientView",
    "Sex",
    "banner",
    "find_patients",
    "open_patient",
    "patient_of_actor",
    "register",
]
