"""What the law asks, by country and schedule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.prescribing.legal import LAWS, law_of, line_fault, prescriber_fault, valid_until


@pytest.mark.parametrize(
    ("country", "schedule", "written", "last"),
    [
        ("AU", "S4", date(2026, 11, 20), date(2027, 11, 20)),
        ("AU", "S8", date(2026, 1, 15), date(2026, 7, 15)),
        ("AU", "S8", date(2026, 8, 31), date(2027, 2, 28)),  # the month has no such day
        ("US", "CIV", date(2026, 1, 15), date(2026, 7, 15)),
        ("US", "CII", date(2026, 1, 1), date(2026, 4, 1)),
        ("US", "", date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_the_last_day_of_supply(country: str, schedule: str, written: date, last: date) -> None:
    assert law_of(country, schedule).last_day(written) == last


@pytest.mark.parametrize(
    ("country", "schedule", "repeats", "interval", "field"),
    [
        ("US", "CII", 1, None, "repeats"),
        ("US", "CII", 0, None, None),
        ("US", "CIV", 6, None, "repeats"),
        ("US", "CIV", 5, None, None),
        ("AU", "S8", 2, None, "interval_days"),
        ("AU", "S8", 2, 28, None),
        ("AU", "S4", 5, None, None),
    ],
)
def test_repeats_by_schedule(
    country: str, schedule: str, repeats: int, interval: int | None, field: str | None
) -> None:
    fault = line_fault(law_of(country, schedule), "x", repeats, interval)
    assert (fault[0] if fault else None) == field


def test_the_shortest_lived_medicine_ends_the_prescription() -> None:
    laws = [law_of("AU", "S4"), law_of("AU", "S8")]
    assert valid_until(laws, date(2026, 11, 20)) == date(2027, 5, 20)


@pytest.mark.parametrize(
    ("country", "numbers", "schedule", "missing"),
    [
        ("AU", {"prescriber_number": "4123456"}, "S8", None),
        ("AU", {}, "S4", "PBS prescriber number"),
        ("US", {"npi": "1245319599"}, "", None),
        ("US", {"npi": "1245319599"}, "CII", "DEA number"),
        ("US", {}, "", "NPI"),
    ],
)
def test_the_numbers_a_prescriber_needs(
    country: str, numbers: dict[str, str], schedule: str, missing: str | None
) -> None:
    fault = prescriber_fault(country, numbers, [law_of(country, schedule)])
    assert (missing in fault) if missing and fault else fault is missing


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.sampled_from([law for table in LAWS.values() for law in table.values()]),
)
def test_a_prescription_is_never_valid_for_less_than_four_weeks_or_more_than_a_year(written: date, law) -> None:
    assert 28 <= (law.last_day(written) - written).days <= 366


def test_every_law_names_its_source() -> None:
    assert all(law.source for table in LAWS.values() for law in table.values())
