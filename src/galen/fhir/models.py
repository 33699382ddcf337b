"""What an import leaves behind: one row for each run, and every resource as it came."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, cast
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from galen.core.record import Record, ref


class JsonText(UserDefinedType[str]):
    """JSON in the database, text here: numbers keep every digit that they came with."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSONB"

    def column_expression(self, column: Any) -> Any:
        """Read as text: the driver would make floats of the numbers."""
        return cast(column, Text)


class FhirImport(Record):
    """One run of an import: from which system, how many files, what became of each type of resource."""

    open_to = "staff"

    at: Mapped[datetime]
    source: Mapped[str]
    files: Mapped[int]
    files_failed: Mapped[int]
    resources: Mapped[dict[str, Any]]


class KeptResource(Record):
    """A FHIR resource as it came, and which record of ours it became; none: there is no room for it yet, so it is kept.

    Numbers of persons (Medicare, IHI, SSN …) show their last characters only: in full they stand, encrypted, among the
    patient's identifiers.
    """

    sensitive, open_to = True, "staff"
    redacted = frozenset({"content"})
    __table_args__ = (
        UniqueConstraint("source", "fhir_id", "kind", name="kept_resource_fhir_id_key"),
        Index("kept_resource_patient_id_kind_idx", "patient_id", "kind"),
    )

    source: Mapped[str]  # the system it came from, as the import named it
    kind: Mapped[str]  # FHIR's resourceType
    fhir_id: Mapped[str]
    patient_id: Mapped[UUID | None] = ref("patient", nullable=True, index=False)
    record: Mapped[str] = mapped_column(default="")  # what it became: "condition", "visit" …
    record_id: Mapped[UUID | None] = mapped_column(index=True)
    content: Mapped[str] = mapped_column(JsonText)
    digest: Mapped[str]  # SHA-256 of it as it came
    file: Mapped[str]
    read_at: Mapped[datetime]
