"""What came, what of it goes on the shelf, and what a unit of that has cost."""

from dataclasses import dataclass
from decimal import Decimal

NOTHING, CENT_OF_A_CENT = Decimal(0), Decimal("0.0001")
SHORT_DATED = 180
"""Days: what ends sooner is shown, so that one may send it back while the supplier still takes it."""


@dataclass(frozen=True, slots=True)
class LineUnits:
    """One line of a delivery in units: what was paid for, what came for nothing, and what is not shelved of both."""

    paid: Decimal
    free: Decimal = NOTHING
    refused: Decimal = NOTHING
    noted: Decimal | None = None  # what the supplier's note says, where somebody compared it

    @property
    def shelved(self) -> Decimal:
        return self.paid + self.free - self.refused

    @property
    def short(self) -> Decimal:
        """What the note says and the box did not hold."""
        return max(NOTHING, self.noted - self.paid) if self.noted is not None else NOTHING

    @property
    def over(self) -> Decimal:
        """What the box held and the note does not say."""
        return max(NOTHING, self.paid - self.noted) if self.noted is not None else NOTHING

    def shelf_cost(self, cost: Decimal) -> Decimal:
        """What the shelved units cost together: free goods make each cheaper, what is refused is not paid for."""
        kept = max(NOTHING, self.paid - self.refused)
        return (cost * kept / self.paid).quantize(CENT_OF_A_CENT) if self.paid else cost


def cost_of(price: Decimal, packs: Decimal, units: Decimal, pack_size: Decimal) -> Decimal:
    """Packs and loose units at so much a pack."""
    return (price * (packs + units / pack_size)).quantize(CENT_OF_A_CENT)


def change(before: Decimal, now: Decimal) -> Decimal | None:
    """By how many per cent a cost rose or fell, to one place; nothing can be said of what was free before."""
    return ((now - before) * 100 / before).quantize(Decimal("0.1")) if before else None
