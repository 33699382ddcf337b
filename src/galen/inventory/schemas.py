"""What people say about stock, and what they are shown of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.medicines import PriceView, Product
from galen.values.units import counted

from .models import BatchStatus, DestructionReason, DestructionStatus, MovementKind, TransferStatus
from .rules import Level, expiry, pack_words

ALTERNATIVES_SHOWN = 6
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
            raise ValueError(_("Write how many packs or loose units came."))
        return self


class BatchChange(Draft):
    """Take a batch out of use, or put it back; a reason is needed for both."""

    status: BatchStatus
    reason: Reason


class BatchReasonDraft(Draft):
    """Why a batch is set aside or released."""

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
            raise ValueError(_("Write a quantity that is not zero: 5 for found, -5 for lost."))
        if (self.level_id is None) == (self.batch_id is None):
            raise ValueError(_("Name either the place (level_id) or the batch (batch_id)."))
        return self


class CountLine(Draft):
    """What was counted in one place."""

    level_id: UUID
    packs: Count = Decimal(0)
    units: Count = Decimal(0)

    @model_validator(mode="after")
    def was_counted(self) -> "CountLine":
        if not self.model_fields_set & {"packs", "units"}:
            raise ValueError(_("Write what was counted, 0 when nothing is there."))
        return self


class CountDraft(Draft):
    """A blind count: what is there, without having been shown what should be."""

    lines: list[CountLine] = Field(min_length=1)
    reason: str = Field("Stock count", min_length=3, max_length=300)


class ReturnDraft(Draft):
    """Goods sent back to the supplier, in units."""

    quantity: Annotated[Decimal, Field(gt=0, lt=1_000_000_000, decimal_places=6)]
    reason: Reason


Units = Annotated[Decimal, Field(gt=0, lt=1_000_000_000, decimal_places=6)]


class TransferLineDraft(Draft):
    """So many units from one place."""

    level_id: UUID
    quantity: Units


class TransferDraft(Draft):
    """What goes to another site, in units."""

    to_site_id: UUID
    lines: list[TransferLineDraft] = Field(min_length=1, max_length=200)
    note: str = Field("", max_length=300)


class ArrivalLineDraft(Draft):
    """What has arrived of one line, and where it lies now."""

    line_id: UUID
    quantity: Count
    location: str = Field("", max_length=40)
    reason: str = Field("", max_length=300, description="Why less than was sent")


class ArrivalDraft(Draft):
    """What has arrived; a line that is not named has arrived whole."""

    lines: list[ArrivalLineDraft] = Field(default_factory=list, max_length=200)


class DestructionDraft(Draft):
    """What is to be destroyed, in units, and how."""

    level_id: UUID
    quantity: Units
    reason: DestructionReason
    method: str = Field(min_length=3, max_length=200)
    note: str = Field("", max_length=300)


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
    def left(self) -> str:
        """The same where the shortest are listed: nothing is said in a word."""
        return self.words if self.usable else _("nothing")

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
    def called(self) -> str:
        """What it is and which batch, in one line."""
        return f"{self.name}, {self.number}"

    @property
    def ends(self) -> str:
        """When it ends, seen from today."""
        if self.days_left is None:
            return ""
        if self.expired:
            return _("expired")
        return ngettext("in %(num)s day", "in %(num)s days", self.days_left) if self.days_left else _("today")

    @property
    def set_aside(self) -> bool:
        """Whether its batch may not be handed out, good or not."""
        return self.status is not BatchStatus.OK

    @property
    def quarantined(self) -> bool:
        return self.status is BatchStatus.QUARANTINED

    @property
    def recalled(self) -> bool:
        return self.status is BatchStatus.RECALLED

    @property
    def usable(self) -> bool:
        """Whether any of it may be handed out today."""
        return self.quantity > 0 and not self.set_aside and not self.expired

    def ends_by(self, day: date) -> bool:
        return self.expires is not None and self.expires <= day


class BatchView(RecordView):
    """What one maker made in one go."""

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


class TransferLineView(RecordView):
    """One line of a transfer, in units; `arrived` is null while it is on its way."""

    product_id: UUID
    batch_id: UUID
    level_id: UUID
    quantity: Quantity
    arrived: Quantity | None
    location: str
    short_because: str


class TransferView(RecordView):
    """Stock on its way between two sites."""

    number: str
    from_site_id: UUID
    to_site_id: UUID
    status: TransferStatus
    note: str
    sent_name: str
    sent_at: datetime
    arrived_name: str
    arrived_at: datetime | None
    ended_because: str
    lines: list[TransferLineView]


class DestructionView(RecordView):
    """Units that are destroyed before a witness."""

    number: str
    site_id: UUID
    level_id: UUID
    batch_id: UUID
    product_id: UUID
    quantity: Quantity
    reason: DestructionReason
    method: str
    note: str
    status: DestructionStatus
    proposed_name: str
    proposed_at: datetime
    witness_name: str
    witnessed_at: datetime | None
    ended_because: str


class Drift(View):
    """Something that is not as the ledger says; `what` says in words what it is."""

    what: str
    level_id: UUID | None
    site_id: UUID | None
    product_id: UUID | None
    batch: str
    quantity: Quantity
    moved: Quantity


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


class AlternativeGroup(NamedTuple):
    """Medicines that stand for another in the same way: the first few, and those that a page folds away."""

    first: list[Alternative]
    more: list[Alternative]

    @classmethod
    def of(cls, medicines: list[Alternative]) -> "AlternativeGroup":
        return cls(medicines[:ALTERNATIVES_SHOWN], medicines[ALTERNATIVES_SHOWN:])


class AlternativesView(View):
    """Instead of one medicine: generic substitutes (same ingredients, strength, form), then others."""

    product_id: UUID
    name: str
    te_code: str
    site: str
    generic: list[Alternative]
    other_strengths: list[Alternative]  # and other forms of the same ingredients
    therapeutic: list[Alternative]

    @property
    def same_medicine(self) -> AlternativeGroup:
        return AlternativeGroup.of(self.generic)

    @property
    def same_use(self) -> AlternativeGroup:
        return AlternativeGroup.of(self.therapeutic)

    @property
    def other_names(self) -> list[Alternative]:
        """Other strengths and forms, each name once."""
        named: dict[str, Alternative] = {}
        for medicine in self.other_strengths:
            named.setdefault(medicine.name, medicine)
        return list(named.values())

    @property
    def none_the_same(self) -> str:
        """What is said when there is no generic substitute."""
        if not self.te_code:
            return _("No other pack with the same ingredients, strength and form.")
        return _(
            "No other pack with the same ingredients, strength and form is rated equivalent (%(code)s).",
            code=self.te_code,
        )
