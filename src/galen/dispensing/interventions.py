"""What the pharmacy asks of a prescriber, sends back or refuses, and what becomes of it."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import Enum as Choice
from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, check, ddl, ref
from galen.core.state import State
from galen.i18n import N_
from galen.i18n import gettext as _

from .packs import Coded


class InterventionKind(Coded):
    ASKED = "asked", N_("Question")
    SENT_BACK = "sent back", N_("Sent back")
    REFUSED = "refused", N_("Refused")


class WhyIntervene(Coded):
    """Why a pharmacist does not dispense as it is written. Groups: PCNE classification of drug-related problems."""

    DOSE = "dose", N_("Dose or strength in doubt")
    DIRECTIONS = "directions", N_("Directions unclear or incomplete")
    QUANTITY = "quantity", N_("Quantity or repeats in doubt")
    INTERACTION = "interaction", N_("Interaction")
    ALLERGY = "allergy", N_("Allergy or intolerance")
    CONDITION = "condition", N_("Does not fit a condition, age or pregnancy")
    DUPLICATE = "duplicate", N_("The patient has it already")
    NOT_AVAILABLE = "not available", N_("Not available")
    LAW = "law", N_("Does not meet the law")
    DOUBT = "doubt", N_("Not certain that it is genuine")
    PATIENT = "patient", N_("The patient does not want it or cannot take it")
    OTHER = "other", N_("Other (say which)")


class PrescriberDecision(Coded):
    """What the prescriber decided."""

    AS_WRITTEN = "as written", N_("Dispense as written")
    CHANGED = "changed", N_("Changed: a new prescription replaces it")
    CANCELLED = "cancelled", N_("Cancelled: do not dispense it")


class InterventionStatus(State):
    """Told: a refusal needs no answer, and begins as that."""

    OPEN = "open", "answered withdrawn told"
    ANSWERED = "answered", "open"
    TOLD = "told", "withdrawn"
    WITHDRAWN = "withdrawn"


STATUS = Choice(
    InterventionStatus,
    name="status",  # of its constraint
    native_enum=False,
    create_constraint=True,
    length=32,
    values_callable=lambda states: [state.value for state in states],
)


class WaitsFor(Enum):
    """What something that is held waits for; on its day it wakes in any case."""

    DATE = "date"
    STOCK = "stock"
    PATIENT = "patient"


class Intervention(Record):
    """One question, return or refusal about a line of a supply, or about all of it."""

    open_to = "staff"
    __table_args__ = (
        Index(
            "intervention_open_key",
            "dispensing_id",
            "dispensing_line_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("intervention_status_asked_at_idx", "status", "asked_at"),
        check("words <> ''", "words"),
        check("(kind = 'refused') = (due_at IS NULL)", "due"),
        check("kind <> 'refused' OR status IN ('told', 'withdrawn')", "refused"),
        check(
            "(status = 'answered') = (outcome IS NOT NULL AND answered_by IS NOT NULL AND answered_at IS NOT NULL)",
            "answered",
        ),
        check("outcome <> 'changed' OR replacement_id IS NOT NULL", "replacement"),
    )

    dispensing_id: Mapped[UUID] = ref("dispensing")
    dispensing_line_id: Mapped[UUID | None] = ref("dispensing_line", nullable=True, index=False)  # none: all of it
    prescription_id: Mapped[UUID] = ref("prescription")
    patient_id: Mapped[UUID] = ref("patient")
    prescriber_id: Mapped[UUID] = mapped_column(index=True)  # the account that signed it, and alone may answer
    kind: Mapped[InterventionKind]
    reason: Mapped[WhyIntervene]
    words: Mapped[str]
    drug: Mapped[str] = mapped_column(default="")  # what it is about, as it was named then
    status: Mapped[InterventionStatus] = mapped_column(STATUS)
    asked_by: Mapped[UUID]
    asked_name: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # afterwards it is overdue
    outcome: Mapped[PrescriberDecision | None]
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[UUID | None]
    answered_name: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    replacement_id: Mapped[UUID | None] = ref("prescription", nullable=True)  # the new prescription

    @property
    def waiting(self) -> bool:
        """It waits for an answer."""
        return self.status is InterventionStatus.OPEN

    @property
    def refusal(self) -> bool:
        return self.kind is InterventionKind.REFUSED

    @property
    def stands(self) -> bool:
        """It was not taken back."""
        return self.status is not InterventionStatus.WITHDRAWN

    @property
    def as_written(self) -> bool:
        return self.outcome is PrescriberDecision.AS_WRITTEN

    @property
    def then(self) -> str:
        """The prescription where the prescriber goes on: the new one, to be written and signed, where there is one."""
        return str(self.replacement_id or self.prescription_id)

    @property
    def title(self) -> str:
        """Question: Dose or strength in doubt."""
        return _("%(kind)s: %(reason)s", kind=self.kind.words, reason=self.reason.words)


NO_WAY_AROUND = (
    """
CREATE FUNCTION refuse_unanswered_question() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM intervention i WHERE i.dispensing_id = NEW.id AND i.status = 'open')
    AND (SELECT status FROM dispensing d WHERE d.id = NEW.id) IN ('waiting', 'verified', 'dispensed') THEN
    RAISE EXCEPTION 'a question to the prescriber is still open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensing_unanswered_check', TABLE = 'dispensing';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER nothing_unanswered AFTER UPDATE OF status ON dispensing DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (
  OLD.status <> NEW.status AND (NEW.status = 'waiting' OR NEW.status = 'verified' OR NEW.status = 'dispensed'))
EXECUTE FUNCTION refuse_unanswered_question()
""",
)

ddl(Intervention, *NO_WAY_AROUND)
