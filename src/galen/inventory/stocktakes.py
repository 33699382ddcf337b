"""The records of a stocktake, and of the limits from where on a second pair of eyes is needed."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, amount, check, ddl, link, ref
from galen.core.state import State
from galen.medicines import Product
from galen.organizations import Site

from .models import Batch
from .rules import Thresholds, pack_words


class StockLimits(Record):
    """What a site has set; without a row hold the defaults of `rules.Thresholds`."""

    open_to = "staff"
    __table_args__ = (
        check("write_off_units >= 0 AND write_off_value >= 0 AND recount_units >= 0 AND recount_value >= 0", "limits"),
    )

    site_id: Mapped[UUID] = ref("site", unique=True)
    write_off_units: Mapped[Decimal]
    write_off_value: Mapped[Decimal] = amount()
    recount_units: Mapped[Decimal]
    recount_value: Mapped[Decimal] = amount()

    @property
    def rule(self) -> Thresholds:
        return Thresholds(self.write_off_units, self.write_off_value, self.recount_units, self.recount_value)


class StocktakeScope(Enum):
    """Which places a stocktake walks."""

    ALL = "everything"
    PLACE = "one place"
    MEDICINES = "some medicines"
    MOVED = "what moved since a day"
    UNCOUNTED = "what was not counted since a day"


class StocktakeStatus(State):
    """Counted by several hands, then looked at by one person, who lets it count."""

    OPEN = "open", "counted cancelled"
    COUNTED = "counted", "open posted cancelled"
    POSTED = "posted"
    CANCELLED = "cancelled"


class Stocktake(Record):
    """A blind count of a site's places: what should be there is shown to nobody before all is counted."""

    open_to = "staff"
    __table_args__ = (
        Index("stocktake_live_key", "site_id", unique=True, postgresql_where="status IN ('open', 'counted')"),
        check("(status = 'posted') = (posted_by IS NOT NULL)", "posted"),
        check("recount_units >= 0 AND recount_value >= 0", "limits"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    site_id: Mapped[UUID] = ref("site")
    scope: Mapped[StocktakeScope]
    place: Mapped[str] = mapped_column(default="")  # how the places begin
    since: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    recount_units: Mapped[Decimal]  # as they stood when it was opened
    recount_value: Mapped[Decimal] = amount()
    status: Mapped[StocktakeStatus] = mapped_column(default=StocktakeStatus.OPEN)
    opened_by: Mapped[UUID]
    opened_name: Mapped[str]
    opened_at: Mapped[datetime]
    posted_by: Mapped[UUID | None]
    posted_name: Mapped[str] = mapped_column(default="")
    posted_at: Mapped[datetime | None]
    zeroed_because: Mapped[str] = mapped_column(default="")  # why what nobody counted was set to nothing
    ended_because: Mapped[str] = mapped_column(default="")

    site: Mapped[Site] = link()

    @property
    def limits(self) -> Thresholds:
        return Thresholds(recount_units=self.recount_units, recount_value=self.recount_value)

    @property
    def open(self) -> bool:
        return self.status is StocktakeStatus.OPEN

    @property
    def counted(self) -> bool:
        return self.status is StocktakeStatus.COUNTED

    @property
    def live(self) -> bool:
        return self.open or self.counted


class StocktakeLine(Record):
    """One batch in one place, in the order of the walk. `difference` is known when a count has decided."""

    open_to = "staff"
    __table_args__ = (
        UniqueConstraint("stocktake_id", "position"),
        UniqueConstraint("stocktake_id", "level_id"),
        check("counted >= 0", "counted"),
        check("difference IS NULL OR difference = counted - expected", "difference"),
        check("(rounds > 0) = (counted_by IS NOT NULL)", "rounds"),
    )

    stocktake_id: Mapped[UUID] = ref("stocktake", index=False)
    position: Mapped[int]
    level_id: Mapped[UUID] = ref("stock_level")
    product_id: Mapped[UUID] = ref("product", index=False)
    batch_id: Mapped[UUID] = ref("batch", index=False)
    location: Mapped[str] = mapped_column(default="")
    found: Mapped[bool] = mapped_column(default=False)  # nobody knew it there
    unit_value: Mapped[Decimal] = amount()  # when the list was made
    rounds: Mapped[int] = mapped_column(default=0)  # how often it was counted
    counted: Mapped[Decimal | None]  # the latest count
    expected: Mapped[Decimal | None]  # what the ledger said at that moment
    seq: Mapped[int | None] = mapped_column(BigInteger)  # the last movement of the place at that moment
    difference: Mapped[Decimal | None]
    counted_by: Mapped[UUID | None]
    counted_name: Mapped[str] = mapped_column(default="")
    counted_at: Mapped[datetime | None]

    product: Mapped[Product] = link()
    batch: Mapped[Batch] = link()

    @property
    def settled(self) -> bool:
        return self.difference is not None

    @property
    def asked(self) -> bool:
        """Somebody else has to count it again."""
        return self.rounds > 0 and not self.settled

    @property
    def pending(self) -> Decimal | None:
        """By how much the latest count differs, when it has not decided."""
        return None if self.settled or self.counted is None or self.expected is None else self.counted - self.expected

    @property
    def state(self) -> str:
        return "counted" if self.settled else "count again" if self.asked else "to count"

    @property
    def value(self) -> Decimal:
        """What the difference is worth."""
        return ((self.difference or Decimal(0)) * self.unit_value).quantize(Decimal("0.01"))

    @property
    def words(self) -> str:
        """The difference, as a person counts it."""
        return pack_words(self.difference or Decimal(0), self.product.pack_size, self.product.unit)


class StocktakeCount(Record):
    """What one person counted in one place, and where the ledger stood then. Never changed."""

    append_only, open_to = True, "staff"
    __table_args__ = (check("counted >= 0", "counted"),)

    line_id: Mapped[UUID] = ref("stocktake_line")
    round: Mapped[int]
    counted: Mapped[Decimal]
    expected: Mapped[Decimal]
    seq: Mapped[int] = mapped_column(BigInteger)
    counted_by: Mapped[UUID]
    counted_name: Mapped[str]
    counted_at: Mapped[datetime]

    line: Mapped[StocktakeLine] = link()


ddl(StocktakeCount, APPEND_ONLY.format(table="stocktake_count"))
