"""States: enums whose members name the states they may become."""

from collections import deque
from enum import Enum
from typing import Self

from .errors import Conflict


class CannotBecome(Conflict):
    message = "This is {was} and cannot become {now}."


class State(str, Enum):  # noqa: UP042 its members carry more than their text
    """A status that knows its next ones: `DRAFT = "draft", "signed cancelled"`. Assigning another one raises."""

    nexts: frozenset[str]

    def __new__(cls, value: str, nexts: str = "") -> Self:
        self = str.__new__(cls, value)
        self._value_, self.nexts = value, frozenset(nexts.split())
        return self

    def may_become(self, other: str) -> bool:
        return type(self)(other).value in self.nexts

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def reachable(cls) -> set["State"]:
        """Every state that can be reached from the first one."""
        first = next(iter(cls))
        seen, waiting = {first}, deque([first])
        while waiting:
            for name in waiting.popleft().nexts:
                if (state := cls(name)) not in seen:
                    seen.add(state)
                    waiting.append(state)
        return set(seen)
