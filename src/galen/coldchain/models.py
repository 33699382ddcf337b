"""Places that are kept cold, what watches them, what was measured, and what went wrong."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, check, ddl, link, parts, ref
from galen.core.state import State
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.inventory import Batch
from galen.medicines import Product
from galen.organizations import Site

from .rules import FLAT, RangeRule, TemperatureAt


def celsius() -> Any:
    """A column for a temperature, in degrees Celsius."""
    return mapped_column(Numeric(6, 3))


class PlaceKind(Enum):
    FRIDGE = "fridge"
    ROOM = "room"
    FREEZER = "freezer"


class TemperatureProfile(Record):
    """A range, how far and how long it may be left, and how much of that a batch bears in all."""

    open_to = "staff"
    __table_args__ = (
        check("low < high", "range"),
        check("tolerated_low <= low AND tolerated_high >= high", "tolerated"),
        check("tolerated_minutes >= 0 AND interval_minutes BETWEEN 1 AND 1440", "minutes"),
        check("flat_hours IS NULL OR flat_hours > 0", "flat"),
        check("budget_hours IS NULL OR budget_hours > 0", "budget"),
    )

    name: Mapped[str] = mapped_column(unique=True)
    low: Mapped[Decimal] = celsius()
    high: Mapped[Decimal] = celsius()
    tolerated_low: Mapped[Decimal] = celsius()
    tolerated_high: Mapped[Decimal] = celsius()
    tolerated_minutes: Mapped[int]
    interval_minutes: Mapped[int]  # how often a probe is to be heard of
    flat_hours: Mapped[int | None] = mapped_column(default=FLAT // timedelta(hours=1))  # none: it may stand still
    mean_most: Mapped[Decimal | None] = celsius()  # of the mean kinetic temperature
    budget_hours: Mapped[int | None]  # out of range in all, as the maker's stability data allow

    @property
    def rule(self) -> RangeRule:
        return RangeRule(
            self.low,
            self.high,
            self.tolerated_low,
            self.tolerated_high,
            timedelta(minutes=self.tolerated_minutes),
            timedelta(minutes=self.interval_minutes),
            timedelta(hours=self.flat_hours) if self.flat_hours else None,
        )


class StoragePlace(Record):
    """A fridge, a freezer or a room of a site; its bins are the places by which stock is kept."""

    open_to = "staff"
    __table_args__ = (UniqueConstraint("site_id", "name"),)

    site_id: Mapped[UUID] = ref("site", index=False)
    name: Mapped[str]
    kind: Mapped[PlaceKind]
    profile_id: Mapped[UUID] = ref("temperature_profile")
    closed_at: Mapped[datetime | None]

    site: Mapped[Site] = link()
    profile: Mapped[TemperatureProfile] = link()
    bins: Mapped[list["PlaceBin"]] = parts(back_populates="place", order_by="PlaceBin.location")

    @property
    def locations(self) -> list[str]:
        return [part.location for part in self.bins]


class PlaceBin(Record):
    """A bin of the stock that lies in such a place: in one at a time."""

    part_of, open_to = "place", "staff"
    __table_args__ = (UniqueConstraint("site_id", "location"),)

    place_id: Mapped[UUID] = ref("storage_place")
    site_id: Mapped[UUID] = ref("site", index=False)
    location: Mapped[str]

    place: Mapped[StoragePlace] = link(back_populates="bins")


class Sensor(Record):
    """A device with an account of its own, in one place all its life. Of its secret only a digest is kept."""

    open_to = "staff"
    redacted = frozenset({"secret", "broker_password"})
    __table_args__ = (
        Index("sensor_serial_key", "serial", unique=True, postgresql_where=text("closed_at IS NULL")),
        check("unit IN ('C', 'F')", "unit"),
        check("serial ~ '^[A-Za-z0-9_.-]{1,64}$'", "serial"),
    )

    serial: Mapped[str]
    place_id: Mapped[UUID] = ref("storage_place")
    unit: Mapped[str] = mapped_column(default="C")  # in which it speaks where it does not say
    calibrated_until: Mapped[date | None]
    registered_at: Mapped[datetime]
    secret: Mapped[bytes] = mapped_column(BYTEA)
    broker_password: Mapped[str]  # the same secret as a broker checks it
    closed_at: Mapped[datetime | None]

    place: Mapped[StoragePlace] = link()


class SensorReading(Record):
    """One temperature. It is stored once, however often it is sent; both clocks are kept."""

    audited, append_only, open_to = False, True, "staff"
    __table_args__ = (
        UniqueConstraint("sensor_id", "mark"),
        Index("sensor_reading_taken_idx", "sensor_id", "taken"),
    )

    sensor_id: Mapped[UUID] = ref("sensor", index=False)
    mark: Mapped[str]  # by which it is known again: its number, else its time
    at: Mapped[datetime]  # by the device's clock
    taken: Mapped[datetime]  # by ours
    received_at: Mapped[datetime]
    clock_off: Mapped[bool]
    celsius: Mapped[Decimal | None] = celsius()  # none when the probe is broken
    said: Mapped[Decimal] = mapped_column(Numeric(9, 3))  # as the device said it, in its unit
    unit: Mapped[str]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    battery: Mapped[int | None]
    probe: Mapped[str] = mapped_column(default="")

    @property
    def measured(self) -> TemperatureAt:
        return TemperatureAt(self.taken, self.celsius)


class LatestReading(Record):
    """The last that was heard of a sensor: what a page shows without looking through millions."""

    audited, open_to = False, "staff"

    sensor_id: Mapped[UUID] = ref("sensor", unique=True)
    taken: Mapped[datetime]
    received_at: Mapped[datetime]
    celsius: Mapped[Decimal | None] = celsius()
    flat_since: Mapped[datetime]
    clock_off: Mapped[bool]
    battery: Mapped[int | None]

    @property
    def measured(self) -> TemperatureAt:
        return TemperatureAt(self.taken, self.celsius)


class ExcursionKind(Enum):
    TEMPERATURE = "temperature"
    SILENT = "no data"


class ExcursionStatus(State):
    """It goes on, it is over and somebody has to decide, it is decided."""

    ONGOING = "ongoing", "over"
    OVER = "over", "ongoing closed"
    CLOSED = "closed"

    @property
    def tone(self) -> str:
        return {ExcursionStatus.ONGOING: "danger", ExcursionStatus.OVER: "caution"}.get(self, "mute")


GOES_ON = "status = 'ongoing' AND kind ="
"""Of a place one thread of each kind at most."""


class Excursion(Record):
    """One time that a place was not as it should be: one thread, until a person has closed it."""

    open_to = "staff"
    __table_args__ = (
        Index("excursion_out_of_range_key", "place_id", unique=True, postgresql_where=text(f"{GOES_ON} 'temperature'")),
        Index("excursion_silent_key", "place_id", unique=True, postgresql_where=text(f"{GOES_ON} 'no data'")),
        Index("excursion_open_idx", "status", postgresql_where=text("status <> 'closed'")),
        Index("excursion_place_began_idx", "place_id", "began"),
        check("ended IS NULL OR ended >= began", "ended"),
        check("(status = 'ongoing') = (ended IS NULL)", "ongoing"),
        check("(acknowledged_by IS NULL) = (acknowledged_at IS NULL)", "acknowledged"),
        check("status <> 'closed' OR acknowledged_by IS NOT NULL", "closed"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    place_id: Mapped[UUID] = ref("storage_place", index=False)
    kind: Mapped[ExcursionKind]
    status: Mapped[ExcursionStatus] = mapped_column(default=ExcursionStatus.ONGOING)
    began: Mapped[datetime]
    ended: Mapped[datetime | None]
    lowest: Mapped[Decimal | None] = celsius()
    highest: Mapped[Decimal | None] = celsius()
    mean: Mapped[Decimal | None] = celsius()  # kinetic, over the excursion
    opened_at: Mapped[datetime]  # when it was known
    told: Mapped[int] = mapped_column(default=0)  # steps of the escalation that were taken
    acknowledged_by: Mapped[UUID | None]
    acknowledged_name: Mapped[str] = mapped_column(default="")
    acknowledged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    place: Mapped[StoragePlace] = link()
    batches: Mapped[list["ExcursionBatch"]] = parts(back_populates="excursion", order_by="ExcursionBatch.id")

    def minutes(self, now: datetime) -> int:
        return max(0, int(((self.ended or now) - self.began) / timedelta(minutes=1)))

    @property
    def undecided(self) -> list["ExcursionBatch"]:
        return [held for held in self.batches if held.fate is None]

    @property
    def can_close(self) -> bool:
        """It is over, somebody has taken it up, and every batch has its decision."""
        return self.status is ExcursionStatus.OVER and self.acknowledged_by is not None and not self.undecided


class BatchFate(Enum):
    """What a pharmacist decides of a batch that was out of range."""

    RELEASE = "release"
    DESTROY = "destroy"
    KEEP = "keep on hold"


class ExcursionBatch(Record):
    """A batch that lay there at that time: on hold until a pharmacist has decided."""

    part_of, open_to = "excursion", "staff"
    __table_args__ = (
        UniqueConstraint("excursion_id", "batch_id"),
        check("minutes >= 0", "minutes"),
        check("(fate IS NULL) = (decided_by IS NULL)", "decided"),
        check("fate IS NULL OR reason <> ''", "reason"),
    )

    excursion_id: Mapped[UUID] = ref("excursion", index=False)
    batch_id: Mapped[UUID] = ref("batch")
    product_id: Mapped[UUID] = ref("product", index=False)
    minutes: Mapped[int]  # there and out of range
    held: Mapped[bool]  # by this excursion; false where it was set aside before
    fate: Mapped[BatchFate | None]
    reason: Mapped[str] = mapped_column(default="")
    reference: Mapped[str] = mapped_column(default="")  # stability data, the maker's answer
    decided_by: Mapped[UUID | None]
    decided_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]

    excursion: Mapped[Excursion] = link(back_populates="batches")
    batch: Mapped[Batch] = link()
    product: Mapped[Product] = link()


class NoteKind(Enum):
    COMMENT = "comment"
    ACKNOWLEDGED = "acknowledged"
    TOLD = "told"
    ENDED = "ended"
    DECIDED = "decided"
    CLOSED = "closed"


NOTE_WORDS = {
    NoteKind.COMMENT: N_("Comment"),
    NoteKind.ACKNOWLEDGED: N_("Taken up"),
    NoteKind.TOLD: N_("Messages sent"),
    NoteKind.ENDED: N_("Back in range"),
    NoteKind.DECIDED: N_("Decided"),
    NoteKind.CLOSED: N_("Closed"),
}


class ExcursionNote(Record):
    """One line of the thread of an excursion."""

    append_only, open_to = True, "staff"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    excursion_id: Mapped[UUID] = ref("excursion")
    kind: Mapped[NoteKind]
    words: Mapped[str] = mapped_column(default="")
    number: Mapped[int | None]  # of people told
    at: Mapped[datetime]
    by: Mapped[UUID]
    by_name: Mapped[str]

    @property
    def title(self) -> str:
        return _(NOTE_WORDS[self.kind])


HELD = """
CREATE FUNCTION keep_what_an_excursion_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM excursion_batch WHERE batch_id = NEW.id AND fate IS NULL) THEN
    RAISE EXCEPTION 'this batch waits for a decision about an excursion'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_held_by_excursion';
  END IF;
  RETURN NEW;
END $$
"""
HELD_TRIGGER = """
CREATE TRIGGER held_by_excursion BEFORE UPDATE OF status ON batch FOR EACH ROW
WHEN (OLD.status = 'quarantined' AND NEW.status = 'ok') EXECUTE FUNCTION keep_what_an_excursion_holds()
"""
ddl(SensorReading, APPEND_ONLY.format(table="sensor_reading"))
ddl(ExcursionNote, APPEND_ONLY.format(table="excursion_note"))
ddl(ExcursionBatch, HELD, HELD_TRIGGER)
