"""The verbs: `queue` knows what waits, `checks` decides, `packs` scans, `supply` gives and takes, `paper` labels,
`interventions` asks the prescriber, `changes` changes what is to be given."""

from .asked import (
    asked_of_patient,
    asked_of_prescription,
    asked_questions,
    asked_story,
    interventions_of,
    to_answer,
)
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
from .story import dispensed, find_dispensings, of_patient, of_prescription, pharmacy, story, supplies
from .supply import dispense, dispense_at_desk, hand_over, reverse, undo_supply

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
    "find_dispensings",
    "hand_over",
    "hold",
    "intervene",
    "interventions_of",
    "labels",
    "of_patient",
    "of_prescription",
    "owing_slip",
    "pharmacy",
    "policy",
    "receive",
    "release",
    "reopen_question",
    "resume",
    "reverse",
    "scan",
    "scan_pack",
    "set_policy",
    "story",
    "supplies",
    "take",
    "take_batch",
    "to_answer",
    "undo_supply",
    "verify",
    "waiting_count",
    "wake",
    "wake_stocked",
    "withdraw",
    "worklist",
]
