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
    """The answer of a verification: how many rows and seals were read, and what is wrong with them."""

    rows: int
    seals: int
    sealed_until: datetime | None
    damages: list[str]
