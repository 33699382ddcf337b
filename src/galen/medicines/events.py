"""The facts of medicines."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class MedicineChanged(Event):
    """A medicine was added, changed, archived or restored."""

    product_id: UUID
