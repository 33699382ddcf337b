"""When a message is tried again."""

from datetime import timedelta

import pytest

from galen.notifications.rules import ATTEMPTS, pause


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 4), (3, 16), (4, 64), (5, 256)])
def test_the_pause_grows_fourfold(attempts, minutes):
    assert pause(attempts) == timedelta(minutes=minutes)


@pytest.mark.parametrize("attempts", [0, ATTEMPTS, 7])
def test_after_six_attempts_a_person_looks(attempts):
    assert pause(attempts) is None
