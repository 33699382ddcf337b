"""What the worker, and open pages, hear of the proof of the log."""

from dataclasses import dataclass
from uuid import UUID

from galen.core.events import Event


@dataclass(frozen=True)
class ProofAsked(Event):
    proof_id: UUID


@dataclass(frozen=True)
class LogProven(Event):
    proof_id: UUID
