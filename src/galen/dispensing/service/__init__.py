"""The verbs: `queue` knows what waits, `checks` decides, `packs` scans, `supply` gives and takes, `paper` labels;
`refills` says what is due; `bags` is the will-call shelf, `uncollected` its end, `returns` what comes back."""

from .bags import find_bag, keep_bag, put_back, shelve_bag, waiting_bag_count, waiting_bags, will_call
from .checks import desk, policy, set_policy, verify
from .packs import check_pack, confirm_unscanned, scan_pack, take_batch
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
from .refills import next_supplies
from .returns import returns_of, take_return
from .story import dispensed, find_dispensings, of_patient, of_prescription, pharmacy, story, supplies
from .supply import dispense, dispense_at_desk, hand_over, reverse, undo_supply
from .uncollected import look_at_bags, tend_bag

__all__ = [
    "cancel_open",
    "check_pack",
    "clear_expired",
    "confirm_unscanned",
    "desk",
    "dispense",
    "dispense_at_desk",
    "dispensed",
    "enqueue",
    "find_bag",
    "find_dispensings",
    "hand_over",
    "hold",
    "keep_bag",
    "labels",
    "look_at_bags",
    "next_supplies",
    "of_patient",
    "of_prescription",
    "pharmacy",
    "policy",
    "put_back",
    "receive",
    "release",
    "resume",
    "returns_of",
    "reverse",
    "scan",
    "scan_pack",
    "set_policy",
    "shelve_bag",
    "story",
    "supplies",
    "take",
    "take_batch",
    "take_return",
    "tend_bag",
    "undo_supply",
    "verify",
    "waiting_bag_count",
    "waiting_bags",
    "waiting_count",
    "wake",
    "will_call",
    "worklist",
]
