"""The verbs of prescriptions."""

from .drafting import draft, edit, renew
from .editor import choices, edit_page, editor, new_page
from .lists import find, of_patient, of_visit, prescription, prescriptions, sheet, story, unsigned, waiting, worklist
from .printing import document, email
from .signing import cancel, sign
from .supply import expire, mark_dispensed, mark_returned

__all__ = [
    "cancel",
    "choices",
    "document",
    "draft",
    "edit",
    "edit_page",
    "editor",
    "email",
    "expire",
    "find",
    "mark_dispensed",
    "mark_returned",
    "new_page",
    "of_patient",
    "of_visit",
    "prescription",
    "prescriptions",
    "renew",
    "sheet",
    "sign",
    "story",
    "unsigned",
    "waiting",
    "worklist",
]
