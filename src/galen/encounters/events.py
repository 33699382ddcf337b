"""What can happen in a visit that others care about."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class VisitStarted(Event):
    visit_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class VisitChanged(Event):
    """Something was recorded; without a visit while the patient still waits."""

    visit_id: UUID | None
    patient_id: UUID


@dataclass(frozen=True)
class VisitCompleted(Event):
    visit_id: UUID
    patient_id: UUID
