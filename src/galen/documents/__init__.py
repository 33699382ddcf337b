"""Documents: what was handed over on paper or as a file about a patient, on the chart (PAT-7)."""

from .events import DocumentAdded, DocumentChanged
from .models import DocumentKind, DocumentState, PatientDocument
from .schemas import DocumentDraft, DocumentsView, DocumentView, WithdrawalDraft
from .service import add_document, documents, release, restore, withdraw

__all__ = [
    "DocumentAdded",
    "DocumentChanged",
    "DocumentDraft",
    "DocumentKind",
    "DocumentState",
    "DocumentView",
    "DocumentsView",
    "PatientDocument",
    "WithdrawalDraft",
    "add_document",
    "documents",
    "release",
    "restore",
    "withdraw",
]
