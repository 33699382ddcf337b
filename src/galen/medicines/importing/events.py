"""The facts of importing."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class FileArrived(Event):
    """A large file waits to be read."""

    import_id: UUID


@dataclass(frozen=True)
class ImportOrdered(Event):
    """A large file was looked at and is to be applied."""

    import_id: UUID


@dataclass(frozen=True)
class ImportMoved(Event):
    """An import was read, applied, or failed: its page has something new to show."""

    import_id: UUID


@dataclass(frozen=True)
class PriceListApplied(Event):
    """What a supplier's list says of its medicines is known: `source` is the mark of its listings."""

    source: str
