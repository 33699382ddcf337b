"""Locks between processes that end with their process, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .account import ServerAccount


@contextmanager
def alone(path: Path, account: ServerAccount) -> Iterator[None]:
    """One process at a time; the others wait."""
    with account.open(path, "a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def join(path: Path, account: ServerAccount) -> IO[str]:
    """Become one of the users of something."""
    held = account.open(path, "a")
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def leave(held: IO[str]) -> bool:
    """Stop being a user of it; true for the last one out, who switches off the light."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        held.close()
