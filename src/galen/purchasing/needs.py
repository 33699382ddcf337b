"""What a medicine needs, as a page or a program is given it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from galen.core.context import SiteInfo
from galen.inventory import pack_words
from galen.medicines import Product

from .reorder import Advice, Need, reason_words
from .rules import NOTHING
from .suppliers import ReorderRule, Supplier, source_words


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """What a supplier asks today for a pack of some size."""

    supplier: Supplier
    valid_from: date
    price: Decimal
    pack_size: Decimal
    minimum_packs: Decimal
    code: str
    source: str

    @property
    def supplier_id(self) -> UUID:
        return self.supplier.id

    @property
    def source_said(self) -> str:
        return source_words(self.source)

    @property
    def unit_price(self) -> Decimal:
        return self.price / self.pack_size

    def pack_price(self, pack_size: Decimal) -> Decimal:
        """Of a pack as it is stocked here."""
        return (self.unit_price * pack_size).quantize(Decimal("0.0001"))


@dataclass(slots=True, eq=False)
class NeedLine:
    """One medicine at a site: the need, what is advised, from whom and for how much."""

    product: Product
    supplier: Supplier | None
    need: Need
    advice: Advice
    basis: dict[str, Any]
    never: bool = False
    price: ListedPrice | None = None
    cost: Decimal | None = None  # of the last pack, where no list names a price
    cheapest: ListedPrice | None = None
    prices: Sequence[ListedPrice] = ()
    rule: ReorderRule | None = None

    @property
    def product_id(self) -> UUID:
        return self.product.id

    @property
    def name(self) -> str:
        return self.product.name

    @property
    def wanted(self) -> bool:
        return self.advice.packs > 0 and not self.never

    @property
    def packs(self) -> Decimal:
        return self.advice.packs if self.wanted else NOTHING

    @property
    def pack_size(self) -> Decimal:
        return self.product.pack_size

    @property
    def supplier_id(self) -> UUID | None:
        return self.supplier.id if self.supplier else None

    @property
    def supplier_name(self) -> str:
        return self.supplier.name if self.supplier else ""

    @property
    def cheaper_name(self) -> str:
        """Who asks less for a unit; nobody, where the usual supplier asks least."""
        return self.cheaper.supplier.name if self.cheaper else ""

    @property
    def why(self) -> str:
        return reason_words(self.basis, self.product.unit)

    @property
    def out(self) -> bool:
        return self.need.usable <= 0

    @property
    def there(self) -> str:
        return pack_words(self.need.usable, self.product.pack_size, self.product.unit)

    @property
    def pack_price(self) -> Decimal | None:
        """Of a pack from its usual supplier: as listed, else as it cost last."""
        return self.price.pack_price(self.product.pack_size) if self.price else self.cost

    @property
    def total(self) -> Decimal | None:
        return None if self.pack_price is None else self.pack_price * self.packs

    @property
    def cheaper(self) -> ListedPrice | None:
        """Who asks less for a unit than the usual supplier."""
        if self.cheapest is None or self.pack_price is None:
            return None
        return self.cheapest if self.cheapest.pack_price(self.product.pack_size) < self.pack_price else None

    @property
    def cheaper_price(self) -> Decimal | None:
        return self.cheaper.pack_price(self.product.pack_size) if self.cheaper else None


@dataclass(frozen=True, slots=True)
class NeedsFound:
    """What is to be ordered, and of how much in all this is the most pressing."""

    lines: list[NeedLine]
    count: int


@dataclass(frozen=True, slots=True)
class SupplierNeeds:
    """A supplier's part of what is to be ordered."""

    supplier: Supplier | None
    lines: list[NeedLine]

    @property
    def total(self) -> Decimal:
        return sum((line.total or NOTHING for line in self.lines), NOTHING)

    @property
    def unpriced(self) -> int:
        return sum(1 for line in self.lines if line.total is None)

    @property
    def short_of_minimum(self) -> Decimal:
        """How much is missing to the least that this supplier takes an order for."""
        least = self.supplier.minimum_order if self.supplier else None
        return max(NOTHING, least - self.total) if least and not self.unpriced else NOTHING


@dataclass(frozen=True, slots=True)
class NeedsPage:
    """What to order at one pharmacy."""

    place: SiteInfo
    places: list[SiteInfo]
    lines: list[NeedLine]
    count: int

    @property
    def more(self) -> int:
        """How many follow when these are ordered."""
        return self.count - len(self.lines)

    @property
    def several(self) -> bool:
        return len(self.places) > 1

    @property
    def parts(self) -> list[SupplierNeeds]:
        """Supplier by supplier; what nobody is known to sell at the end."""
        found: dict[UUID | None, list[NeedLine]] = defaultdict(list)
        for line in self.lines:
            found[line.supplier_id].append(line)
        parts = [SupplierNeeds(lines[0].supplier, lines) for lines in found.values()]
        return sorted(parts, key=lambda part: (part.supplier is None, part.supplier.name if part.supplier else ""))
