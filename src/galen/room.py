"""Room on the disk: when little is left nothing is saved any more, so that what is kept can still be read."""

import shutil
from contextlib import suppress
from time import monotonic

from .settings import settings

MEGABYTE = 2**20
LOOKED = [-1.0, 0.0]  # when the disks were asked last, and what was left


def left() -> float:
    """Megabytes left where least is left: the data folder, the database's data, its log. Looked at once a second."""
    if monotonic() - LOOKED[0] > 1:
        folders, found = [settings().var, settings().var / "pg/data", settings().var / "pg/data/pg_wal"], []
        for folder in folders:
            with suppress(OSError):
                found.append(shutil.disk_usage(folder).free / MEGABYTE)
        LOOKED[:] = [monotonic(), min(found, default=2.0**40)]
    return LOOKED[1]


def is_full() -> bool:
    return left() < settings().room_mb
