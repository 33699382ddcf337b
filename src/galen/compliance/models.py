"""The seals of the audit log, and where the log had settled when each was made."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, check, ddl
from galen.core.state import State

from .seal_tree import Seal


class SealRecord(Record):
    """A signed Merkle root over audit rows, chained to the one before it. Its twin lies in the anchor file."""

    audited, append_only, open_to = False, True, "staff"
    __table_args__ = (check("number > 0 AND floor >= 0", "number"),)

    number: Mapped[int] = mapped_column(unique=True)
    log: Mapped[str]
    at: Mapped[datetime]
    floor: Mapped[int] = mapped_column(BigInteger)
    covers: Mapped[list[Any]] = mapped_column(JSONB)
    root: Mapped[bytes] = mapped_column(BYTEA)
    previous: Mapped[bytes] = mapped_column(BYTEA)
    signature: Mapped[bytes] = mapped_column(BYTEA)

    @property
    def seal(self) -> Seal:
        covers = tuple((int(first), int(last)) for first, last in self.covers)
        return Seal(self.log, self.number, self.at, self.floor, covers, self.root, self.previous, self.signature)


# The lock waits for every writer in flight, so that no row at or below the answer can still appear; raising and
# catching gives the lock back at once. -1 where a writer takes too long: then the floor stays where it was.
FLOOR = """
CREATE FUNCTION audit_floor() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  found bigint := -1;
BEGIN
  BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    LOCK TABLE audit_entry IN SHARE MODE;
    SELECT coalesce(max(seq), 0) INTO found FROM audit_entry
    WHERE seq <= coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_entry', 'seq')::regclass), 0);
    RAISE EXCEPTION 'give the lock back' USING ERRCODE = 'GA001';
  EXCEPTION WHEN SQLSTATE 'GA001' THEN NULL;
            WHEN lock_not_available THEN found := -1;
  END;
  RETURN found;
END $$
"""
ddl(SealRecord, APPEND_ONLY.format(table="seal_record"), FLOOR)


class ProofStatus(State):
    ASKED = "asked", "done"
    DONE = "done", "asked"


class LogProof(Record):
    """A verification of the whole log: who asked for it, and what was found. The worker does it."""

    open_to = "staff"

    status: Mapped[ProofStatus]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    began_at_step: Mapped[int] = mapped_column(BigInteger)
    expected: Mapped[int] = mapped_column(BigInteger)  # rows, as PostgreSQL guesses them
    rows: Mapped[int] = mapped_column(BigInteger)
    seals: Mapped[int] = mapped_column(BigInteger)
    sealed_until: Mapped[datetime | None]
    damages: Mapped[list[str]]
    finished_at: Mapped[datetime | None]


# How far a proof is must be seen before its transaction ends: a sequence is the one thing that does not wait for it.
ddl(LogProof, "CREATE SEQUENCE log_proof_step")
