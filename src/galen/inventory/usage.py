"""How much of a medicine is used a day, and what of a batch nobody will use before it ends. Values in, values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

NOTHING, WHOLE, FINE = Decimal(0), Decimal(1), Decimal("0.000001")
ENOUGH_DAYS = 14
"""Days in stock: of what has been kept for a shorter time nobody can say what it needs."""


@dataclass(frozen=True, slots=True)
class StockDay:
    """What was handed out on one day, and whether there was any to hand out."""

    used: Decimal = NOTHING
    stocked: bool = True


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used a day: days without stock are not known, they are no days without need."""

    used: Decimal = NOTHING
    days: int = 0  # that count
    without: int = 0  # without stock, left out
    daily: Decimal = NOTHING
    spread: Decimal = NOTHING  # standard deviation of a day

    @property
    def known(self) -> bool:
        """Whether it was kept long enough to say anything."""
        return self.days >= ENOUGH_DAYS


NOTHING_USED = Usage()


def usage_of(days: Iterable[StockDay]) -> Usage:
    """The mean and the spread of the days on which there was stock; what was used on a day proves that there was."""
    every = list(days)
    counted = [day.used for day in every if day.stocked or day.used > 0]
    without, used = len(every) - len(counted), sum(counted, NOTHING)
    if not counted or used <= 0:
        return Usage(max(NOTHING, used), len(counted), without)
    daily = used / len(counted)
    square = sum(((amount - daily) ** 2 for amount in counted), NOTHING)
    spread = (square / (len(counted) - 1)).sqrt() if len(counted) > 1 else NOTHING
    return Usage(used, len(counted), without, daily.quantize(FINE), spread.quantize(FINE))


@dataclass(frozen=True, slots=True)
class UsableBatch:
    """What lies of a batch that may be handed out today."""

    id: UUID
    expires: date | None
    quantity: Decimal


def unused_by_expiry(batches: Sequence[UsableBatch], daily: Decimal, today: date) -> dict[UUID, Decimal]:
    """What is left of each batch when it ends, if so much is used a day, first expired first: whole units.

    The day of expiry is the last good day. A batch waits until those that end before it are used up or have ended.
    """
    left: dict[UUID, Decimal] = {}
    used = NOTHING  # of all batches up to here
    for batch in sorted((b for b in batches if b.expires), key=lambda batch: (batch.expires or today, batch.id)):
        assert batch.expires
        could = max(NOTHING, daily * ((batch.expires - today).days + 1) - used)
        taken = min(batch.quantity, could)
        used += taken
        if rest := (batch.quantity - taken).quantize(WHOLE, ROUND_DOWN):
            left[batch.id] = rest
    return left
