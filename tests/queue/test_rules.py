"""How many are before someone, in the order in which doctors call."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from galen.queue.rules import Turn, ahead

ADA, EVE = UUID(int=1), UUID(int=2)


def turn(who: UUID | None, hour: int, number: int) -> Turn:
    return Turn(who, datetime(2026, 11, 20, hour, tzinfo=UTC), number)


@pytest.mark.parametrize(
    "own, waiting, at_work, before",
    [
        (turn(ADA, 9, 1), [], [ADA], 0),
        (turn(ADA, 14, 3), [turn(ADA, 9, 1), turn(ADA, 15, 2)], [ADA], 1),
        (turn(ADA, 14, 3), [turn(ADA, 14, 1), turn(ADA, 14, 4)], [ADA], 1),  # the same time: by number
        (turn(ADA, 14, 3), [turn(None, 9, 1), turn(EVE, 9, 2)], [ADA], 0),  # other lists come later, or elsewhere
        (turn(None, 9, 3), [turn(None, 8, 1), turn(None, 10, 2)], [], 1),
        (turn(None, 9, 3), [turn(ADA, 14, 1)], [ADA], 1),  # the only doctor calls her own first
        (turn(None, 9, 3), [turn(ADA, 14, 1), turn(ADA, 15, 2)], [ADA, EVE], 0),  # Eve has nobody: she calls at once
        (turn(None, 9, 4), [turn(ADA, 14, 1), turn(ADA, 15, 2), turn(EVE, 9, 3)], [ADA, EVE], 1),
        (turn(None, 9, 4), [turn(None, 8, 1), turn(ADA, 14, 2)], [], 2),
    ],
)
def test_who_is_called_before(own: Turn, waiting: list[Turn], at_work: list[UUID], before: int) -> None:
    assert ahead(own, [*waiting, own], at_work) == before
