"""The verbs of recalls."""

from .blocking import add_lots, block, cancel_recall, open_recall
from .closing import close_recall, reopen_recall
from .matching import answer_matches, matches
from .notices import notices, propose
from .pages import (
    contact,
    contacts_page,
    matches_page,
    notices_form,
    open_recall_record,
    open_recalls,
    places_csv,
    recall,
    recall_form,
    recall_list,
    recalls,
    recipients_csv,
)
from .telling import (
    acknowledge,
    contacts,
    note_call,
    note_message,
    note_return,
    own_recalls,
    send_waiting,
    tell_patients,
)
from .tracing import bags, blocked_places, figures, recalled_sales, recalled_transfers, recipients, sources

__all__ = [
    "acknowledge",
    "add_lots",
    "answer_matches",
    "bags",
    "block",
    "blocked_places",
    "cancel_recall",
    "close_recall",
    "contact",
    "contacts",
    "contacts_page",
    "figures",
    "matches",
    "matches_page",
    "note_call",
    "note_message",
    "note_return",
    "notices",
    "notices_form",
    "open_recall",
    "open_recall_record",
    "open_recalls",
    "own_recalls",
    "places_csv",
    "propose",
    "recall",
    "recall_form",
    "recall_list",
    "recalled_sales",
    "recalled_transfers",
    "recalls",
    "recipients",
    "recipients_csv",
    "reopen_recall",
    "send_waiting",
    "sources",
    "tell_patients",
]
