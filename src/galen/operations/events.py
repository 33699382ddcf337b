"""What screens hear when somebody decides about jobs."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class JobDecided(Event):
    decision_id: UUID
