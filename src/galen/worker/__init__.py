"""The worker: does the jobs that facts and the clock ask for, whatever happens to its connections or to a single job."""

from .worker import JobFailed, Worker

__all__ = ["JobFailed", "Worker"]
