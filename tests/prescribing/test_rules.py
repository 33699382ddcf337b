from decimal import Decimal

import pytest

from galen.prescribing.directions import read
from galen.prescribing.directions.weekly import weekly_fault
from galen.prescribing.rules import covers_course, whole_packs

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
