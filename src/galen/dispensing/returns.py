"""What patients bring back: why, how much of which batch, and what becomes of it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, amount, check, ddl, link, parts, quantity, ref
from galen.i18n import N_
from galen.values.money import Money
from galen.values.units import counted

from .models import Dispensing
from .packs import Coded


class Fate(Coded):
    """What becomes of what was brought back."""

    RESALE = "resale", N_("Back on the shelf")
    QUARANTINE = "quarantine", N_("Set aside (quarantine)")
    DESTROY = "destroy", N_("To be destroyed before a witness")


class WhyReturned(Coded):
    NOT_NEEDED = "not needed", N_("Not needed any more")
    STOPPED = "stopped", N_("The prescriber stopped or changed it")
    SIDE_EFFECT = "side effect", N_("Side effect or allergy")
    DIED = "died", N_("The patient has died")
    RECALLED = "recalled", N_("Recalled")
    DEFECT = "defect", N_("Damaged or defective")
    OUR_MISTAKE = "our mistake", N_("Our mistake")
    OTHER = "other", N_("Other (say which)")


class PatientReturn(Record):
    """One time that something was brought back. The supply itself stands; money given back is a credit note."""

    append_only = True
    __table_args__ = (
        check("credited >= 0 AND to_refund >= 0", "credited"),
        check("reason <> 'other' OR note <> ''", "note"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    dispensing_id: Mapped[UUID] = ref("dispensing")
    patient_id: Mapped[UUID] = ref("patient")
    site_id: Mapped[UUID] = ref("site", index=False)
    reason: Mapped[WhyReturned]
    note: Mapped[str] = mapped_column(default="")
    credited: Mapped[Decimal] = amount(default=Decimal(0))  # what the charge fell by
    to_refund: Mapped[Decimal] = amount(default=Decimal(0))  # what had been paid of it: refunded from the invoice
    currency: Mapped[str]
    by: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]

    dispensing: Mapped[Dispensing] = link()

    @property
    def refund(self) -> Money | None:
        """What is to be given back from the invoice."""
        return Money(self.to_refund, self.currency) if self.to_refund else None

    items: Mapped[list["ReturnedItem"]] = parts(back_populates="patient_return", order_by="ReturnedItem.position")


class ReturnedItem(Record):
    """So many units of one batch that was dispensed; never more than were given, however often somebody comes."""

    append_only = True
    __table_args__ = (check("quantity > 0", "quantity"),)

    patient_return_id: Mapped[UUID] = ref("patient_return")
    position: Mapped[int]
    item_id: Mapped[UUID] = ref("dispensed_item")
    drug: Mapped[str]
    batch: Mapped[str]
    quantity: Mapped[Decimal] = quantity()
    unit: Mapped[str] = mapped_column(default="")
    fate: Mapped[Fate]
    batch_id: Mapped[UUID] = ref("batch", index=False)  # as which it lies here: the one it was, or one set aside

    @property
    def count(self) -> str:
        """So many of its units, in words."""
        return counted(self.quantity, self.unit)

    patient_return: Mapped[PatientReturn] = link(back_populates="items")


RETURNED_ONCE = (
    """
CREATE FUNCTION refuse_returned_twice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE given numeric;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.item_id::text, 0));
  SELECT quantity INTO given FROM dispensed_item WHERE id = NEW.item_id;
  IF (SELECT sum(quantity) FROM returned_item WHERE item_id = NEW.item_id) > given THEN
    RAISE EXCEPTION 'more is brought back than was given'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'returned_item_given_check', TABLE = 'returned_item';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER returned_once AFTER INSERT ON returned_item FOR EACH ROW EXECUTE FUNCTION refuse_returned_twice()
""",
)

ddl(PatientReturn, APPEND_ONLY.format(table="patient_return"))
ddl(ReturnedItem, APPEND_ONLY.format(table="returned_item"), *RETURNED_ONCE)
