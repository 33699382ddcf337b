"""Drafts and views of the jobs page."""

from datetime import datetime
from enum import Enum

from galen.core.schemas import View
from galen.i18n import N_
from galen.i18n import gettext as _

REASONS = {
    "WorkerDied": N_("Its worker ended twice while it ran"),
    "TimeoutError": N_("It took longer than a job may take, and was stopped"),
    "PoolTimeout": N_("No connection to the database was free"),
    "stopped": N_("The worker was stopped while it ran"),
}


class JobState(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"


class JobView(View):
    """A job as it lies in the queue: never what it is about, only which it is and how it fares.

    `trouble` is the kind of the last error, `due` when it is tried next.
    """

    id: int
    name: str
    state: JobState
    attempts: int
    cause: str
    created: datetime
    changed: datetime
    due: datetime
    trouble: str

    @property
    def tries(self) -> int:
        """Attempts that were made: the queue counts those that were followed by another one."""
        return self.attempts + (self.state is not JobState.WAITING)

    @property
    def reason(self) -> str:
        """What the job failed with, in words where there are some; else the kind of its error."""
        return _(REASONS[self.trouble]) if self.trouble in REASONS else self.trouble

    @property
    def next_try(self) -> datetime | None:
        """When the worker will take it up; one that runs has no next try yet."""
        return self.due if self.state is JobState.WAITING else None


class ClockView(View):
    """A job that the clock wakes: for which period, when it was woken last, and when it is next."""

    name: str
    period: str
    zone: str
    woken: datetime | None
    next: datetime


class KindView(View):
    """Failed jobs of one name."""

    name: str
    jobs: list[JobView]


class JobListView(View):
    """How many jobs wait, run and have failed; the latest that failed, by name; the next ones; and the clock."""

    waiting: int
    running: int
    failed: int
    failures: list[KindView]
    pending: list[JobView]
    clock: list[ClockView]
