"""Lots that were recalled: what is there of one, or comes of one, is set aside for good; the database says so."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, literal_column, or_, text
from sqlalchemy.orm import Mapped

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, check, ddl, ref

from .models import Batch, Movement

LOT_KEY = r"upper(regexp_replace({column}, '[\W_]+', '', 'g'))"
"""A lot without signs, spaces and small letters: AB-1234 is ab 1234."""
BATCH_KEY: ColumnElement[Any] = literal_column(LOT_KEY.format(column="batch.number"))


class RecalledLot(Record):
    """A lot of a medicine, or all of it, that nobody is given any more; written once, by a recall."""

    append_only, open_to = True, "staff"
    __table_args__ = (
        Index(
            "recalled_lot_key", "recall_id", "product_id", text(LOT_KEY.format(column="lot")), unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("recalled_lot_product_idx", "product_id", text(LOT_KEY.format(column="lot"))),
        check(f"{LOT_KEY.format(column='lot')} <> ''", "lot"),
    )  # fmt: skip

    recall_id: Mapped[UUID]  # of a layer above
    recall: Mapped[str]  # its number, for people
    product_id: Mapped[UUID] = ref("product", index=False)
    lot: Mapped[str | None]  # as printed; none: every lot
    at: Mapped[datetime]


LOT: ColumnElement[Any] = literal_column(LOT_KEY.format(column="recalled_lot.lot"))


def same_lot() -> ColumnElement[bool]:
    """Whether a batch is of a recalled lot."""
    return (RecalledLot.product_id == Batch.product_id) & or_(RecalledLot.lot.is_(None), LOT == BATCH_KEY)


BLOCKED = (
    """
CREATE FUNCTION refuse_recalled_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A recall waits for whoever is taking this medicine, and whoever comes later waits for the recall.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('recall' || NEW.product_id::text, 0));
  IF EXISTS (
    SELECT FROM batch b WHERE b.id = NEW.batch_id
       AND (b.status = 'recalled' OR (NEW.kind = 'issue' AND b.status <> 'ok'))
  ) THEN
    RAISE EXCEPTION 'a batch that is set aside does not go out'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_set_aside_check', TABLE = 'movement';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER recalled_units_stay BEFORE INSERT ON movement
FOR EACH ROW WHEN (NEW.kind IN ('issue', 'send')) EXECUTE FUNCTION refuse_recalled_units()
""",
)
RECALLED_FOR_GOOD = (
    rf"""
CREATE FUNCTION refuse_recalled_lot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status = 'recalled' AND NEW.status <> 'recalled' THEN
    RAISE EXCEPTION 'a recall of a batch is final'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_recall_final_check', TABLE = 'batch';
  END IF;
  IF NEW.status <> 'recalled'
     AND (TG_OP = 'INSERT' OR NEW.number <> OLD.number OR NEW.product_id <> OLD.product_id)
     AND EXISTS (SELECT FROM recalled_lot r WHERE r.product_id = NEW.product_id
                    AND (r.lot IS NULL
                         OR {LOT_KEY.format(column="r.lot")} = {LOT_KEY.format(column="NEW.number")})) THEN
    RAISE EXCEPTION 'this lot was recalled'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_recalled_lot_check', TABLE = 'batch';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER recalled_for_good BEFORE INSERT OR UPDATE OF status, number, product_id ON batch
FOR EACH ROW EXECUTE FUNCTION refuse_recalled_lot()
""",
)

ddl(RecalledLot, APPEND_ONLY.format(table="recalled_lot"))
ddl(Movement, *BLOCKED)
ddl(Batch, *RECALLED_FOR_GOOD)
