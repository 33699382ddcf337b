"""The queue: who is here and whose turn it is. A number is given once a day, and a patient is called by one person."""

from .events import PatientCheckedIn, QueueMoved, TokenCalled
from .models import Token, TokenStatus
from .schemas import CallDraft, CheckInDraft, TokenView, WalkInDraft
from .service import (
    call_chosen,
    call_next,
    check_in,
    enter_room,
    finish,
    finish_token,
    leave,
    no_show,
    recall,
    skip,
    today,
    token_of,
    undo_call,
    walk_in,
)

__all__ = [
    "CallDraft",
    "CheckInDraft",
    "PatientCheckedIn",
    "QueueMoved",
    "Token",
    "TokenCalled",
    "TokenStatus",
    "TokenView",
    "WalkInDraft",
    "call_chosen",
    "call_next",
    "check_in",
    "enter_room",
    "finish",
    "finish_token",
    "leave",
    "no_show",
    "recall",
    "skip",
    "today",
    "token_of",
    "undo_call",
    "walk_in",
]
