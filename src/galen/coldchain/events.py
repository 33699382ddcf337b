"""The facts of the cold chain."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class ExcursionOpened(Event):
    """A place was, or is, not as it should be."""

    excursion_id: UUID


@dataclass(frozen=True)
class ExcursionChanged(Event):
    """Its thread, its times or its decisions changed."""

    excursion_id: UUID
