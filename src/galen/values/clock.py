"""What time it is: as the database says, whose clock all processes share, carried on by a counter that never steps.

A server whose own clock is a day off must not sign with the wrong day, nor may a step of that clock stop anything.
Until the database has told its time, the own clock counts.
"""

from datetime import UTC, datetime, timedelta
from time import monotonic


class SharedClock:
    """The time of one process."""

    def __init__(self) -> None:
        self.told: datetime | None = None
        self.told_at = 0.0

    def set(self, now: datetime) -> None:
        """The database has told its time a moment ago."""
        self.told, self.told_at = now.astimezone(UTC), monotonic()

    def now(self) -> datetime:
        if self.told is None:
            return datetime.now(UTC)
        return self.told + timedelta(seconds=monotonic() - self.told_at)

    @property
    def skew(self) -> timedelta:
        """How far this machine's own clock is ahead of the database's; negative when it is behind."""
        return datetime.now(UTC) - self.now()


CLOCK = SharedClock()
now = CLOCK.now
