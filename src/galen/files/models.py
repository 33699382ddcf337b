from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import false, or_, select, true
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.actor import Actor
from galen.core.record import Record


class StoredFile(Record):
    """A file in the store: what it is, and the key that opens it, wrapped. Its bytes are never in the database.

    Whoever sees a record that holds it sees the file: `StoredFile.holders` says in which columns that is.
    """

    sensitive = True
    redacted = frozenset({"wrapped_key"})
    holders: ClassVar[list[Any]] = []

    name: Mapped[str]  # as it was given, cleaned
    kind: Mapped[str]  # told by its content: application/pdf
    size: Mapped[int]
    digest: Mapped[bytes] = mapped_column(BYTEA)  # SHA-256 of what is kept
    wrapped_key: Mapped[bytes] = mapped_column(BYTEA)
    key_id: Mapped[str] = mapped_column(index=True)
    stored_at: Mapped[datetime]
    stored_by: Mapped[UUID]

    @classmethod
    def visible_to(cls, actor: Actor) -> Any:
        if actor.kind in ("staff", "system"):
            return true()
        holding = [cls.id.in_(select(column).where(column.class_.visible_to(actor))) for column in cls.holders]
        return or_(*holding) if actor.kind == "patient" and holding else false()

    def sealed_fields(self) -> set[str]:
        """A file stays what it is; only its key may be wrapped anew."""
        return {"name", "kind", "size", "digest", "stored_at", "stored_by"}
