"""Batches, where they lie, and every movement between."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, amount, check, ddl, link, parts, ref
from galen.core.state import State
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.organizations import Site

from .allocation import ISSUE_STOCK
from .rules import pack_words


class BatchStatus(State):
    """Whether a batch may be handed out; a recall is final."""

    OK = "ok", "quarantined recalled"
    QUARANTINED = "quarantined", "ok recalled"
    RECALLED = "recalled"

    @property
    def tone(self) -> str:
        """The colour it is shown in: a batch that is set aside asks for caution."""
        return "ok" if self is BatchStatus.OK else "caution"

    @property
    def word(self) -> str:
        """How its own page names it."""
        return _(BATCH_WORDS[self])


BATCH_WORDS = {
    BatchStatus.OK: N_("In use"),
    BatchStatus.QUARANTINED: N_("Quarantined"),
    BatchStatus.RECALLED: N_("Recalled"),
}


class Batch(Record):
    """What one maker made in one go: the same number with another expiry is another batch."""

    open_to = "staff"
    __table_args__ = (
        UniqueConstraint("product_id", "number", "expires", "maker", "returned", postgresql_nulls_not_distinct=True),
        Index("batch_expires_idx", "expires"),
        check("expires IS NULL OR expires >= '2000-01-01'", "expires"),
        check("unit_cost >= 0", "unit_cost"),
    )

    product_id: Mapped[UUID] = ref("product")
    number: Mapped[str]
    expires: Mapped[date | None]  # the last good day; none for goods that do not perish
    maker: Mapped[str] = mapped_column(default="")
    returned: Mapped[str] = mapped_column(default="", server_default="")  # brought back by a patient: with which return
    gtin: Mapped[str] = mapped_column(default="")
    unit_cost: Mapped[Decimal | None] = amount()  # for one unit, in the organisation's currency
    status: Mapped[BatchStatus] = mapped_column(default=BatchStatus.OK)
    status_reason: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime]

    product: Mapped[Product] = link()


class StockLevel(Record):
    """How many units of a batch lie in one place of a site; always the sum of its movements, never below nothing."""

    open_to = "staff"
    __table_args__ = (
        UniqueConstraint("site_id", "batch_id", "location"),
        Index("stock_level_product_idx", "site_id", "product_id", postgresql_where="quantity > 0"),
        check("quantity >= 0", "quantity"),
    )

    site_id: Mapped[UUID] = ref("site", index=False)
    batch_id: Mapped[UUID] = ref("batch")
    product_id: Mapped[UUID] = ref("product")
    location: Mapped[str] = mapped_column(default="")
    quantity: Mapped[Decimal]

    batch: Mapped[Batch] = link()


class MovementKind(Enum):
    """Why units came or went."""

    RECEIVE = "receive"
    ISSUE = "issue"
    REVERSAL = "reversal"  # what was issued comes back, as if it had not been
    ADJUST = "adjust"
    COUNT = "count"
    RETURN = "return"  # back to the supplier
    TAKE_BACK = "take back"  # brought back by a patient
    QUARANTINE = "quarantine"
    RELEASE = "release"
    SEND = "send"  # to another site: until it has arrived it is nobody's
    ARRIVE = "arrive"
    DESTROY = "destroy"


class AdjustReason(Enum):
    """Why stock was corrected, as a code that can be counted; what is left to say stands in words."""

    BROKEN = "broken"
    LOST = "lost"
    FOUND = "found"
    EXPIRED = "expired"
    WRONG_ENTRY = "wrong entry"
    SAMPLE = "sample"
    THEFT = "theft suspected"
    OTHER = "other"

    @property
    def sign(self) -> int:
        """Which way such a correction goes; 0 when either."""
        return {AdjustReason.FOUND: 1, AdjustReason.WRONG_ENTRY: 0, AdjustReason.OTHER: 0}.get(self, -1)


class Movement(Record):
    """One line of the stock ledger: so many units came or went, why, and what was there afterwards. Never changed."""

    append_only, open_to = True, "staff"
    __table_args__ = (
        Index("movement_reference_idx", "reference_id", postgresql_where="reference_id IS NOT NULL"),
        Index("movement_site_seq_idx", "site_id", "seq"),
        check("quantity <> 0 OR kind IN ('count', 'quarantine', 'release')", "quantity"),
        check("balance >= 0", "balance"),
        check("reason <> '' OR kind IN ('receive', 'issue')", "reason"),
        check("reason_code IS NULL OR kind = 'adjust'", "reason_code"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    site_id: Mapped[UUID] = ref("site", index=False)
    level_id: Mapped[UUID] = ref("stock_level")
    batch_id: Mapped[UUID] = ref("batch")
    product_id: Mapped[UUID] = ref("product")
    kind: Mapped[MovementKind]
    quantity: Mapped[Decimal]  # signed, in units
    balance: Mapped[Decimal]  # in that place afterwards
    reason: Mapped[str] = mapped_column(default="")
    reason_code: Mapped[AdjustReason | None]
    reference_kind: Mapped[str | None]
    reference_id: Mapped[UUID | None]
    actor_id: Mapped[UUID]
    actor_name: Mapped[str]
    at: Mapped[datetime]

    level: Mapped[StockLevel] = link()
    batch: Mapped[Batch] = link()
    product: Mapped[Product] = link()
    site: Mapped[Site] = link()

    @property
    def sign(self) -> str:
        """A plus before what came; what went has its minus already."""
        return "+" if self.quantity > 0 else ""

    @property
    def why(self) -> str:
        """The reason, or what it was for."""
        return self.reason or label(self.reference_kind or "")


class TransferStatus(State):
    """Stock on its way between two sites; what was sent by mistake comes back whole."""

    SENT = "sent", "arrived cancelled"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


class Transfer(Record):
    """What one site sends to another, from the shelf of the one to the shelf of the other."""

    open_to = "staff"
    __table_args__ = (
        Index("transfer_on_its_way_idx", "to_site_id", postgresql_where="status = 'sent'"),
        check("from_site_id <> to_site_id", "sites"),
        check("(status = 'arrived') = (arrived_by IS NOT NULL)", "arrived"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    from_site_id: Mapped[UUID] = ref("site")
    to_site_id: Mapped[UUID] = ref("site", index=False)
    status: Mapped[TransferStatus] = mapped_column(default=TransferStatus.SENT)
    note: Mapped[str] = mapped_column(default="")
    sent_by: Mapped[UUID]
    sent_name: Mapped[str]
    sent_at: Mapped[datetime]
    arrived_by: Mapped[UUID | None]
    arrived_name: Mapped[str] = mapped_column(default="")
    arrived_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(default="")

    from_site: Mapped[Site] = link(foreign_keys="Transfer.from_site_id")
    to_site: Mapped[Site] = link(foreign_keys="Transfer.to_site_id")
    lines: Mapped[list["TransferLine"]] = parts(back_populates="transfer", order_by="TransferLine.position")

    @property
    def short(self) -> list["TransferLine"]:
        """What did not arrive, or not whole."""
        return [line for line in self.lines if line.missing]


class TransferLine(Record):
    """So many units of one batch; what did not arrive stays on the document, with the reason."""

    part_of, open_to = "transfer", "staff"
    __table_args__ = (
        UniqueConstraint("transfer_id", "position"),
        check("quantity > 0", "quantity"),
        check("arrived >= 0 AND arrived <= quantity", "arrived"),
        check("arrived = quantity OR short_because <> ''", "short"),
    )

    transfer_id: Mapped[UUID] = ref("transfer", index=False)
    position: Mapped[int]
    product_id: Mapped[UUID] = ref("product")
    batch_id: Mapped[UUID] = ref("batch")
    level_id: Mapped[UUID] = ref("stock_level", index=False)  # from where
    quantity: Mapped[Decimal]
    arrived: Mapped[Decimal | None]  # not known while it is on its way
    location: Mapped[str] = mapped_column(default="")  # where it was put
    short_because: Mapped[str] = mapped_column(default="")

    transfer: Mapped[Transfer] = link(back_populates="lines")
    batch: Mapped[Batch] = link()
    product: Mapped[Product] = link()

    @property
    def missing(self) -> Decimal:
        """What was sent and is on no shelf."""
        return Decimal(0) if self.arrived is None else self.quantity - self.arrived

    @property
    def words(self) -> str:
        return pack_words(self.quantity, self.product.pack_size, self.product.unit)


class DestructionReason(Enum):
    """Why stock is destroyed."""

    EXPIRED = "expired"
    DAMAGED = "damaged"
    TEMPERATURE = "kept too warm or too cold"
    RECALLED = "recalled"
    RETURNED = "returned by a patient"
    CONTAMINATED = "contaminated"


class DestructionStatus(State):
    """Two persons destroy stock: one says what and how, another has seen it."""

    PROPOSED = "proposed", "destroyed cancelled"
    DESTROYED = "destroyed"
    CANCELLED = "cancelled"


class Destruction(Record):
    """Units that are destroyed before a witness."""

    open_to = "staff"
    __table_args__ = (
        Index("destruction_open_idx", "site_id", postgresql_where="status = 'proposed'"),
        check("quantity > 0", "quantity"),
        check("method <> ''", "method"),
        check("witness_id IS NULL OR witness_id <> proposed_by", "witness"),
        check("(status = 'destroyed') = (witness_id IS NOT NULL)", "destroyed"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    site_id: Mapped[UUID] = ref("site", index=False)
    level_id: Mapped[UUID] = ref("stock_level")
    batch_id: Mapped[UUID] = ref("batch", index=False)
    product_id: Mapped[UUID] = ref("product", index=False)
    quantity: Mapped[Decimal]
    reason: Mapped[DestructionReason]
    method: Mapped[str]  # burnt by a licensed contractor, denatured
    note: Mapped[str] = mapped_column(default="")
    status: Mapped[DestructionStatus] = mapped_column(default=DestructionStatus.PROPOSED)
    proposed_by: Mapped[UUID]
    proposed_name: Mapped[str]
    proposed_at: Mapped[datetime]
    witness_id: Mapped[UUID | None]
    witness_name: Mapped[str] = mapped_column(default="")
    witnessed_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(default="")

    batch: Mapped[Batch] = link()
    product: Mapped[Product] = link()

    @property
    def words(self) -> str:
        return pack_words(self.quantity, self.product.pack_size, self.product.unit)


ddl(Movement, APPEND_ONLY.format(table="movement"), ISSUE_STOCK)
