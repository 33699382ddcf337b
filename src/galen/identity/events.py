"""Facts about signing in; a name is told as its mark alone, since nobody knows yet whether there is an account."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class TriesUsed(Event):
    """Somebody has used up their guesses at a name."""

    mark: str


@dataclass(frozen=True)
class ResetAsked(Event):
    """Somebody asked for a link to choose a new password."""

    mark: str
    language: str


@dataclass(frozen=True)
class SessionEnded(Event):
    """Whoever listens with this session is disconnected; screens are not told."""

    session_id: UUID

    def told(self) -> str:
        return f"ended {self.session_id}"
