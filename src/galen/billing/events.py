from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class InvoiceMade(Event):
    invoice_id: UUID


@dataclass(frozen=True)
class InvoiceChanged(Event):
    """Discounted, voided, paid in part, or refunded."""

    invoice_id: UUID


@dataclass(frozen=True)
class InvoicePaid(Event):
    invoice_id: UUID
