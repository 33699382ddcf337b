from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class DocumentAdded(Event):
    document_id: UUID


@dataclass(frozen=True)
class DocumentChanged(Event):
    """Withdrawn, restored, released to the patient, or no longer."""

    document_id: UUID
