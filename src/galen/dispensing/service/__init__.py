"""The verbs: `queue` knows what waits, `checks` decides, `packs` scans, `supply` gives and takes, `paper` labels."""

from .checks import desk, policy, set_policy, verify
from .packs import check_pack, confirm_unscanned, scan_pack, take_batch
from .paper import labels
from .proof import drift
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
from .supply import dispense, dispense_at_desk, hand_over, reverse, undo_supply

__all__ = [
    "cancel_open",
    "check_pack",
    "clear_expired",
    "confirm_unscanned",
    "desk",
    "dispense",
    "dispense_at_desk",
    "dispensed",
    "drift",
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
    "scan_pack",
    "set_policy",
    "story",
    "supplies",
    "take",
    "take_batch",
    "undo_supply",
    "verify",
    "waiting_count",
    "wake",
    "worklist",
]
