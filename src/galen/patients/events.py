"""What happens to a patient's record that others care about."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class PatientRegistered(Event):
    patient_id: UUID


@dataclass(frozen=True)
class PatientChanged(Event):
    patient_id: UUID
