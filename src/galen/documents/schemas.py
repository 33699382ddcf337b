from datetime import date, datetime
from uuid import UUID

from fastapi import UploadFile
from pydantic import Field

from galen.core.schemas import Draft, RecordView, View
from galen.i18n import gettext as _
from galen.patients import BannerView

from .models import DocumentKind, DocumentState


class DocumentDraft(Draft):
    """A file, and what it is. Without a title the name of the file is the title."""

    file: UploadFile
    kind: DocumentKind
    title: str = Field("", max_length=200)
    dated: date | None = None
    note: str = Field("", max_length=2000)
    shared: bool = False


class WithdrawalDraft(Draft):
    reason: str = Field(min_length=3, max_length=500)


class FileView(View):
    name: str
    kind: str
    size: int

    @property
    def size_words(self) -> str:
        """340 kB, 2.4 MB."""
        kilobytes = max(1, round(self.size / 1000))
        return f"{kilobytes} kB" if kilobytes < 1000 else f"{self.size / 1_000_000:.1f} MB"

    @property
    def icon(self) -> str:
        return {"application/pdf": "file-type-pdf", "text/plain": "file-text"}.get(self.kind, "photo")


class DocumentView(RecordView):
    """A document, without its bytes."""

    patient_id: UUID
    title: str
    kind: DocumentKind
    dated: date | None
    note: str
    shared: bool
    status: DocumentState
    added_at: datetime
    added_by_name: str
    withdrawn_at: datetime | None
    withdrawn_by_name: str
    withdrawn_reason: str
    file: FileView
    preview_id: UUID | None = Field(exclude=True)

    @property
    def path(self) -> str:
        return f"/patients/{self.patient_id}/documents/{self.id}"

    @property
    def ids(self) -> dict[str, UUID]:
        return {"patient_id": self.patient_id, "document_id": self.id}


class DocumentsView(View):
    """The documents of a patient, the latest first, and those that were withdrawn."""

    patient_id: UUID
    current: list[DocumentView]
    withdrawn: list[DocumentView]


class DocumentSheet(View):
    """A form about a document: whose it is, and what can be chosen."""

    banner: BannerView
    limit: int
    document: DocumentView | None = None

    @property
    def path(self) -> str:
        return f"/patients/{self.banner.id}"

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.value, _(kind.value).capitalize()) for kind in DocumentKind]
