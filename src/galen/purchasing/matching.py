"""Order, delivery, bill: what the three say of each medicine, and where they differ. Values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from uuid import UUID

from .rules import NOTHING

CENT = Decimal("0.01")


class DifferenceKind(Enum):
    """In what a bill differs."""

    TOO_MANY = "billed and not received"
    MISSING = "received and not billed"
    PRICE = "another price than ordered"
    NOT_ORDERED = "not ordered"
    NO_PRICE = "ordered without a price"
    SUM = "the lines do not add up"
    TOTAL = "another total than received"


@dataclass(frozen=True, slots=True)
class Ordered:
    """One medicine of an order, in packs: ordered, received and paid for, and what other bills have taken already."""

    product: UUID
    price: Decimal | None
    ordered: Decimal
    received: Decimal
    billed_before: Decimal = NOTHING

    @property
    def due(self) -> Decimal:
        """What this bill may ask for."""
        return max(NOTHING, self.received - self.billed_before)


@dataclass(frozen=True, slots=True)
class Billed:
    """One line of a bill, in packs."""

    product: UUID
    packs: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    """What was expected and what the bill says, of one medicine or of the whole."""

    kind: DifferenceKind
    product: UUID | None = None
    expected: Decimal | None = None
    billed: Decimal | None = None
    worth: Decimal | None = None  # in money; more than nothing is to our cost; not known where no price is


@dataclass
class Match:
    """The differences found, line by line."""

    found: list[Difference] = field(default_factory=list)

    def note(self, kind: DifferenceKind, product: UUID | None, expected: Decimal | None, billed: Decimal,
             worth: Decimal | None) -> None:  # fmt: skip
        self.found.append(Difference(kind, product, expected, billed, worth))


def match(ordered: Iterable[Ordered], lines: Iterable[Billed], net: Decimal) -> list[Difference]:
    """Compare a bill with what was ordered and received. Without lines only its total before tax is compared."""
    order = {line.product: line for line in ordered}
    billed = list(lines)
    match = Match()
    if not billed:
        total(match, order.values(), net)
        return match.found
    packs: dict[UUID, Decimal] = {}
    for line in billed:
        packs[line.product] = packs.get(line.product, NOTHING) + line.packs
        known = order.get(line.product)
        if known is None:
            match.note(DifferenceKind.NOT_ORDERED, line.product, NOTHING, line.packs, line.packs * line.price)
        elif known.price is None:
            match.note(DifferenceKind.NO_PRICE, line.product, None, line.price, None)
        elif abs(line.price - known.price) >= CENT:
            match.note(
                DifferenceKind.PRICE, line.product, known.price, line.price, (line.price - known.price) * line.packs
            )
    quantities(match, order, packs)
    added = sum((line.packs * line.price for line in billed), NOTHING)
    if abs(added - net) >= CENT * len(billed):  # a cent of rounding a line
        match.note(DifferenceKind.SUM, None, added, net, net - added)
    return match.found


def quantities(match: Match, order: Mapping[UUID, Ordered], packs: Mapping[UUID, Decimal]) -> None:
    """Each medicine once, however many lines the bill has of it."""
    for product, line in order.items():
        asked = packs.get(product, NOTHING)
        worth = None if line.price is None else (asked - line.due) * line.price
        if asked > line.due:
            match.note(DifferenceKind.TOO_MANY, product, line.due, asked, worth)
        elif asked < line.due:
            match.note(DifferenceKind.MISSING, product, line.due, asked, worth)


def total(match: Match, order: Iterable[Ordered], net: Decimal) -> None:
    """A bill of which only the sum is known."""
    lines = list(order)
    if unknown := next((line for line in lines if line.price is None and line.due), None):
        match.note(DifferenceKind.NO_PRICE, unknown.product, None, net, None)
        return
    due = sum(((line.price or NOTHING) * line.due for line in lines), NOTHING)
    if abs(net - due) >= CENT * max(1, len(lines)):
        match.note(DifferenceKind.TOTAL, None, due, net, net - due)
