"""What the pages of inventory are given to show."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from galen.core.context import SiteInfo
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.i18n import label
from galen.medicines import Product, Scan
from galen.values.units import counted

from .models import AdjustReason, Destruction, DestructionReason, Movement, Transfer, TransferStatus
from .rules import Level, level, pack_words
from .schemas import ShelfLine, StockLine

ALERTS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Arriving:
    """The form of a delivery: which medicine it is of, and what its pack said when it was scanned."""

    product: Product | None = None
    scan: Scan | None = None

    @property
    def number(self) -> str:
        return self.scan.lot if self.scan else ""

    @property
    def expires(self) -> str:
        return str(self.scan.expires or "") if self.scan else ""

    @property
    def gtin(self) -> str:
        return self.scan.gtin if self.scan else ""

    @property
    def unsure(self) -> bool:
        """The batch number must be compared with the pack, as it could also end elsewhere."""
        return self.scan is not None and self.scan.unsure


@dataclass(frozen=True, slots=True)
class StockPage:
    """The stock of one pharmacy, and which others there are."""

    place: SiteInfo
    places: list[SiteInfo]
    slice: Slice[StockLine]

    @property
    def several(self) -> bool:
        """Whether there is another pharmacy to look at."""
        return len(self.places) > 1


@dataclass(frozen=True, slots=True)
class MedicineStock:
    """One medicine at one site, batch by batch."""

    place: SiteInfo
    product: Product
    usable: Decimal
    lines: list[ShelfLine]

    @property
    def level(self) -> Level:
        return level(self.usable, self.product.reorder_level)

    @property
    def words(self) -> str:
        return pack_words(self.usable, self.product.pack_size, self.product.unit)

    @property
    def units(self) -> str:
        return counted(self.usable, self.product.unit)

    @property
    def in_units(self) -> bool:
        """Whether the number of units says more than the number of packs."""
        return self.product.pack_size != 1


@dataclass(frozen=True, slots=True)
class LevelPage:
    """One batch in one place, with its story."""

    place: SiteInfo
    line: ShelfLine
    movements: list[Movement]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Why stock may be destroyed; what ended on its own is proposed first."""
        return [(reason.value, label(reason)) for reason in DestructionReason]

    @property
    def codes(self) -> list[tuple[str, str]]:
        """Why stock may be corrected."""
        return [(code.value, label(code).capitalize()) for code in AdjustReason]


@dataclass(frozen=True, slots=True)
class MovementsPage:
    """The ledger and the kinds it can be filtered by."""

    slice: Slice[Movement]
    kinds: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AlertFigure:
    """How many batches or medicines need one kind of care, and where they are listed."""

    number: int
    word: str
    href: str
    dangerous: bool = False

    @property
    def tone(self) -> str:
        return "danger" if self.dangerous and self.number else ""


@dataclass(frozen=True, slots=True)
class StockAlerts:
    """What needs somebody's eyes at a pharmacy."""

    place: SiteInfo
    expired: list[ShelfLine]
    ending: list[ShelfLine]  # within 30 days
    later: list[ShelfLine]  # within 90 days
    out: list[StockLine]
    low: list[StockLine]

    @property
    def figures(self) -> list[AlertFigure]:
        """The numbers at the top of the panel; none when all is well."""
        if not (self.expired or self.ending or self.out or self.low):
            return []
        return [
            AlertFigure(len(self.out), _("out of stock"), "/inventory?only=out", dangerous=True),
            AlertFigure(len(self.low), _("low"), "/inventory/low-stock"),
            AlertFigure(len(self.expired), _("expired"), "/inventory/expiring?days=30", dangerous=True),
            AlertFigure(len(self.ending), _("end within 30 days"), "/inventory/expiring?days=30"),
        ]

    @property
    def shortest(self) -> list[StockLine]:
        """The first few of what is short."""
        return [*self.out, *self.low][:ALERTS_SHOWN]

    @property
    def ending_first(self) -> list[ShelfLine]:
        """The first few of what ends."""
        return [*self.expired, *self.ending][:ALERTS_SHOWN]


@dataclass(frozen=True, slots=True)
class TransferForm:
    """The sites that stock may go to from here, and the batch one comes from."""

    here: SiteInfo
    places: list[SiteInfo]
    lines: list[ShelfLine]

    @property
    def options(self) -> list[tuple[str, str]]:
        return [(str(place.id), place.name) for place in self.places]

    @property
    def only(self) -> str:
        """The site, where there is just one other."""
        return str(self.places[0].id) if len(self.places) == 1 else ""


@dataclass(frozen=True, slots=True)
class TransferList:
    """What waits to be taken in at one's site, and all transfers, newest first."""

    arriving: list[Transfer]
    slice: Slice[Transfer]


@dataclass(frozen=True, slots=True)
class TransferPage:
    """One transfer, seen from where one works."""

    transfer: Transfer
    here: UUID | None

    @property
    def sent(self) -> bool:
        """Whether it is on its way."""
        return self.transfer.status is TransferStatus.SENT

    @property
    def arriving(self) -> bool:
        """Whether it waits to be taken in here."""
        return self.sent and self.transfer.to_site_id == self.here

    @property
    def leaving(self) -> bool:
        """Whether it may be taken back here."""
        return self.sent and self.transfer.from_site_id == self.here


@dataclass(frozen=True, slots=True)
class DestructionList:
    """What waits for a witness at a site, and what was destroyed lately."""

    waiting: list[Destruction]
    done: list[Destruction]
    actor: UUID
