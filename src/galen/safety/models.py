"""What safety keeps: tables of others, and which warnings were given to whom and what was answered."""

from datetime import date, datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, ref


class InteractionTable(Record):
    """A table of interactions from elsewhere, under its own licence; each organisation switches it on for itself."""

    open_to = "staff"

    name: Mapped[str] = mapped_column(unique=True)  # "DDInter"
    edition: Mapped[str] = mapped_column(default="")  # the publisher's own; `version` is the row's
    licence: Mapped[str] = mapped_column(default="")
    dated: Mapped[date | None]  # the day of the data, as the source states it
    imported_at: Mapped[datetime]
    pairs: Mapped[int] = mapped_column(default=0)
    switched_on: Mapped[bool] = mapped_column(default=True)

    @property
    def title(self) -> str:
        """The name that an alert gives as its source."""
        return f"{self.name} {self.edition}".strip()


class ImportedInteraction(Record):
    """One graded pair of a table, by the names that the knowledge uses; `a` stands before `b`."""

    audited = False  # 160,000 rows at once: the table's own row tells who imported what, and when
    open_to = "staff"
    __table_args__ = (UniqueConstraint("table_id", "a", "b"),)

    table_id: Mapped[UUID] = ref("interaction_table", index=False)
    a: Mapped[str]
    b: Mapped[str]
    severity: Mapped[str]  # a value of Severity
    mechanism: Mapped[str] = mapped_column(default="")
    effect: Mapped[str] = mapped_column(default="")
    management: Mapped[str] = mapped_column(default="")
    as_published: Mapped[str] = mapped_column(default="")  # the source's own word for the grade


class Place(Enum):
    """Where a warning was given; each place remembers its own answers, because two people look."""

    PRESCRIBING = "prescribing"
    DISPENSING = "dispensing"


class AlertGiven(Record):
    """A warning that somebody saw when signing or verifying, and the coded reason where it was not followed."""

    append_only = True
    audited = False  # it is itself the record of who saw what
    open_to = "staff"
    __table_args__ = (Index("alert_given_patient_id_key_idx", "patient_id", "key"),)

    patient_id: Mapped[UUID] = ref("patient", index=False)
    place: Mapped[Place]
    key: Mapped[str]  # the same warning on another day
    rule: Mapped[str]
    kind: Mapped[str]
    severity: Mapped[str]
    tier: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")  # a code of Reason; empty where nothing was asked
    comment: Mapped[str] = mapped_column(default="")
    by_id: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    knowledge: Mapped[str]
