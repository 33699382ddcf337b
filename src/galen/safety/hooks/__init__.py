"""CDS Hooks 2.0: other systems ask the same check, and hear the same warnings as cards."""

from .asked import faults
from .models import CardGiven
from .verbs import consult, feedback, services

__all__ = ["CardGiven", "consult", "faults", "feedback", "services"]
