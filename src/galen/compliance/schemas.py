"""What the pages of the audit log show."""

from datetime import datetime
from typing import Any
from uuid import UUID

from galen.core.schemas import RecordView, View


class EntryView(View):
    """One row of the audit log."""

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
    changes: dict[str, Any]
    origin: str
    reason: str


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
