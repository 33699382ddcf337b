"""What happens to appointments and hours that others care about."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class AppointmentBooked(Event):
    appointment_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class AppointmentMoved(Event):
    appointment_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class AppointmentCancelled(Event):
    appointment_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class AppointmentArrived(Event):
    appointment_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class AppointmentMissed(Event):
    """The person did not come, or left before being seen."""

    appointment_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class AvailabilityChanged(Event):
    practitioner_id: UUID
