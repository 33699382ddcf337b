"""The audit log: one row for each change, each opening of a sensitive record, and each refusal."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Identity, Index, false, inspect, text, true
from sqlalchemy.orm import Mapped, mapped_column

from .actor import Actor
from .record import Record, check, ddl


class AuditEntry(Record):
    """Who did what to which record, when, from where, and why; with old and new values."""

    audited, append_only = False, True
    __table_args__ = (
        check("seq > 0", "seq"),
        Index(
            "audit_entry_listed_idx",
            text("((changes -> 'patients') -> 1)"),
            postgresql_using="gin",
            postgresql_where="action = 'listed'",
        ),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[UUID] = mapped_column(index=True)
    actor_name: Mapped[str]
    verb: Mapped[str]
    action: Mapped[str]  # created, changed, removed, opened, listed, refused
    subject: Mapped[str]
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    patient_id: Mapped[UUID | None] = mapped_column(index=True)
    changes: Mapped[dict[str, Any]]
    site_id: Mapped[UUID | None]
    request_id: Mapped[UUID]
    origin: Mapped[str]
    reason: Mapped[str]

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        if actor.may("audit.read"):
            return true()
        return cls.patient_id == actor.patient_id if actor.patient_id else false()


APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change()
"""
ddl(AuditEntry, APPEND_ONLY.format(table="audit_entry"))


@dataclass
class AuditRow:
    """What is known of one row before it is written: by finish.py, which adds who, when, from where and why."""

    action: str
    subject: str
    subject_id: UUID | None = None
    patient_id: UUID | None = None
    changes: dict[str, Any] = field(default_factory=dict)


def row_about(record: Record, action: str, changes: dict[str, Any], patient_id: UUID | None = None) -> AuditRow:
    """A row about a record; about which patient it is, unless said, the record itself knows."""
    own = record.id if record.__tablename__ == "patient" else getattr(record, "patient_id", None)
    return AuditRow(action, record.thing(), record.id, patient_id or own, changes)


def row_of_shown(patients: list[UUID]) -> AuditRow:
    """One row for an answer that shows patients whom no other row of it names: one of them, or a list."""
    if len(patients) == 1:
        return AuditRow("opened", "patient", patients[0], patients[0])
    return AuditRow("listed", "patient", changes={"patients": [None, [str(id) for id in patients]]})


def merged(rows: list[AuditRow]) -> list[AuditRow]:
    """A record flushed twice in one action is still one change."""
    by_subject: dict[tuple[str, UUID | None], AuditRow] = {}
    for row in rows:
        first = by_subject.setdefault((row.subject, row.subject_id), row)
        if first is not row:
            for key, (old, new) in row.changes.items():
                first.changes[key] = [first.changes.get(key, [old])[0], new]
    return list(by_subject.values())


def values_of(record: Record) -> dict[str, Any]:
    """A new record: every column that has a value, as [nothing, value]."""
    columns = inspect(type(record)).column_attrs
    return {
        c.key: [None, worded(record, c.key, value)]
        for c in columns
        if c.key not in ("id", "version") and (value := record.__dict__.get(c.key)) is not None
    }


def changes_of(record: Record) -> dict[str, Any]:
    """Each changed column of a known record, as [old, new]."""
    state = inspect(record)
    changes = {}
    for key in state.committed_state:
        if key in state.mapper.column_attrs and key != "version":
            history = state.attrs[key].history
            if history.has_changes():
                old, new = (worded(record, key, (v or [None])[0]) for v in (history.deleted, history.added))
                changes[key] = [old, new]
    return changes


def worded(record: Record, key: str, value: Any) -> Any:
    """A value as it stands in the log: exact, plain, and never a secret."""
    if value is None or isinstance(value, bool | int):
        return value
    if key in record.redacted or isinstance(value, bytes):
        return "(not shown)"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict | list):
        return json.loads(json.dumps(value, default=str))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
