"""Whose turn comes when: a doctor calls from their own list first, then from the shared one; each by time, then number.

The one order in which people are called, listed, shown and counted.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Turn:
    """Someone who waits: with this practitioner, or (None) with whoever is free."""

    practitioner_id: UUID | None
    due: datetime
    number: int


def ahead(own: Turn, waiting: Iterable[Turn], at_work: Iterable[UUID]) -> int:
    """How many are called before: on a doctor's list those before it; on the shared list those before it there,
    after the doctor at work whose own list is the shortest has called that to its end."""
    others = list(waiting)
    earlier = sum(
        1
        for turn in others
        if turn.practitioner_id == own.practitioner_id and (turn.due, turn.number) < (own.due, own.number)
    )
    if own.practitioner_id is not None:
        return earlier
    lists = Counter(turn.practitioner_id for turn in others if turn.practitioner_id is not None)
    return earlier + min((lists[who] for who in {*at_work, *lists}), default=0)
