"""What a recall is: its notice, the batches it concerns, whom it reached, and what came back."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Enum as Choice
from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, check, ddl, link, parts, quantity, ref
from galen.core.state import State
from galen.dispensing import DispensedItem, Dispensing
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.inventory import Batch
from galen.medicines import Product
from galen.patients import Patient


class RecallStatus(State):
    """From the notice to the signature. What is blocked stays blocked, also when it is closed."""

    DRAFT = "draft", "open cancelled"
    OPEN = "open", "closed"
    CLOSED = "closed", "open"
    CANCELLED = "cancelled"

    @property
    def tone(self) -> str:
        return {"draft": "caution", "open": "danger", "closed": "ok"}.get(self.value, "mute")

    @property
    def word(self) -> str:
        return _(STATUS_WORDS[self])


STATUS_WORDS = {
    RecallStatus.DRAFT: N_("Being checked: nothing is blocked yet"),
    RecallStatus.OPEN: N_("Open: its batches are blocked"),
    RecallStatus.CLOSED: N_("Closed: its batches stay blocked"),
    RecallStatus.CANCELLED: N_("Cancelled: nothing was blocked"),
}


class RecallClass(Enum):
    """How bad it may be for a person (21 CFR 7.3(m); the TGA uses the same three)."""

    ONE = "I"
    TWO = "II"
    THREE = "III"
    NOT_SAID = "not said"

    @property
    def words(self) -> str:
        return _(CLASS_WORDS[self])


CLASS_WORDS = {
    RecallClass.ONE: N_("Class I: it may kill or do serious harm"),
    RecallClass.TWO: N_("Class II: it may do harm that passes"),
    RecallClass.THREE: N_("Class III: harm is not likely"),
    RecallClass.NOT_SAID: N_("The notice names no class"),
}


MEANINGS = (
    N_("Effective: everybody who can be reached was reached"),
    N_("Closed although not everybody was reached"),
)
"""What the signature under a closed recall may say."""


class RecallDepth(Enum):
    """How far down it goes (21 CFR 7.42(b)(1))."""

    PATIENT = "patient"
    PHARMACY = "pharmacy"
    WHOLESALER = "wholesaler"

    @property
    def words(self) -> str:
        return _(DEPTH_WORDS[self])


DEPTH_WORDS = {
    RecallDepth.PATIENT: N_("Patients: whoever received it is told"),
    RecallDepth.PHARMACY: N_("Pharmacies: it goes back from the shelf"),
    RecallDepth.WHOLESALER: N_("Wholesalers: it goes back from the store"),
}


class Recall(Record):
    """One recall of a maker or an authority, and what was done about it here."""

    open_to = "staff"
    __table_args__ = (
        Index("recall_open_idx", "status", postgresql_where="status IN ('draft', 'open')"),
        check("status NOT IN ('open', 'closed') OR blocked_at IS NOT NULL", "blocked"),
        check("(status = 'closed') = (closed_by IS NOT NULL)", "closed"),
        check("status <> 'closed' OR (meaning <> '' AND figures IS NOT NULL)", "signed"),
        check("status <> 'cancelled' OR ended_because <> ''", "cancelled"),
        check("whole OR cardinality(lots) > 0", "lots"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]  # the product, as the notice calls it
    source: Mapped[str]  # who recalls: the maker, FDA, TGA
    notice_number: Mapped[str] = mapped_column(default="")
    notice_date: Mapped[date | None]
    recall_class: Mapped[RecallClass] = mapped_column(default=RecallClass.NOT_SAID)
    depth: Mapped[RecallDepth] = mapped_column(default=RecallDepth.PATIENT)
    text: Mapped[str] = mapped_column(default="")
    instructions: Mapped[str] = mapped_column(default="")  # what whoever has it is to do
    lots: Mapped[list[str]] = mapped_column(default=list)  # as printed
    whole: Mapped[bool] = mapped_column(default=False)  # every lot
    unread: Mapped[list[str]] = mapped_column(default=list)  # looked like a lot, and nobody could read it
    by_text: Mapped[bool] = mapped_column(default=False)  # its lots were read from a text: each match is confirmed
    status: Mapped[RecallStatus] = mapped_column(default=RecallStatus.DRAFT)
    opened_by: Mapped[UUID]
    opened_name: Mapped[str]
    opened_at: Mapped[datetime]
    blocked_name: Mapped[str] = mapped_column(default="")
    blocked_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # when the patients began to be told
    closed_by: Mapped[UUID | None]
    closed_name: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    meaning: Mapped[str] = mapped_column(default="")  # what the signature says
    figures: Mapped[dict[str, Any] | None]  # as they stood when it was signed
    ended_because: Mapped[str] = mapped_column(default="")  # or reopened because

    products: Mapped[list["RecallProduct"]] = parts(back_populates="recall", order_by="RecallProduct.position")

    @property
    def draft(self) -> bool:
        return self.status is RecallStatus.DRAFT

    @property
    def active(self) -> bool:
        """Its batches are blocked, and there is work to do."""
        return self.status is RecallStatus.OPEN

    @property
    def closed(self) -> bool:
        return self.status is RecallStatus.CLOSED

    @property
    def unsigned(self) -> bool:
        return self.status in (RecallStatus.DRAFT, RecallStatus.OPEN)

    @property
    def blocked(self) -> bool:
        return self.blocked_at is not None

    @property
    def concerns_patients(self) -> bool:
        return self.depth is RecallDepth.PATIENT

    @property
    def signed_words(self) -> str:
        return _(self.meaning) if self.meaning else ""

    @property
    def lot_words(self) -> str:
        return _("every lot") if self.whole else ", ".join(self.lots)


class RecallProduct(Record):
    """A medicine of the catalogue that is meant."""

    part_of, open_to = "recall", "staff"
    __table_args__ = (UniqueConstraint("recall_id", "product_id"),)

    recall_id: Mapped[UUID] = ref("recall", index=False)
    product_id: Mapped[UUID] = ref("product")
    position: Mapped[int]

    recall: Mapped[Recall] = link(back_populates="products")
    product: Mapped[Product] = link()


class MatchLikeness(Enum):
    """How a batch of ours is like what the notice says."""

    SAME = "same"
    ALIKE = "alike"  # but for signs, spaces and capital letters
    OTHER = "other"
    WHOLE = "every lot"


MEDICINE = Choice(
    MatchLikeness,
    name="medicine",  # of its constraint
    native_enum=False,
    create_constraint=True,
    length=32,
    values_callable=lambda kinds: [kind.value for kind in kinds],
)


class MatchAnswer(Enum):
    """What a person says of a match; until it is blocked it may be said anew."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class RecallMatch(Record):
    """A batch of ours that may be meant, how like it is, and what a person said of it."""

    open_to = "staff"
    __table_args__ = (
        UniqueConstraint("recall_id", "batch_id"),
        check("(answer = 'open') = (answered_by IS NULL)", "answered"),
    )

    recall_id: Mapped[UUID] = ref("recall", index=False)
    batch_id: Mapped[UUID] = ref("batch")
    lot: Mapped[MatchLikeness]
    medicine: Mapped[MatchLikeness] = mapped_column(MEDICINE)
    answer: Mapped[MatchAnswer] = mapped_column(default=MatchAnswer.OPEN)
    answered_by: Mapped[UUID | None]
    answered_name: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    blocked: Mapped[bool] = mapped_column(default=False)

    batch: Mapped[Batch] = link()

    @property
    def unsure(self) -> list[str]:
        """What does not fit, in words."""
        said = {
            MatchLikeness.ALIKE: _("The lot is written in another way."),
            MatchLikeness.OTHER: _("The medicine is not the one that was chosen: another maker may use the same lot."),
        }
        return [said[likeness] for likeness in (self.lot, self.medicine) if likeness in said]

    @property
    def fits(self) -> list[str]:
        """What does."""
        lots = {
            MatchLikeness.SAME: _("The lot is the same."),
            MatchLikeness.WHOLE: _("Every lot of this medicine is meant."),
        }
        medicines = {MatchLikeness.SAME: _("The medicine is the one that was chosen.")}
        return [words for words in (lots.get(self.lot), medicines.get(self.medicine)) if words]

    @property
    def undecided(self) -> bool:
        return self.answer is MatchAnswer.OPEN


class ContactState(State):
    """How far a person is told. Reached: they, or whoever cares for them, have said so."""

    TO_TELL = "to tell", "sent failed reached unreachable"
    SENT = "sent", "failed reached unreachable"
    FAILED = "failed", "sent reached unreachable"
    REACHED = "reached", "unreachable"
    UNREACHABLE = "unreachable", "sent reached"

    @property
    def tone(self) -> str:
        tones = {"reached": "ok", "unreachable": "danger", "failed": "danger", "to tell": "caution"}
        return tones.get(self.value, "info")

    @property
    def word(self) -> str:
        return _(CONTACT_WORDS[self])


CONTACT_WORDS = {
    ContactState.TO_TELL: N_("To tell"),
    ContactState.SENT: N_("Message sent"),
    ContactState.FAILED: N_("Message did not arrive"),
    ContactState.REACHED: N_("Reached"),
    ContactState.UNREACHABLE: N_("Not reachable"),
}


class RecallContact(Record):
    """A patient who received some of it: whether they know."""

    __table_args__ = (
        UniqueConstraint("recall_id", "patient_id"),
        Index("recall_contact_state_idx", "recall_id", "state"),
        check("(state = 'reached') = (reached_at IS NOT NULL)", "reached"),
    )

    recall_id: Mapped[UUID] = ref("recall", index=False)
    patient_id: Mapped[UUID] = ref("patient")
    state: Mapped[ContactState] = mapped_column(default=ContactState.TO_TELL)
    message_id: Mapped[UUID | None] = mapped_column(index=True)
    told_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    reached_by: Mapped[str] = mapped_column(default="")  # how
    tries: Mapped[int] = mapped_column(default=0)  # of staff

    patient: Mapped[Patient] = link()
    recall: Mapped[Recall] = link()


class ContactWay(Enum):
    """How staff and a patient met."""

    CALL = "call"
    VISIT = "visit"
    LETTER = "letter"
    PORTAL = "portal"
    RETURN = "return"


class RecallCall(Record):
    """One try to reach a patient, and what came of it. Never changed."""

    append_only = True
    redacted = frozenset({"note"})

    contact_id: Mapped[UUID] = ref("recall_contact")
    patient_id: Mapped[UUID] = ref("patient")
    way: Mapped[ContactWay]
    state: Mapped[ContactState]
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]

    @property
    def words(self) -> str:
        """How, and what came of it."""
        settled = self.state in (ContactState.REACHED, ContactState.UNREACHABLE)
        return f"{label(self.way).capitalize()}: {self.state.word if settled else _('No answer')}"


class ReturnFate(Enum):
    """What becomes of units that a patient brings back; never the shelf."""

    DESTROY = "to be destroyed"
    SUPPLIER = "set aside for the supplier"


class RecallReturn(Record):
    """Units that a patient brought back, by batch. They were never our stock again, so no ledger counts them."""

    append_only = True
    __table_args__ = (check("quantity > 0", "quantity"),)

    contact_id: Mapped[UUID] = ref("recall_contact")
    patient_id: Mapped[UUID] = ref("patient")
    batch_id: Mapped[UUID] = ref("batch")
    quantity: Mapped[Decimal] = quantity()
    fate: Mapped[ReturnFate]
    by: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]

    batch: Mapped[Batch] = link()


BAGS = (
    """
CREATE FUNCTION refuse_recalled_bag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A recall of any of these medicines waits for this hand-over, or this hand-over for the recall.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('recall' || given.product_id::text, 0))
     FROM (SELECT DISTINCT product_id FROM dispensed_item
            WHERE dispensing_id = NEW.id AND round = NEW.round ORDER BY product_id) given;
  IF EXISTS (SELECT FROM dispensed_item i JOIN batch b ON b.id = i.batch_id
              WHERE i.dispensing_id = NEW.id AND i.round = NEW.round AND b.status = 'recalled') THEN
    RAISE EXCEPTION 'a recalled batch is not handed over'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensing_recalled_check', TABLE = 'dispensing';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER recalled_bags_stay BEFORE UPDATE OF status ON dispensing
FOR EACH ROW WHEN (NEW.status = 'collected' AND OLD.status <> 'collected') EXECUTE FUNCTION refuse_recalled_bag()
""",
)
Recall.__table__.add_is_dependent_on(Dispensing.__table__)  # type: ignore[attr-defined]
Recall.__table__.add_is_dependent_on(DispensedItem.__table__)  # type: ignore[attr-defined]
ddl(Recall, *BAGS)
ddl(RecallCall, APPEND_ONLY.format(table="recall_call"))
ddl(RecallReturn, APPEND_ONLY.format(table="recall_return"))
