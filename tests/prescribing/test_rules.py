from datetime import date
from decimal import Decimal

import pytest

from galen.prescribing.directions import read
from galen.prescribing.directions.weekly import weekly_fault
from galen.prescribing.rules import covers_course, next_supply, whole_packs

D = Decimal


def test_unbreakable_packs_are_made_up() -> None:
    assert (whole_packs(D(31), D(30)), whole_packs(D(30), D(30)), whole_packs(D(1), D(30))) == (60, 30, 30)
    with pytest.raises(ValueError, match="pack size must be above zero"):
        whole_packs(D(1), D(0))


def test_repeats_count_toward_the_course() -> None:
    made = read("1 tab bd 4/52")
    assert covers_course(D(28), 1, made) is True
    assert covers_course(D(28), 0, made) is False
    assert covers_course(D(28), 0, read("1 tab bd")) is None


@pytest.mark.parametrize(
    "last, days, threshold, due",
    [
        ("2026-03-01", 30, "0.80", "2026-03-25"),
        ("2026-03-01", 28, "0.85", "2026-03-25"),
        ("2026-03-01", 30, "1", "2026-03-31"),
        ("2026-02-20", 10, "0.75", "2026-02-28"),
    ],
)
def test_the_next_supply_has_its_day(last: str, days: int, threshold: str, due: str) -> None:
    assert next_supply(date.fromisoformat(last), days, D(threshold)) == date.fromisoformat(due)


def test_a_threshold_is_a_share() -> None:
    with pytest.raises(ValueError, match=r"0\.80 is 80 %"):
        next_supply(date(2026, 3, 1), 30, D(80))


@pytest.mark.parametrize(
    "ingredient, written, fault",
    [
        ("methotrexate", "10 mg once weekly", False),
        ("Methotrexate", "10 mg daily", True),
        ("methotrexate", "10 mg every other day", True),
        ("methotrexate", "10 mg every 7 days", False),
        ("methotrexate", "10 mg weekly prn", True),
        ("methotrexate", "mdu", True),
        ("methotrexate", "10 mg stat", False),
        ("paracetamol", "1 g qid", False),
    ],
)
def test_methotrexate_is_never_daily(ingredient: str, written: str, fault: bool) -> None:
    found = weekly_fault(ingredient, read(written))
    assert (found is not None) == fault
    assert found in {None, "Methotrexate must be once a week: say so in the directions, and on which day."}
