"""One line as a prescriber types it, understood: what the patient reads, how much is needed, what stands in the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from galen.core import units
from galen.medicines import Product

from .directions import Directions, plain, read
from .rules import quantity_for, weekly_fault, whole_packs

DROPS_PER_ML = Decimal(20)
IN_MG = {"g": Decimal(1000), "mg": Decimal(1), "mcg": Decimal("0.001"), "microgram": Decimal("0.001")}
CLOSED = {"mL", "g", "dose"}  # sold as whole bottles, tubes and inhalers
SAME = {"puff": "dose", "spray": "dose", "application": "dose"}
STRENGTH = re.compile(
    r"(?P<many>\d+(?:\.\d+)?) (?P<of>mg|g|mcg|unit)s?(?:/(?P<per>\d+(?:\.\d+)?)? ?(?P<in>mL|g|dose))?"
)


@dataclass(frozen=True, slots=True)
class Understood:
    """A line with its directions in words, the quantity they ask for, and what the prescriber should look at."""

    directions: Directions
    words: str
    quantity: Decimal | None  # what the directions need; None when they do not say
    note: str  # how the quantity came about
    fault: str | None  # why this cannot be signed as it is

    @property
    def notices(self) -> list[str]:
        return [notice.sentence for notice in self.directions.notices]


def understand(typed: str, product: Product, country: str, days: int | None = None) -> Understood:
    """Directions for a product: compiled, counted, and judged."""
    said = read(typed, country)
    quantity, note = counted(said, product, days)
    return Understood(said, str(said), quantity, note, fault_of(said, product))


def counted(said: Directions, product: Product, days: int | None) -> tuple[Decimal | None, str]:
    """How much covers the course, in the product's unit, with the arithmetic in words."""
    if said.quantity is not None:
        return said.quantity, "as written"
    held = per_unit(said, product)
    needed = quantity_for(said, days, held) if held else None
    pack = f"a pack of {plain(product.pack_size)}"
    if needed is None:
        return product.pack_size, f"{pack}: the directions name no length"
    length = days or said.days
    course = f"for {length} {'day' if length == 1 else 'days'}" if length else "for the course"
    if product.unit in CLOSED:
        return whole_packs(needed, product.pack_size), f"{units.counted(needed, product.unit)} {course}, in whole packs"
    return needed, f"{course}, at the most that may be taken"


def per_unit(said: Directions, product: Product) -> Decimal | None:
    """How much of the dose one unit of the product holds: 500 mg in a tablet, 50 mg in a mL, 20 drops in a mL."""
    if said.unit is None:
        return Decimal(1) if said.high is not None else None
    unit = SAME.get(said.unit.one, said.unit.one)
    if unit == product.unit:
        return Decimal(1)
    if unit == "drop" and product.unit == "mL":
        return DROPS_PER_ML
    if " + " in product.strength or not (found := STRENGTH.fullmatch(product.strength)):
        return None
    if found["in"] and found["in"] != product.unit:
        return None
    held = Decimal(found["many"]) / Decimal(found["per"] or 1)
    if unit in IN_MG and found["of"] in IN_MG:
        return held * IN_MG[found["of"]] / IN_MG[unit]
    return held if unit == found["of"] else None


def fault_of(said: Directions, product: Product) -> str | None:
    """The first thing that keeps these directions from being signed."""
    refused = next((notice.sentence for notice in said.notices if notice.refused), None)
    if refused:
        return refused
    if said.unknown:
        return f"Please write “{' '.join(said.unknown)}” in another way: it was not understood."
    if not said.complete:
        return "Please write a dose and how often, such as “1 tab bd”, or “as directed”."
    return next((fault for name in product.holds if (fault := weekly_fault(name, said))), None)


def structured(said: Directions) -> dict[str, Any]:
    """The dosage as values, exact numbers as text: what other systems read and the seal covers."""
    often = said.frequency
    found = {
        "low": said.low,
        "high": said.high,
        "unit": said.unit.one if said.unit else None,
        "route": said.route.words if said.route else None,
        "site": said.site,
        "times": often.count if often else None,
        "every": often.least if often else None,
        "to": often.most if often and often.most != often.least else None,
        "period": often.period if often else None,
        "when": list(often.when) if often else None,
        "food": said.food,
        "as_needed": said.as_needed or None,
        "reason": said.reason,
        "as_directed": said.as_directed or None,
        "maximum": said.maximum,
        "days": said.days,
        "per_day": said.per_day,
    }
    return {k: v if isinstance(v, int | list) else str(v) for k, v in found.items() if v not in (None, "", [])}
