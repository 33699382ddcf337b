from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from galen.core.context import SiteInfo
from galen.core.schemas import Draft, Quantity, RecordView, Slice, View
from galen.medicines import PriceView, Product
from galen.values.units import counted

from .models import BatchStatus, Movement, MovementKind
from .rules import Level, expiry, level, pack_words

Count = Annotated[Decimal, Field(ge=0, lt=1_000_000_000, decimal_places=6)]
Reason = Annotated[str, Field(min_length=3, max_length=300, description="Why; it stands in the ledger")]


def last_day(said: object) -> object:
    return expiry(said) if isinstance(said, str) else said


Expiry = Annotated[
    date, BeforeValidator(last_day), Field(description="2027-06-15, or 2027-06 or 06/2027: its last day")
]


class BatchDraft(Draft):
    """What a delivery holds of one batch, counted in packs, loose units, or both."""

    product_id: UUID
    number: str = Field(min_length=1, max_length=40)
    expires: Expiry | None = None
    packs: Count = Decimal(0)
    units: Count = Decimal(0)
    total_cost: Annotated[Decimal, Field(ge=0, decimal_places=4)] | None = None  # of all of it, free goods included
    maker: str = Field("", max_length=120)
    gtin: str = Field("", pattern=r"^\d{0,14}$")
    location: str = Field("", max_length=40)
    site_id: UUID | None = None
    reason: str = Field("", max_length=300)

    @model_validator(mode="after")
    def something_came(self) -> "BatchDraft":
        if not self.packs and not self.units:
            raise ValueError("Write how many packs or loose units came.")
        return self


class BatchChange(Draft):
    """Take a batch out of use, or put it back; a reason is needed for both."""

    status: BatchStatus
    reason: Reason


class ReasonDraft(Draft):
    reason: Reason


class AdjustDraft(Draft):
    """A signed correction of what lies in one place, in units: -3 for three broken ones."""

    level_id: UUID | None = None
    batch_id: UUID | None = None  # instead: the batch, where it lies in one place of the site
    quantity: Annotated[Decimal, Field(lt=1_000_000_000, gt=-1_000_000_000, decimal_places=6)]
    reason: Reason

    @model_validator(mode="after")
    def says_what(self) -> "AdjustDraft":
        if not self.quantity:
            raise ValueError("Write a quantity that is not zero: 5 for found, -5 for lost.")
        if (self.level_id is None) == (self.batch_id is None):
            raise ValueError("Name either the place (level_id) or the batch (batch_id).")
        return self


class CountLine(Draft):
    """What was counted in one place."""

    level_id: UUID
    packs: Count = Decimal(0)
    units: Count = Decimal(0)

    @model_validator(mode="after")
    def was_counted(self) -> "CountLine":
        if not self.model_fields_set & {"packs", "units"}:
            raise ValueError("Write what was counted, 0 when nothing is there.")
        return self


class CountDraft(Draft):
    """A blind count: what is there, without having been shown what should be."""

    lines: list[CountLine] = Field(min_length=1)
    reason: str = Field("Stock count", min_length=3, max_length=300)


class ReturnDraft(Draft):
    """Goods sent back to the supplier, in units."""

    quantity: Annotated[Decimal, Field(gt=0, lt=1_000_000_000, decimal_places=6)]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Pick:
    """So many units of this batch were taken; `short_dated` when it expires before the course ends."""

    batch_id: UUID
    number: str
    expires: date | None
    quantity: Decimal
    short_dated: bool = False


class StockLine(View):
    """How a medicine stands at a site, in units. Expired and quarantined units are on hand but not usable."""

    product_id: UUID
    name: str
    tall_name: str
    brand: str
    unit: str
    pack_size: Quantity
    on_hand: Quantity
    usable: Quantity
    reorder_level: Quantity
    next_expiry: date | None
    level: Level
    site_id: UUID

    @property
    def words(self) -> str:
        """3 packs + 4 tablets."""
        return pack_words(self.usable, self.pack_size, self.unit)

    @property
    def units(self) -> str:
        return counted(self.usable, self.unit)

    @property
    def set_aside(self) -> Decimal:
        """What lies there and may not be handed out."""
        return self.on_hand - self.usable


class ShelfLine(View):
    """One batch in one place."""

    level_id: UUID
    batch_id: UUID
    product_id: UUID
    name: str
    number: str
    maker: str
    expires: date | None
    days_left: int | None
    status: BatchStatus
    status_reason: str
    location: str
    quantity: Quantity
    unit: str
    pack_size: Quantity

    @property
    def words(self) -> str:
        return pack_words(self.quantity, self.pack_size, self.unit)

    @property
    def units(self) -> str:
        return counted(self.quantity, self.unit)

    @property
    def expired(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def usable(self) -> bool:
        """Whether any of it may be handed out today."""
        return self.quantity > 0 and self.status is BatchStatus.OK and not self.expired

    def ends_by(self, day: date) -> bool:
        return self.expires is not None and self.expires <= day


class BatchView(RecordView):
    product_id: UUID
    number: str
    expires: date | None
    maker: str
    gtin: str
    unit_cost: Quantity | None
    status: BatchStatus
    status_reason: str
    received_at: datetime


class MovementView(RecordView):
    """One line of the ledger."""

    at: datetime
    site_id: UUID
    product_id: UUID
    batch_id: UUID
    level_id: UUID
    kind: MovementKind
    quantity: Quantity
    balance: Quantity
    reason: str
    reference_kind: str | None
    reference_id: UUID | None
    actor_name: str


class Drift(View):
    """A place whose running quantity is not the sum of its movements."""

    level_id: UUID
    site_id: UUID
    product_id: UUID
    batch: str
    quantity: Quantity
    moved: Quantity


@dataclass(frozen=True, slots=True)
class StockPage:
    """The stock of one pharmacy, and which others there are."""

    place: SiteInfo
    places: list[SiteInfo]
    slice: Slice[StockLine]


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


@dataclass(frozen=True, slots=True)
class LevelPage:
    """One batch in one place, with its story."""

    place: SiteInfo
    line: ShelfLine
    movements: list[Movement]


@dataclass(frozen=True, slots=True)
class MovementsPage:
    """The ledger and the kinds it can be filtered by."""

    slice: Slice[Movement]
    kinds: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StockAlerts:
    """What needs somebody's eyes at a pharmacy."""

    place: SiteInfo
    expired: list[ShelfLine]
    ending: list[ShelfLine]  # within 30 days
    later: list[ShelfLine]  # within 90 days
    out: list[StockLine]
    low: list[StockLine]


class Alternative(View):
    """A medicine that may stand for another, what it costs and what of it can be handed out."""

    id: UUID
    name: str
    tall_name: str
    brand: str
    atc: str
    te_code: str
    pack: str
    price: PriceView
    unit: str
    usable: Quantity
    stock: str

    @classmethod
    def of(cls, product: Product, usable: Decimal) -> "Alternative":
        return cls(
            id=product.id,
            name=product.name,
            tall_name=product.tall_name,
            brand=product.brand,
            atc=product.atc,
            te_code=product.te_code,
            pack=product.pack,
            price=PriceView.model_validate(product.cost),
            unit=product.unit,
            usable=usable,
            stock=pack_words(usable, product.pack_size, product.unit) if usable else "",
        )


class AlternativesView(View):
    """Instead of one medicine: generic substitutes (same ingredients, strength, form), then others."""

    product_id: UUID
    name: str
    te_code: str
    site: str
    generic: list[Alternative]
    other_strengths: list[Alternative]  # and other forms of the same ingredients
    therapeutic: list[Alternative]
