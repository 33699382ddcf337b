"""Safety: what may go wrong with these medicines for this patient, how sure that is, and what to do instead."""

from .calculators import PER_MG_DL, body_surface, clearance, dosing_weight, egfr, ideal_weight, kidney_stage
from .findings import Findings, finds
from .knowledge import Imported, Knowledge, RuleKind, Severity, built_in
from .memory import answered, remember
from .models import AlertGiven, ImportedInteraction, InteractionTable, Place
from .pairing import PairVerdict, among, verdict
from .rules import Tier
from .schemas import NOT_CHECKED, REASONS, Alert, OverrideReason, SafetyReport, Subject, WarningAnswer, said_why
from .service import Unanswered, check, interactions, refuse_unanswered, unanswered
from .tables import knowledge_of

__all__ = [
    "NOT_CHECKED",
    "PER_MG_DL",
    "REASONS",
    "Alert",
    "AlertGiven",
    "Findings",
    "Imported",
    "ImportedInteraction",
    "InteractionTable",
    "Knowledge",
    "OverrideReason",
    "PairVerdict",
    "Place",
    "RuleKind",
    "SafetyReport",
    "Severity",
    "Subject",
    "Tier",
    "Unanswered",
    "WarningAnswer",
    "among",
    "answered",
    "body_surface",
    "built_in",
    "check",
    "clearance",
    "dosing_weight",
    "egfr",
    "finds",
    "ideal_weight",
    "interactions",
    "kidney_stage",
    "knowledge_of",
    "refuse_unanswered",
    "remember",
    "said_why",
    "unanswered",
    "verdict",
]
