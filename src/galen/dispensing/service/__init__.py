"""The verbs: `queue` knows what waits, `checks` decides, `packs` scans, `supply` gives and takes, `paper` labels,
`interventions` asks the prescriber, `changes` changes what is to be given; `refills` says what is due; `bags` is the
will-call shelf, `uncollected` its end, `returns` what comes back."""

from .asked import (
    asked_of_patient,
    asked_of_prescription,
    asked_questions,
    asked_story,
    interventions_of,
    to_answer,
)
from .bags import find_bag, keep_bag, put_back, shelve_bag, waiting_bag_count, waiting_bags, will_call
from .changes import change, changed, changing
from .checks import desk, policy, set_policy, verify
from .holds import wake_stocked
from .interventions import answer, intervene, reopen_question, withdraw
from .owing import owing_slip
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
from .refills import next_supplies
from .returns import returns_of, take_return
from .story import dispensed, find_dispensings, of_patient, of_prescription, pharmacy, story, supplies
from .supply import dispense, dispense_at_desk, hand_over, reverse, undo_supply
from .uncollected import look_at_bags, tend_bag

__all__ = [
    "answer",
    "asked_of_patient",
    "asked_of_prescription",
    "asked_questions",
    "asked_story",
    "cancel_open",
    "change",
    "changed",
    "changing",
    "check_pack",
    "clear_expired",
    "confirm_unscanned",
    "desk",
    "dispense",
    "dispense_at_desk",
    "dispensed",
    "drift",
    "enqueue",
    "find_bag",
    "find_dispensings",
    "hand_over",
    "hold",
    "intervene",
    "interventions_of",
    "keep_bag",
    "labels",
    "look_at_bags",
    "next_supplies",
    "of_patient",
    "of_prescription",
    "owing_slip",
    "pharmacy",
    "policy",
    "put_back",
    "receive",
    "release",
    "reopen_question",
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
    "to_answer",
    "undo_supply",
    "verify",
    "waiting_bag_count",
    "waiting_bags",
    "waiting_count",
    "wake",
    "wake_stocked",
    "will_call",
    "withdraw",
    "worklist",
]
