"""When to try again, and when to give up."""

from datetime import timedelta

ATTEMPTS = 6


def pause(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts: 1, 4, 16, 64, 256 minutes; then None, and a person looks."""
    return timedelta(minutes=4 ** (attempts - 1)) if 0 < attempts < ATTEMPTS else None
