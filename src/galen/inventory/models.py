"""Batches, where they lie, and every movement between."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, amount, check, ddl, link, ref
from galen.core.state import State
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.medicines import Product
from galen.organizations import Site

from .allocation import ISSUE_STOCK


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
        UniqueConstraint("product_id", "number", "expires", "maker", postgresql_nulls_not_distinct=True),
        Index("batch_expires_idx", "expires"),
        check("expires IS NULL OR expires >= '2000-01-01'", "expires"),
        check("unit_cost >= 0", "unit_cost"),
    )

    product_id: Mapped[UUID] = ref("product")
    number: Mapped[str]
    expires: Mapped[date | None]  # the last good day; none for goods that do not perish
    maker: Mapped[str] = mapped_column(default="")
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
    QUARANTINE = "quarantine"
    RELEASE = "release"


class Movement(Record):
    """One line of the stock ledger: so many units came or went, why, and what was there afterwards. Never changed."""

    append_only, open_to = True, "staff"
    __table_args__ = (
        Index("movement_reference_idx", "reference_id", postgresql_where="reference_id IS NOT NULL"),
        Index("movement_site_seq_idx", "site_id", "seq"),
        check("quantity <> 0 OR kind IN ('count', 'quarantine', 'release')", "quantity"),
        check("balance >= 0", "balance"),
        check("reason <> '' OR kind IN ('receive', 'issue')", "reason"),
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


ddl(Movement, APPEND_ONLY.format(table="movement"), ISSUE_STOCK)
