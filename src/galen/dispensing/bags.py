"""Bags that wait to be collected: where each one stands, until when, and what became of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, check, ddl, link, ref
from galen.core.state import State

from .models import Dispensing


class BagStatus(State):
    """From its place on the shelf to the patient's hands, or back into stock; it is never both."""

    ASSIGNED = "assigned", "ready collected returned"  # it has a place, and is not there yet
    READY = "ready", "assigned collected expired returned"
    EXPIRED = "expired", "returned"  # nobody came: stock, label and charge are undone; it still lies in its bin
    COLLECTED = "collected"
    RETURNED = "returned"


LIVE = (BagStatus.ASSIGNED, BagStatus.READY)


class Bag(Record):
    """One prepared supply that waits for its patient in a bin of the will-call shelf."""

    __table_args__ = (
        Index("bag_live_key", "dispensing_id", unique=True, postgresql_where=text("status IN ('assigned', 'ready')")),
        Index(
            "bag_waiting_idx",
            "site_id",
            "assigned_at",
            postgresql_where=text("status IN ('assigned', 'ready', 'expired')"),
        ),
        check("bin <> ''", "bin"),
        check("status <> 'ready' OR (ready_at IS NOT NULL AND collect_by IS NOT NULL)", "ready"),
        check("(status IN ('assigned', 'ready')) = (ended_at IS NULL)", "ended"),
        check("status NOT IN ('expired', 'returned') OR ended_because <> ''", "because"),
    )

    dispensing_id: Mapped[UUID] = ref("dispensing")
    patient_id: Mapped[UUID] = ref("patient")
    site_id: Mapped[UUID] = ref("site", index=False)
    bin: Mapped[str]
    status: Mapped[BagStatus] = mapped_column(default=BagStatus.ASSIGNED)
    assigned_at: Mapped[datetime]
    assigned_name: Mapped[str]
    ready_at: Mapped[datetime | None]
    remind_on: Mapped[date | None]  # none: nobody is to be reminded any more
    collect_by: Mapped[date | None]  # the last day; on the next one it goes back
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_name: Mapped[str] = mapped_column(default="")
    ended_because: Mapped[str] = mapped_column(default="")

    dispensing: Mapped[Dispensing] = link()

    @property
    def live(self) -> bool:
        """It waits for its patient."""
        return self.status in LIVE

    @property
    def to_place(self) -> bool:
        return self.status is BagStatus.ASSIGNED

    @property
    def to_put_back(self) -> bool:
        """Its time is over, and it still lies in its bin."""
        return self.status is BagStatus.EXPIRED


STRAY_BAG = (
    """
CREATE FUNCTION refuse_stray_bag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM bag b JOIN dispensing d ON d.id = b.dispensing_id
    WHERE d.id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid AND b.status IN ('assigned', 'ready') AND d.status <> 'dispensed'
  ) THEN
    RAISE EXCEPTION 'a bag waits to be collected that is not ready to collect'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'bag_dispensed_check', TABLE = 'bag';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER bag_is_dispensed AFTER INSERT OR UPDATE OF status ON bag DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status IN ('assigned', 'ready')) EXECUTE FUNCTION refuse_stray_bag('dispensing_id')
""",
    """
CREATE CONSTRAINT TRIGGER no_bag_is_left AFTER UPDATE OF status ON dispensing DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.status = 'dispensed' AND NEW.status <> 'dispensed') EXECUTE FUNCTION refuse_stray_bag('id')
""",
)
"""Whatever changes a dispensing says what becomes of its bag: it is never both collected and left waiting."""

ddl(Bag, *STRAY_BAG)
