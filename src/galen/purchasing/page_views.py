"""What the pages of purchasing are given to show."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from galen.core.context import SiteInfo
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.i18n import label
from galen.medicines import Scan

from .models import Delivery, DeliveryLine, DeliveryStatus, PriceFor, Refused
from .rules import SHORT_DATED, change
from .suppliers import Supplier


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A line with what is to be noticed about it."""

    line: DeliveryLine
    before: Decimal | None  # a pack, last time
    today: date

    @property
    def days_left(self) -> int | None:
        return (self.line.expires - self.today).days if self.line.expires else None

    @property
    def expired(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def ends_soon(self) -> bool:
        return self.days_left is not None and 0 <= self.days_left <= SHORT_DATED

    @property
    def dearer(self) -> str:
        """By how many per cent a pack costs more or less than last time; empty when it costs the same."""
        now = self.line.pack_cost
        per_cent = change(self.before, now) if self.before is not None and now is not None else None
        return f"{per_cent:+f} %" if per_cent else ""

    @property
    def lacks(self) -> list[str]:
        """What is still to be written before it can be received."""
        if not self.line.came.shelved:
            return []
        no_number = [_("batch number")] if not self.line.number else []
        needs_expiry = self.line.expires is None and self.line.product.tax_class == "medicine"
        return [*no_number, *([_("expiry")] if needs_expiry else [])]


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """One delivery, the line one works at, and what was scanned."""

    delivery: Delivery
    costs: dict[UUID, Decimal]
    today: date
    line: DeliveryLine | None = None
    unknown: str = ""  # a code that no medicine has
    scan: Scan | None = None

    @property
    def rows(self) -> list[DeliveryRow]:
        """The last one written first while one writes, then in their order."""
        lines = reversed(self.delivery.lines) if self.delivery.draft else self.delivery.lines
        return [DeliveryRow(line, self.costs.get(line.product_id, line.last_cost), self.today) for line in lines]

    @property
    def unready(self) -> int:
        """How many lines cannot be received as they are."""
        return sum(1 for row in self.rows if row.lacks or (row.expired and row.line.came.shelved))

    @property
    def unsure(self) -> bool:
        """The batch number is to be copied from the pack, as it could also end elsewhere in the code."""
        return self.scan is not None and self.scan.unsure

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return [(reason.value, label(reason)) for reason in Refused]

    @property
    def prices(self) -> list[tuple[str, str]]:
        return [(priced.value, label(priced)) for priced in PriceFor]


@dataclass(frozen=True, slots=True)
class DeliveryList:
    """Deliveries, how many there are in all, and whose."""

    slice: Slice[Delivery]
    count: int
    supplier: Supplier | None

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(state.value, label(state)) for state in DeliveryStatus]


@dataclass(frozen=True, slots=True)
class DeliveryForm:
    """The head of a delivery, to be filled in."""

    places: list[SiteInfo]
    here: UUID | None
    today: date
    delivery: Delivery | None
    supplier: Supplier | None

    @property
    def options(self) -> list[tuple[str, str]]:
        return [(str(place.id), place.name) for place in self.places]

    @property
    def site_id(self) -> str:
        """Where it came to, as far as it is known."""
        if self.delivery:
            return str(self.delivery.site_id)
        known = {place.id for place in self.places}
        only = next(iter(known)) if len(known) == 1 else None
        return str(self.here if self.here in known else only or "")
