"""Safety: what may go wrong with these medicines for this patient, how sure that is, and what to do instead."""

from .knowledge import Kind, Severity
from .rules import Tier
from .schemas import REASONS, Alert, Override, Reason, Report, Subject
from .service import Unanswered, check, interactions, refuse_unanswered, unanswered

__all__ = [
    "REASONS",
    "Alert",
    "Kind",
    "Override",
    "Reason",
    "Report",
    "Severity",
    "Subject",
    "Tier",
    "Unanswered",
    "check",
    "interactions",
    "refuse_unanswered",
    "unanswered",
]
