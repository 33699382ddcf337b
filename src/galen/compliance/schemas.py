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
    """The answer of a verification: how many rows and seals were read, and what is wrong with them."""

    rows: int
    seals: int
    sealed_until: datetime | None
    damages: list[str]
