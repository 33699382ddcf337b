"""The facts of purchasing."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class DeliveryChanged(Event):
    """A delivery has another line, or another state."""

    delivery_id: UUID


@dataclass(frozen=True)
class PurchaseOrderChanged(Event):
    """An order has another line, another state, or something of it came."""

    order_id: UUID
