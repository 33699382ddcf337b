"""What was scanned at the workstation: how it compares with the line, and what the database itself holds true of it."""

from datetime import date, datetime
from enum import Enum
from typing import Self
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, check, ddl, ref
from galen.i18n import N_, formats
from galen.i18n import gettext as _


class Coded(Enum):
    """A code that is kept, and the message that a person reads."""

    message: str

    def __new__(cls, code: str, message: str) -> Self:
        self = object.__new__(cls)
        self._value_, self.message = code, message
        return self

    @property
    def words(self) -> str:
        return _(self.message)


class PackOutcome(Coded):
    """How a pack compares with what is to be given; the first four confirm a line."""

    MATCH = "match", N_("Right pack: %(product)s")
    BRAND_TAKEN = "brand taken", N_("Same medicine, another brand: %(product)s is given instead")
    TAKEN = "batch taken", N_("Right medicine; batch %(batch)s is taken instead")
    NOT_SCANNED = "not scanned", N_("Confirmed without a scan: %(reason)s")
    OTHER_BATCH = "other batch", N_("Right medicine, but another batch than the one to pick: %(batch)s")
    OTHER_BRAND = "other brand", N_("Another brand: this is %(product)s")
    WRONG_STRENGTH = "wrong strength", N_("Wrong strength: this is %(product)s")
    WRONG_FORM = "wrong form", N_("Wrong form: this is %(product)s")
    WRONG_PRODUCT = "wrong product", N_("Wrong product: this is %(product)s")
    UNKNOWN_CODE = "unknown code", N_("No medicine is known by this code: %(code)s")
    UNKNOWN_BATCH = "unknown batch", N_("Batch %(batch)s with this expiry was never received. Receive it first.")
    NOT_HERE = "not here", N_("Batch %(batch)s is not in stock here. Receive or count it first.")
    EXPIRED = "expired", N_("Expired: batch %(batch)s, %(expires)s. Put it aside.")
    QUARANTINED = "quarantined", N_("Batch %(batch)s is in quarantine. Do not hand it out.")
    RECALLED = "recalled", N_("Batch %(batch)s was recalled. Do not hand it out.")

    @property
    def confirms(self) -> bool:
        return self in CONFIRMING


CONFIRMING = (PackOutcome.MATCH, PackOutcome.BRAND_TAKEN, PackOutcome.TAKEN, PackOutcome.NOT_SCANNED)


class WhyUnscanned(Coded):
    NO_CODE = "no code", N_("No code on the pack")
    UNREADABLE = "unreadable", N_("The code cannot be read")
    LOOSE = "loose units", N_("Loose units, counted out")
    UNLISTED = "unlisted", N_("The code is not in the catalogue")
    SCANNER = "no scanner", N_("No scanner works here")
    OTHER = "other", N_("Other (say which)")


class WhyThisBatch(Coded):
    """Why a batch goes out before one that expires earlier."""

    NOT_FOUND = "not found", N_("The earlier batch was not found on the shelf")
    DAMAGED = "damaged", N_("The earlier batch is damaged")
    LONGER = "longer", N_("The patient needs a longer expiry")
    OPENED = "opened", N_("A pack of this batch is open already")
    OTHER = "other", N_("Other (say which)")


REASONS = {reason.value: reason for kind in (WhyUnscanned, WhyThisBatch) for reason in kind}


class PackCheck(Record):
    """One pack held against one line, or the reason why none was; the latest of a line in its round counts."""

    append_only, open_to = True, "staff"
    __table_args__ = (
        UniqueConstraint("dispensing_id", "position"),
        check("outcome <> 'not scanned' OR reason <> ''", "reason"),
        check(
            "outcome NOT IN ('match', 'brand taken', 'batch taken', 'not scanned') OR dispensing_line_id IS NOT NULL",
            "line",
        ),
        check("outcome NOT IN ('match', 'brand taken', 'batch taken') OR product_id IS NOT NULL", "product"),
        check("outcome <> 'batch taken' OR batch_id IS NOT NULL", "batch"),
    )

    dispensing_id: Mapped[UUID] = ref("dispensing", index=False)
    dispensing_line_id: Mapped[UUID | None] = ref("dispensing_line", nullable=True)  # none: it is like no line
    patient_id: Mapped[UUID] = ref("patient")
    round: Mapped[int]
    position: Mapped[int]
    outcome: Mapped[PackOutcome]
    product_id: Mapped[UUID | None] = ref("product", nullable=True, index=False)  # what the code stands for
    product: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="")  # the article number, or what was scanned where there is none
    batch_id: Mapped[UUID | None] = ref("batch", nullable=True)
    batch: Mapped[str] = mapped_column(default="")
    expires: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]

    @property
    def confirms(self) -> bool:
        return self.outcome.confirms

    @property
    def why(self) -> str:
        """The coded reason and what was written with it."""
        words = REASONS[self.reason].words if self.reason else ""
        return f"{words}: {self.note}" if words and self.note else words

    @property
    def words(self) -> str:
        """What is to be said of it, in a sentence."""
        return _(
            self.outcome.message, product=self.product, batch=self.batch, code=self.code, reason=self.why,
            expires=formats.day(self.expires) if self.expires else "",
        )  # fmt: skip


CONFIRMED_PACKS = (
    """
CREATE FUNCTION refuse_unconfirmed_packs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM dispensing_line l LEFT JOIN LATERAL (
      SELECT * FROM pack_check c WHERE c.dispensing_line_id = l.id AND c.round = NEW.round
      ORDER BY c.position DESC LIMIT 1
    ) c ON true
    WHERE l.dispensing_id = NEW.id AND l.supplied > 0 AND CASE
      WHEN c.id IS NULL THEN NEW.packs_needed
      ELSE c.outcome NOT IN ('match', 'brand taken', 'batch taken', 'not scanned') OR c.product_id <> l.product_id
        OR (c.batch_id IS NOT NULL AND NOT EXISTS (
          SELECT FROM dispensed_item i
          WHERE i.dispensing_line_id = l.id AND i.round = NEW.round AND i.batch_id = c.batch_id)) END
  ) THEN
    RAISE EXCEPTION 'a line is dispensed whose pack was not confirmed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensing_packs_check', TABLE = 'dispensing';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER packs_confirmed AFTER UPDATE OF status ON dispensing DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status = 'dispensed' AND OLD.status <> 'dispensed') EXECUTE FUNCTION refuse_unconfirmed_packs()
""",
)

ddl(PackCheck, APPEND_ONLY.format(table="pack_check"), *CONFIRMED_PACKS)
