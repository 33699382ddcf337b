"""Processor time from the operating system: what a server and its database really spent."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def spent(pid: int) -> float:
    """Seconds of CPU of one process, with its ended and reaped children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(f) for f in fields[11:15]) / TICK


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


def family(pid: int) -> float:
    """Seconds of CPU of a process and everything below it: for PostgreSQL, the postmaster and all its backends."""
    return spent(pid) + sum(family(child) for child in children(pid))
