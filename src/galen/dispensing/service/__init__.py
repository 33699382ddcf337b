"""The verbs: `queue` knows what waits, `checks` decides, `supply` gives and takes back, `paper` labels."""

from .checks import desk, policy, set_policy, verify
from .paper import labels
from .queue import (
    cancel_open,
    clear_expired,
    enqueue,
    hold,
    receive,
    release,
    resume,
    scan,
    take,
    waiting_count,
    wake,
    worklist,
)
from .story import dispensed, find_dispensings, of_patient, of_prescription, pharmacy, story, supplies
from .supply import dispense, hand_over, reverse, undo_supply

__all__ = [
    "cancel_open",
    "clear_expired",
    "desk",
    "dispense",
    "dispensed",
    "enqueue",
    "find_dispensings",
    "hand_over",
    "hold",
    "labels",
    "of_patient",
    "of_prescription",
    "pharmacy",
    "policy",
    "receive",
    "release",
    "resume",
    "reverse",
    "scan",
    "set_policy",
    "story",
    "supplies",
    "take",
    "undo_supply",
    "verify",
    "waiting_count",
    "wake",
    "worklist",
]
