"""The worker: does the jobs that facts and the clock ask for, whatever happens to a connection or to a job."""

from .worker import JobFailed, Worker

__all__ = ["JobFailed", "Worker"]
