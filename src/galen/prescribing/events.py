"""What can happen to a prescription that others care about."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class PrescriptionDrafted(Event):
    prescription_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class PrescriptionSigned(Event):
    prescription_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class PrescriptionCancelled(Event):
    prescription_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class PrescriptionSupplied(Event):
    """Something of it was dispensed, or brought back."""

    prescription_id: UUID
    patient_id: UUID
