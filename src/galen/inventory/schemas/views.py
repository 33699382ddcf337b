"""What people are shown of stock."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from galen.core.schemas import Quantity, RecordView, View
from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.medicines import PriceView, Product
from galen.values.units import counted

from ..models import AdjustReason, BatchStatus, DestructionReason, DestructionStatus, MovementKind, TransferStatus
from ..rules import Level, pack_words

ALTERNATIVES_SHOWN = 6


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


class SurplusLine(ShelfLine):
    """One batch in one place, of which some will not be used before it ends."""

    surplus: Quantity
    daily: Quantity

    @property
    def surplus_words(self) -> str:
        return pack_words(self.surplus, self.pack_size, self.unit)

    @property
    def daily_words(self) -> str:
        """How much is used a day, to one place."""
        return _("%(quantity)s a day", quantity=counted(self.daily.quantize(Decimal("0.1")).normalize() + 0, self.unit))


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
    reason_code: AdjustReason | None
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
