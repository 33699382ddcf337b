"""What people say about suppliers and deliveries, and what programs are told of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from galen.core.schemas import Draft, Quantity, RecordView, View
from galen.i18n import gettext as _
from galen.inventory import Count, Expiry

from .models import DeliveryStatus, PriceFor, Refused
from .rules import NOTHING

Money = Annotated[Decimal, Field(ge=0, lt=1_000_000_000, decimal_places=4)]
Version = Annotated[int | None, Field(description="The version that is changed; another one is refused")]


def mail_address(email: str) -> str:
    """The same, where it can be one or is empty."""
    name, _at, host = email.rpartition("@")
    if email and (not name or "." not in host or any(sign.isspace() for sign in email)):
        raise ValueError(_("Write a mail address such as orders@supplier.example."))
    return email


class SupplierDraft(Draft):
    """A supplier as it shall stand."""

    name: str = Field(min_length=2, max_length=120)
    contact: str = Field("", max_length=120)
    email: str = Field("", max_length=200)
    phone: str = Field("", max_length=40)
    account: str = Field("", max_length=60)
    lead_days: int | None = Field(None, ge=0, le=365)
    minimum_order: Money | None = None
    note: str = Field("", max_length=500)
    version: Version = None

    @field_validator("email")
    @classmethod
    def looks_like_mail(cls, email: str) -> str:
        return mail_address(email)


class DeliveryDraft(Draft):
    """The head of a delivery: who brought it, under which number, when and where."""

    supplier_id: UUID
    supplier_number: str = Field("", max_length=60, description="The number on the supplier's note")
    day: date | None = None  # today, where nothing is said
    site_id: UUID | None = None  # the site worked at
    note: str = Field("", max_length=500)
    version: Version = None


class LineDraft(Draft):
    """One line as it shall stand. Packs and units are what came and is paid for; `free_packs` came for nothing."""

    product_id: UUID
    number: str = Field("", max_length=40, description="The batch number")
    expires: Expiry | None = None
    maker: str = Field("", max_length=120)
    gtin: str = Field("", pattern=r"^\d{0,14}$")
    location: str = Field("", max_length=40)
    noted_packs: Count | None = None
    noted_units: Count | None = None
    packs: Count = NOTHING
    units: Count = NOTHING
    free_packs: Count = NOTHING
    refused: Count = Field(NOTHING, description="Units that came, and are not shelved")
    refused_because: Refused | None = None
    price: Money | None = None
    priced: PriceFor = PriceFor.PACK
    version: Version = None

    @model_validator(mode="after")
    def makes_sense(self) -> "LineDraft":
        if not (self.packs or self.units or self.free_packs or self.noted_packs or self.noted_units):
            raise ValueError(_("Write how many packs or loose units came, or what the note says when none came."))
        if self.refused and self.refused_because is None:
            raise ValueError(_("Write why some of it is not shelved: damaged, expired or ends too soon, not ordered."))
        if not self.refused:
            self.refused_because = None
        return self


class PackScanDraft(Draft):
    """What the scanner read."""

    code: str = Field(min_length=1, max_length=300)


class PacksDraft(Draft):
    """How many packs of a line came, counted rather than scanned one by one; nothing said leaves it as it is."""

    packs: Count | None = None


class CancelDraft(Draft):
    """Why nothing came of it."""

    reason: str = Field(min_length=3, max_length=300)


class ReceiptDraft(Draft):
    """That a delivery is received as one has seen it."""

    version: Version = None


class SupplierView(RecordView):
    name: str
    contact: str
    email: str
    phone: str
    account: str
    lead_days: int | None
    minimum_order: Decimal | None
    note: str
    archived_at: datetime | None


class LineView(RecordView):
    position: int
    product_id: UUID
    order_line_id: UUID | None
    number: str
    expires: date | None
    maker: str
    gtin: str
    location: str
    pack_size: Quantity
    noted_packs: Quantity | None
    noted_units: Quantity | None
    packs: Quantity
    units: Quantity
    free_packs: Quantity
    refused: Quantity
    refused_because: Refused | None
    price: Decimal | None
    priced: PriceFor
    cost: Decimal | None
    batch_id: UUID | None
    level_id: UUID | None
    movement_id: UUID | None


class DeliveryView(RecordView):
    number: str
    supplier_id: UUID
    supplier_number: str
    day: date
    site_id: UUID
    order_id: UUID | None
    note: str
    status: DeliveryStatus
    made_name: str
    received_name: str
    received_at: datetime | None
    ended_because: str
    cost: Decimal
    unpriced: int
    lines: list[LineView]


class LineAnswer(View):
    """The delivery after a change of its lines, and the line it was about."""

    delivery: DeliveryView
    line: LineView | None


class CameWith(View):
    """One delivery that a batch came with: the way up, for a recall."""

    delivery_id: UUID
    delivery: str
    supplier_id: UUID
    supplier: str
    supplier_number: str
    day: date
    quantity: Quantity
    words: str
