"""One line as a prescriber types it, understood: what the patient reads, how much is needed, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.medicines import Product
from galen.values import units

from .directions import Directions, Supply, course, misplaced, plain, quantity_for, read, say, supply_of
from .directions.weekly import weekly_fault
from .rules import whole_packs

CLOSED = {"mL", "g", "dose"}  # sold as whole bottles, tubes and inhalers


@dataclass(frozen=True, slots=True)
class UnderstoodLine:
    """A line with its directions in words, the quantity they ask for, and what the prescriber should look at."""

    directions: Directions
    words: str
    quantity: Decimal | None  # what the directions need; None when they do not say
    note: str  # how the quantity came about
    fault: str | None  # why this cannot be signed as it is

    @property
    def notices(self) -> list[str]:
        return [notice.sentence for notice in self.directions.notices]


def understand(typed: str, product: Product, country: str, days: int | None = None) -> UnderstoodLine:
    """Directions for a product: compiled, counted, and judged."""
    supply = of_product(product)
    said = read(typed, country, supply)
    quantity, note = counted(said, product, supply, days)
    return UnderstoodLine(said, say(said), quantity, note, fault_of(said, product))


def of_product(product: Product) -> Supply:
    """What one unit of it holds, read from its name, strength and form."""
    name = f"{product.generic} {product.strength} {product.form or ''}"
    return supply_of(name, product.unit, product.pack_size, product.route or "")


def counted(said: Directions, product: Product, supply: Supply, days: int | None) -> tuple[Decimal | None, str]:
    """How much covers the course, in the product's unit, with the arithmetic in words."""
    if said.quantity is not None:
        return said.quantity, _("as written")
    needed = quantity_for(said, days, supply)
    length = course(said, days)
    if needed is None:
        size = plain(product.pack_size)
        return product.pack_size, (
            _("a pack of %(size)s: the directions do not say how much", size=size)
            if length
            else _("a pack of %(size)s: the directions name no length", size=size)
        )
    if product.unit in CLOSED:
        return whole_packs(needed, product.pack_size), packed(units.counted(needed, product.unit), length)
    if not length:
        return needed, _("for the course, at the most that may be taken")
    return needed, ngettext(
        "for %(num)s day, at the most that may be taken", "for %(num)s days, at the most that may be taken", length
    )


def packed(amount: str, length: int | None) -> str:
    """What is needed of something that comes in packs that stay closed."""
    if not length:
        return _("%(amount)s for the course, in whole packs", amount=amount)
    return ngettext(
        "%(amount)s for %(num)s day, in whole packs",
        "%(amount)s for %(num)s days, in whole packs",
        length,
        amount=amount,
    )


def impossible(printed: str, product: Product) -> str | None:
    """Why the directions that a prescription keeps cannot be of this product: a tablet that goes into an eye."""
    supply = of_product(product)
    return next(filter(None, (misplaced(dose, supply) for dose in read(printed, supply=supply).doses)), None)


def fault_of(said: Directions, product: Product) -> str | None:
    """The first thing that keeps these directions from being signed."""
    refused = next((notice.sentence for notice in said.notices if notice.refused), None)
    if refused:
        return refused
    if said.unknown:
        unknown = " … ".join(said.unknown)
        return _("Please write “%(unknown)s” in another way: it was not understood.", unknown=unknown)
    if not said.complete:
        return _("Please write a dose and how often, such as “1 tab bd”, or “as directed”.")
    return next((fault for name in product.holds if (fault := weekly_fault(name, said))), None)
