from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.actor import Actor
from galen.core.record import Record, link, ref
from galen.core.state import State
from galen.files import StoredFile


class DocumentKind(Enum):
    REFERRAL = "referral letter"
    RESULT = "result"
    CONSENT = "consent"
    IDENTIFICATION = "identification"
    PHOTOGRAPH = "photograph"
    OTHER = "other"


ADMINISTRATIVE = (DocumentKind.CONSENT, DocumentKind.IDENTIFICATION)
"""What those see who may not read clinical records; and what they added themselves."""


class DocumentState(State):
    """A withdrawn document leaves the chart, not the record: its file is kept, and it can be restored."""

    CURRENT = "current", "withdrawn"
    WITHDRAWN = "withdrawn", "current"


class PatientDocument(Record):
    """A document about a patient: a letter, a result, a photograph. Opening one is audited."""

    sensitive = True

    patient_id: Mapped[UUID] = ref("patient")
    file_id: Mapped[UUID] = ref("stored_file", unique=True)
    preview_id: Mapped[UUID | None] = ref("stored_file", nullable=True, unique=True)
    title: Mapped[str]
    kind: Mapped[DocumentKind]
    dated: Mapped[date | None]  # the day that stands on it
    note: Mapped[str] = mapped_column(default="")
    shared: Mapped[bool] = mapped_column(default=False)  # released to the patient
    status: Mapped[DocumentState] = mapped_column(default=DocumentState.CURRENT)
    added_at: Mapped[datetime]
    added_by: Mapped[UUID]
    added_by_name: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_name: Mapped[str] = mapped_column(default="")
    withdrawn_reason: Mapped[str] = mapped_column(default="")

    file: Mapped[StoredFile] = link(foreign_keys=[file_id])
    preview: Mapped[StoredFile | None] = link(foreign_keys=[preview_id])

    @classmethod
    def visible_to(cls, actor: Actor) -> Any:
        if actor.kind == "patient":
            own = super().visible_to(actor)
            return and_(own, cls.shared, cls.status == DocumentState.CURRENT)
        if actor.kind == "staff" and not actor.may("clinical.read"):
            return or_(cls.kind.in_(ADMINISTRATIVE), cls.added_by == actor.id)
        return super().visible_to(actor)

    def sealed_fields(self) -> set[str]:
        """What it is about, and the file, stay as they were added."""
        return {"patient_id", "file_id", "preview_id", "added_at", "added_by", "added_by_name"}


StoredFile.holders += [PatientDocument.file_id, PatientDocument.preview_id]
