"""What the pages of the audit log show."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from galen.core.schemas import RecordView, Slice, View


class AuditedPatient(View):
    """A patient whom a row of the audit log names."""

    patient_id: UUID
    name: str


class EntryView(View):
    """One row of the audit log, with the patients it is about."""

    id: UUID
    seq: int
    at: datetime
    actor_id: UUID
    actor_name: str
    verb: str
    action: str
    subject: str
    subject_id: UUID | None
    patient_id: UUID | None
    site_id: UUID | None
    changes: dict[str, Any]
    origin: str
    reason: str
    patients: list[AuditedPatient] = []

    @property
    def patient_ids(self) -> list[UUID]:
        """Whom this row is about: one person, or all who stood in a list that was shown."""
        if self.action == "listed":
            return [UUID(id) for id in self.changes["patients"][1]]
        return [self.patient_id] if self.patient_id else []

    @property
    def values(self) -> dict[str, Any]:
        """The old and new values, without those who are named beside them."""
        return {} if self.action == "listed" else self.changes

    @property
    def act(self) -> str:
        """The verb as words: `prescribing.sign_on_paper` is “sign on paper”."""
        return self.verb.rpartition(".")[2].replace("_", " ")

    @property
    def part(self) -> str:
        """The part of Galen that the verb belongs to."""
        return self.verb.partition(".")[0]


class EntryPage(Slice[EntryView]):
    """One page of the audit log, with the name of the patient whom it was asked about."""

    patient: str = ""
    places: dict[Any, Any] = Field({}, exclude=True)  # the sites on whose clocks its times are


class SealView(RecordView):
    """One seal over rows of the audit log."""

    number: int
    at: datetime
    floor: int


class Proof(View):
    """The answer of the last verification: how many rows and seals were read, and what is wrong with them.

    While it is only `asked`, `rows` says how far it is of about so many `expected`; `never` is before the first one.
    """

    status: str = "never"
    rows: int = 0
    expected: int = 0
    seals: int = 0
    sealed_until: datetime | None = None
    damages: list[str] = []
    asked_at: datetime | None = None
    asked_by: str = ""
    finished_at: datetime | None = None

    @property
    def goes_on(self) -> bool:
        return self.status == "asked"

    @property
    def sound(self) -> bool:
        return self.status == "done" and not self.damages
