"""What can happen at the pharmacy's counter."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class DispensingMoved(Event):
    """The work queue looks different now: something came, was taken, verified, held, dispensed, collected or ended."""

    dispensing_id: UUID


@dataclass(frozen=True)
class PrescriptionDispensed(Event):
    dispensing_id: UUID
    prescription_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class MedicineCollected(Event):
    dispensing_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class DispensingReversed(Event):
    dispensing_id: UUID
    prescription_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class BagDue(Event):
    """A bag has waited for so long that its patient is reminded, or that it goes back."""

    bag_id: UUID
