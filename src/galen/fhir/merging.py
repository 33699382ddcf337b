"""A resource that changed at its source, and a record that may have changed here: what we changed stays."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Merged:
    """What to take over, and which fields were changed on both sides."""

    taken: dict[str, Any] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)


def merge(before: dict[str, Any], now: dict[str, Any], ours: dict[str, Any]) -> Merged:
    """Field by field: taken over where the source changed it and we did not; where both did, ours stays."""
    merged = Merged()
    for name, value in now.items():
        if value == before.get(name) or value == ours[name]:
            continue
        if ours[name] == before.get(name):
            merged.taken[name] = value
        else:
            merged.conflicts.append(name)
    return merged
