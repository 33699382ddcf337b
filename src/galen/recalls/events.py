"""What is announced about recalls."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class RecallChanged(Event):
    """A recall was opened, blocked, closed, or somebody was reached."""

    recall_id: UUID


@dataclass(frozen=True)
class PatientsToTell(Event):
    """Patients of a recall wait for their message; those up to `after` were seen to."""

    recall_id: UUID
    after: UUID | None = None
