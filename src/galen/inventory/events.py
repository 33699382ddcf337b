"""The facts of inventory."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class StockMoved(Event):
    """Units of a medicine came to a site, or went."""

    site_id: UUID
    product_id: UUID


@dataclass(frozen=True)
class StockArrived(Event):
    """There are more units of a medicine at a site than before: received, returned, transferred, found."""

    site_id: UUID
    product_id: UUID


@dataclass(frozen=True)
class StockLow(Event):
    """The usable stock of a medicine has fallen to its reorder level, or to nothing."""

    site_id: UUID
    product_id: UUID
