"""What is usual at an age, by WHO and CDC; the published percentiles are the witnesses."""

from datetime import date
from decimal import Decimal

import pytest

from galen.encounters.doubts import Examined, doubts
from galen.safety import growth

DAY = date(2026, 11, 27)
INFANT, TODDLER, TEN, ADULT = date(2025, 12, 27), date(2023, 11, 1), date(2016, 11, 1), date(1980, 1, 1)


@pytest.mark.parametrize(
    ("measure", "female", "months", "deviations", "published"),
    [
        ("weight", False, 0, 0, "3.3"),
        ("weight", False, 12, 2, "12.0"),
        ("weight", True, 24, -2, "9.0"),
        ("height", False, 12, 0, "75.7"),
        ("height", True, 18, 2, "86.5"),
        ("weight", False, "120.5", 0, "32.1"),
        ("height", True, "180.5", 0, "161.9"),
    ],
)
def test_the_tables_say_what_was_published(
    measure: str, female: bool, months: float | str, deviations: int, published: str
) -> None:
    point = growth.chart(measure, female, Decimal(months))
    assert point is not None
    assert abs(point.at(deviations) - Decimal(published)) <= Decimal("0.1")


def test_the_charts_end_at_twenty_years_and_grow_until_then() -> None:
    assert growth.usual("weight", 20 * 366, True) is None and growth.usual("weight", -1, True) is None
    medians = [growth.usual("weight", days, None).median for days in range(0, 7300, 100)]  # type: ignore[union-attr]
    assert medians == sorted(medians)


def asked(born: date | None, last: dict[str, tuple[str, date]] | None = None, **kept: str) -> dict[str, str]:
    """By measure, why it is asked about and what was perhaps meant."""
    before = {name: (Decimal(value), on) for name, (value, on) in (last or {}).items()}
    who = Examined(born, None, DAY, before)
    return {d.measure: f"{d.by}: {d.meant}" for d in doubts({m: Decimal(v) for m, v in kept.items()}, who)}


@pytest.mark.parametrize(
    ("born", "kept", "why"),
    [
        (INFANT, {"weight": "92"}, {"weight": "WHO: 9.2 kg"}),
        (INFANT, {"weight": "0.92"}, {"weight": "WHO: 9.2 kg"}),
        (INFANT, {"weight": "20.3"}, {"weight": "WHO: 20.3 lb"}),
        (INFANT, {"height": "29"}, {"height": "WHO: 29 in"}),
        (TODDLER, {"weight": "31.5"}, {"weight": "CDC: 31.5 lb"}),
        (TEN, {"weight": "76"}, {"weight": "CDC: 76 lb"}),
        (TEN, {"height": "55"}, {"height": "CDC: 55 in"}),
        (ADULT, {"height": "68"}, {"height": "adult: 68 in"}),
        (ADULT, {"weight": "7"}, {"weight": "adult: 70 kg"}),
        (ADULT, {"weight": "154", "height": "170"}, {"weight": "bmi: 154 lb"}),
        (TEN, {"heart_rate": "290"}, {"heart_rate": "age: "}),
    ],
)
def test_a_value_that_nobody_of_that_age_has_is_asked_about(
    born: date, kept: dict[str, str], why: dict[str, str]
) -> None:
    assert asked(born, **kept) == why


@pytest.mark.parametrize(
    ("born", "kept"),
    [
        (INFANT, {"weight": "9.2", "height": "73"}),
        (INFANT, {"weight": "12.9"}),
        (date(2026, 11, 26), {"weight": "2.1"}),
        (TODDLER, {"weight": "21"}),
        (TEN, {"weight": "62", "height": "150", "heart_rate": "160"}),
        (ADULT, {"weight": "41", "height": "150"}),
        (ADULT, {"weight": "140", "height": "190"}),
        (None, {"weight": "92", "height": "172"}),
    ],
)
def test_what_is_rare_and_real_is_not(born: date | None, kept: dict[str, str]) -> None:
    assert asked(born, **kept) == {}


@pytest.mark.parametrize(
    ("born", "measure", "last", "on", "now", "asks"),
    [
        (INFANT, "weight", "9.2", date(2026, 11, 1), "92", True),
        (INFANT, "weight", "9.2", date(2026, 11, 1), "12.9", True),
        (INFANT, "weight", "9.2", date(2026, 11, 1), "9.9", False),
        (INFANT, "weight", "4.5", date(2026, 1, 30), "9.2", False),  # ten months on, it has grown
        (ADULT, "weight", "70", date(2026, 11, 20), "154", True),
        (ADULT, "weight", "70", date(2026, 11, 20), "84", True),
        (ADULT, "weight", "70", date(2026, 11, 20), "75", False),
        (ADULT, "weight", "110", date(2025, 11, 20), "82", False),
        (ADULT, "height", "172", date(2026, 11, 20), "127", True),
        (ADULT, "height", "172", date(2026, 11, 20), "170", False),
        (ADULT, "creatinine", "80", date(2026, 11, 20), "800", True),
        (ADULT, "creatinine", "80", date(2026, 11, 20), "300", False),
        (None, "weight", "9.2", date(2026, 11, 20), "92", True),
    ],
)
def test_a_value_far_from_the_last_one_is_asked_about(
    born: date | None, measure: str, last: str, on: date, now: str, asks: bool
) -> None:
    assert bool(asked(born, {measure: (last, on)}, **{measure: now})) is asks


def test_who_is_beyond_the_charts_and_was_so_before_is_not_asked_again() -> None:
    assert asked(TEN, weight="80") and not asked(TEN, {"weight": ("79", date(2026, 10, 1))}, weight="80")
