from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import UploadFile
from pydantic import Field

from galen.core.schemas import Draft, RecordView, Slice, View
from galen.values.units import counted

from .models import ImportState


class UploadDraft(Draft):
    """A file, what it is, and for a price list whose it is."""

    file: UploadFile
    kind: str = "prices"
    supplier: str = Field("", max_length=80)


class ColumnDraft(Draft):
    """What a column means; no field leaves it out."""

    header: str
    field: str = ""


class ColumnsDraft(Draft):
    """How the columns of a file are to be read."""

    columns: list[ColumnDraft] = Field(default_factory=list, max_length=200)


class ColumnView(View):
    header: str
    field: str
    why: str
    sample: str


class ChangeView(View):
    field: str
    old: Any = None
    new: Any = None
    kept: bool = False


class RemarkView(View):
    sheet: str = ""
    row: int = 0
    column: str = ""
    says: str


class LineView(View):
    """One medicine of an import."""

    id: UUID
    sheet: str
    row: int
    label: str
    outcome: str
    changes: list[ChangeView]
    remarks: list[RemarkView]
    product_id: UUID | None
    accepted: bool

    @property
    def pack(self) -> str:
        """The pack of a new medicine, in words: 30 capsules."""
        new = {change.field: change.new for change in self.changes}
        size = new.get("pack_size")
        return counted(Decimal(str(size)), str(new.get("unit") or "")) if size else ""


class ImportView(RecordView):
    """An import in the list of imports."""

    kind: str
    source: str
    file: str
    at: datetime
    applied_at: datetime | None
    status: ImportState
    counts: dict[str, Any]
    problem: str

    @property
    def supplier(self) -> str:
        return self.source.removeprefix("supplier: ")


class ImportPage(ImportView):
    """An import with its columns and the lines that were asked for."""

    columns: list[ColumnView]
    remarks: list[RemarkView]
    lines: Slice[LineView]
    show: str = ""
    accepted: int = 0
    sheets: bool = False  # several: a row is named with its sheet
    fields: list[tuple[str, str]] = Field(default_factory=list, exclude=True)
