"""The facts of the counter."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class SaleChanged(Event):
    """Begun, parked, taken up, voided, paid, or something of it came back."""

    sale_id: UUID
