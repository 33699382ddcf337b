"""What was read a moment ago about the sessions of API clients, for their reads alone.

A process forgets at once what it changes itself; what another process changed may go unnoticed for half a second.
"""

from time import monotonic
from typing import Any

from . import enabled

SECONDS, CAPACITY = 0.5, 4096


class SessionMemory:
    """Rows by key, each for half a second."""

    def __init__(self) -> None:
        self.rows: dict[Any, tuple[float, Any]] = {}

    def recall(self, key: Any) -> Any:
        """The row, or nothing when it is not known or too old."""
        since, row = self.rows.get(key, (0.0, None))
        return row if row is not None and monotonic() - since <= SECONDS else None

    def keep(self, key: Any, row: Any) -> None:
        if enabled("memory"):
            if len(self.rows) >= CAPACITY:
                self.rows.clear()
            self.rows[key] = monotonic(), row

    def forget(self) -> None:
        self.rows.clear()
