"""What was decided about a failed job."""

from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, ddl


class Decision(Enum):
    RUN_AGAIN = "run again"
    DISCARDED = "discarded"


class JobDecision(Record):
    """What somebody decided about a job that had failed: the job itself leaves nothing behind once it is done."""

    append_only, open_to = True, "staff"

    job_id: Mapped[int] = mapped_column(BigInteger, index=True)
    job: Mapped[str]
    decision: Mapped[Decision]
    trouble: Mapped[str]  # the kind of error that it had failed with
    failed_at: Mapped[datetime]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]


ddl(JobDecision, APPEND_ONLY.format(table="job_decision"))
