"""The facts of purchasing."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class DeliveryChanged(Event):
    """A delivery has another line, or another state."""

    delivery_id: UUID
