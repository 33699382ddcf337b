"""What happens in the queue that screens follow."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class PatientCheckedIn(Event):
    token_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class TokenCalled(Event):
    token_id: UUID


@dataclass(frozen=True)
class QueueMoved(Event):
    """A token changed in any other way."""

    token_id: UUID
