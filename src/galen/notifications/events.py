"""What is announced about messages."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class MessageQueued(Event):
    """A message waits to go out."""

    message_id: UUID


@dataclass(frozen=True)
class MessageSettled(Event):
    """A message was delivered, kept here, or given up."""

    message_id: UUID
