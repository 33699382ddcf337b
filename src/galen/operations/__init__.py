"""Operations: what the worker does for an organisation, and what becomes of the jobs that failed."""

from .models import Decision, JobDecision
from .service import discard, job_list, run_again, run_kind_again

__all__ = ["Decision", "JobDecision", "discard", "job_list", "run_again", "run_kind_again"]
