"""The facts of billing."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class InvoiceMade(Event):
    """An invoice was issued."""

    invoice_id: UUID


@dataclass(frozen=True)
class InvoiceChanged(Event):
    """Discounted, voided, paid in part, or refunded."""

    invoice_id: UUID


@dataclass(frozen=True)
class InvoicePaid(Event):
    """Nothing of an invoice is left to pay."""

    invoice_id: UUID
