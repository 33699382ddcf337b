"""What is announced about sites."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class SitesChanged(Event):
    site_id: UUID
