import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.patients.resemblance import Likely, likeness
from galen.patients.rules import (
    FAULTS,
    Birth,
    age,
    age_words,
    bare,
    dea_fault,
    e164,
    identifier_fault,
    luhn_digit,
)

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    "kind, number",
    [
        ("medicare", "2123 45670 1"),
        ("medicare", "2428 77813 2"),
        ("medicare", "2428-77813-2 1"),
        ("ihi", "8003 6081 6669 0503"),
        ("ihi", "8003600000000015"),
        ("hpi-i", "8003610000000014"),
        ("hpi-o", "8003620000000013"),
        ("npi", "1234567893"),
        ("dea", "AB1234563"),
        ("dea", "ab1234563"),
        ("provider-number", "4024742F"),
        ("provider-number", "988939BJ"),
        ("abn", "51 824 753 556"),
        ("pbs-prescriber", "8002064"),
        ("ahpra", "MED0001234567"),
        ("dva", "QX317453"),
        ("crn", "123456789A"),
        ("mbi", "1EG4-TE5-MK73"),
        ("ssn", "123-45-6789"),
        ("library-card", "whatever it is"),
    ],
)
def test_a_sound_identifier_passes(kind: str, number: str) -> None:
    assert identifier_fault(kind, number) is None


@pytest.mark.parametrize(
    "kind, number, sentence",
    [
        ("medicare", "2950 30161 1", "The Medicare number's check digit (the ninth) should be 8, not 1."),
        (
            "medicare",
            "21234567",
            "The Medicare number must have 10 digits, or 11 with the person's number on the card.",
        ),
        ("medicare", "1123456701", "The Medicare number must begin with a digit from 2 to 6, not 1."),
        ("medicare", "21234567010", "The person's number on the Medicare card must be from 1 to 9, not 0."),
        ("ihi", "8003608166690504", "The IHI's check digit (the last) should be 3, not 4."),
        ("ihi", "8003610000000014", "The IHI must begin with 800360, not 800361."),
        ("ihi", "80036081666905", "The IHI must have 16 digits."),
        ("ihi", "٨٠٠٣٦٠٨١٦٦٦٩٠٥٠٣", "The IHI must have 16 digits."),
        ("hpi-o", "8003620000000012", "The HPI-O's check digit (the last) should be 3, not 2."),
        ("npi", "1234567890", "The NPI's check digit (the last) should be 3, not 0."),
        ("npi", "3234567893", "The NPI must have 10 digits and begin with 1 or 2."),
        ("dea", "AB1234567", "The DEA number's check digit (the last) should be 3, not 7."),
        ("dea", "A1234563", "The DEA number must have two letters and seven digits, such as AB1234563."),
        ("dea", "ZB1234563", "The DEA number begins with Z, which is no type of registrant."),
        ("provider-number", "988939BK", "The provider number's check letter should be J, not K."),
        (
            "provider-number",
            "98893",
            "The provider number must have up to six digits, a location character and a check letter.",
        ),
        ("abn", "51824753557", "The ABN's digits do not fit together (the weighted sum is not divisible by 89)."),
        ("abn", "5182475355", "The ABN must have 11 digits and not begin with 0."),
        ("ahpra", "MED123", "The Ahpra number must have three letters and ten digits, such as MED0001234567."),
        ("mbi", "1SG4-TE5-MK73", "The Medicare beneficiary identifier must look like 1EG4-TE5-MK73."),
        ("ssn", "666-45-6789", "The Social Security number must have nine digits, none of its three parts all zeros."),
    ],
)
def test_a_wrong_identifier_is_told_which_rule_it_breaks(kind: str, number: str, sentence: str) -> None:
    assert identifier_fault(kind, number) == sentence


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("Brown", None),
        ("", None),
        ("Cole", "The DEA number's second letter should be C, as the name begins, not B."),
        ("3rd Street Chemist", "The DEA number's second letter should be 3, as the name begins, not B."),
    ],
)
def test_a_dea_number_carries_the_name(name: str, sentence: str | None) -> None:
    assert dea_fault("AB1234563", name) == sentence


@given(st.integers(0, 10**9 - 1), st.integers(0, 9))
def test_exactly_one_last_digit_of_an_ihi_is_right(body: int, digit: int) -> None:
    number = f"800360{body:09}"
    fault = identifier_fault("ihi", f"{number}{digit}")
    assert (fault is None) == (digit == luhn_digit(number))


@given(st.from_regex("[2-6][0-9]{7}", fullmatch=True), st.integers(0, 7), st.integers(1, 9))
def test_a_single_wrong_digit_in_a_medicare_number_is_noticed(body: str, at: int, by: int) -> None:
    sound = next(f"{body}{check}1" for check in range(10) if identifier_fault("medicare", f"{body}{check}1") is None)
    wrong = sound[:at] + str((int(sound[at]) + by) % 10) + sound[at + 1 :]
    assert identifier_fault("medicare", wrong) is not None


@given(st.sampled_from(sorted(FAULTS)), st.text(max_size=20))
def test_no_text_whatever_breaks_a_check(kind: str, number: str) -> None:
    fault = identifier_fault(kind, number)
    assert fault is None or fault.endswith(".")


def test_leading_zeros_stay() -> None:
    assert bare(" 0012-34 a") == "001234A"


def test_published_dea_numbers_pass() -> None:
    path = SHARED / "identifiers" / "dea_numbers_pharmacies.csv"
    if not path.exists():
        pytest.skip("The published DEA numbers are not beside this checkout.")
    numbers = path.read_text().split()[1:]
    assert len(numbers) == 300
    assert [number for number in numbers if dea_fault(number)] == ["F10244145"]  # published with a digit for a letter


def test_published_australian_identifiers_pass_but_the_one_known_to_be_wrong() -> None:
    if not (SHARED / "fhir_au").exists():
        pytest.skip("The Australian test patients are not beside this checkout.")
    kinds = {
        "http://ns.electronichealth.net.au/id/hi/ihi/1.0": "ihi",
        "http://ns.electronichealth.net.au/id/hi/hpii/1.0": "hpi-i",
        "http://ns.electronichealth.net.au/id/hi/hpio/1.0": "hpi-o",
        "http://ns.electronichealth.net.au/id/medicare-number": "medicare",
        "http://ns.electronichealth.net.au/id/medicare-provider-number": "provider-number",
    }
    found: list[tuple[str, str]] = []

    def look(node: object) -> None:
        if isinstance(node, dict):
            if node.get("system") in kinds and isinstance(node.get("value"), str):
                found.append((kinds[node["system"]], node["value"]))
            for child in node.values():
                look(child)
        elif isinstance(node, list):
            for child in node:
                look(child)

    for path in sorted((SHARED / "fhir_au").glob("*.json")):
        look(json.loads(path.read_text(encoding="utf-8-sig")))
    assert len(found) > 50
    assert {number for kind, number in found if identifier_fault(kind, number)} <= {"6951449677"}


@pytest.mark.parametrize(
    "born, today, words",
    [
        ("2026-11-20", "2026-11-20", "0 days"),
        ("2026-11-19", "2026-11-20", "1 day"),
        ("2026-10-24", "2026-11-20", "27 days"),
        ("2026-10-23", "2026-11-20", "4 weeks"),
        ("2026-10-20", "2026-11-20", "1 month"),
        ("2026-01-31", "2026-02-28", "4 weeks"),
        ("2026-01-31", "2026-03-01", "1 month"),
        ("2024-11-21", "2026-11-20", "23 months"),
        ("2024-11-20", "2026-11-20", "2 years"),
        ("1980-11-21", "2026-11-20", "45 years"),
        ("2024-02-29", "2027-02-28", "2 years"),
        ("2024-02-29", "2027-03-01", "3 years"),
        ("1980", "2026-11-20", "45 to 46 years"),
        ("1980-05", "2026-11-20", "46 years"),
        ("2026", "2026-11-20", "0 days to 10 months"),
        ("2025-03", "2026-11-20", "19 to 20 months"),
    ],
)
def test_age_is_said_as_the_ward_says_it(born: str, today: str, words: str) -> None:
    assert age_words(Birth.parse(born), date.fromisoformat(today)) == words


def test_nobody_is_born_tomorrow() -> None:
    with pytest.raises(ValueError, match="in the future"):
        age(date(2026, 11, 21), date(2026, 11, 20))


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("80", "must be a year, a month"),
        ("1980-5", "must be a year, a month"),
        ("17/05/1980", "as year, month and day: 1980-05-17"),
        ("31/02/1980", "31/02/1980 is not in the calendar"),
        ("1980-13", "1980-13 is not in the calendar"),
        ("2026-02-29", "2026-02-29 is not in the calendar"),
        ("0000", "0000 is not in the calendar"),
    ],
)
def test_a_date_of_birth_outside_the_calendar_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Birth.parse(text)


def test_a_day_of_birth_needs_its_month() -> None:
    with pytest.raises(ValueError, match="needs its month"):
        Birth(1980, None, 17)


@pytest.mark.parametrize(
    "text, earliest, latest, exact",
    [
        ("1980", date(1980, 1, 1), date(1980, 12, 31), False),
        ("1980-02", date(1980, 2, 1), date(1980, 2, 29), False),
        ("1980-05-17", date(1980, 5, 17), date(1980, 5, 17), True),
    ],
)
def test_a_partial_date_of_birth_spans_its_days(text: str, earliest: date, latest: date, exact: bool) -> None:
    born = Birth.parse(text)
    assert (born.earliest, born.latest, born.exact, str(born)) == (earliest, latest, exact, text)


days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(days, st.integers(0, 40_000))
def test_age_only_grows(born: date, lived: int) -> None:
    today = born + timedelta(days=lived)
    now, later = age(born, today), age(born, today + timedelta(days=1))
    assert now.days + 1 == later.days
    assert now.months <= later.months <= now.months + 1
    assert now.years == now.months // 12
    assert now.days >= 28 or now.months == 0


@pytest.mark.parametrize(
    "raw, region, number",
    [
        ("0412 345 678", "AU", "+61412345678"),
        ("(02) 9876 5432", "AU", "+61298765432"),
        ("+61 412 345 678", "US", "+61412345678"),
        ("0011 1 415 555 2671", "AU", "+14155552671"),
        ("415-555-2671", "US", "+14155552671"),
        ("9876 5432", "AU", None),
        ("ring the neighbour", "AU", None),
        ("", "AU", None),
        ("12", "AU", None),
    ],
)
def test_a_telephone_number_is_kept_in_one_form(raw: str, region: str, number: str | None) -> None:
    assert e164(raw, region) == number


def person(given: str, family: str, born: str | None = None, *phones: str) -> Likely:
    return Likely(given, family, Birth.parse(born) if born else None, frozenset(phones))


MARA = person("Mara", "Ill", "1980-05-17", "+61412345678")


@pytest.mark.parametrize(
    "other, score, reasons",
    [
        (MARA, 100, ("same name", "same date of birth", "same telephone")),
        (person("Ill", "Mara", "1980-05-17"), 82, ("same name in another order", "same date of birth")),
        (person("Marah", "Ill", "1980-05-17"), 78, ("names written or sounding alike", "same date of birth")),
        (person("Mara", "Ill", "1980"), 70, ("same name", "dates of birth agree as far as known")),
        (person("Mara", "Ill", "1980-05-18"), 70, ("same name", "dates of birth differ by one slip")),
        (person("Mara", "Ill"), 45, ("same name",)),
        (person("Mara", "Ill", "1951-01-02"), 20, ("same name", "different date of birth")),
        (person("Mara", "Jones", "1980-05-17"), 55, ("same or similar given name", "same date of birth")),
        (person("Ben", "Cole", "1951-01-02", "+61412345678"), 0, ("different date of birth", "same telephone")),
    ],
)
def test_a_registration_is_compared_with_those_we_know(other: Likely, score: int, reasons: tuple[str, ...]) -> None:
    found = likeness(MARA, other)
    assert (found.score, found.reasons) == (score, reasons)
    assert (found.probable, found.possible) == (score >= 80, score >= 50)


def test_day_and_month_exchanged_is_noticed() -> None:
    found = likeness(person("Mara", "Ill", "1980-05-07"), person("Mara", "Ill", "1980-07-05"))
    assert found.reasons == ("same name", "day and month of birth exchanged")


def test_twins_are_possible_but_never_probable() -> None:
    found = likeness(MARA, person("Olga", "Ill", "1980-05-17", "+61412345678"))
    assert found.possible and not found.probable


births = st.none() | st.dates(date(1900, 1, 1)).map(lambda day: Birth(day.year, day.month, day.day))
people = st.builds(
    Likely, st.text(max_size=8), st.text(max_size=8), births, st.frozensets(st.sampled_from(["+1", "+2"]))
)


@given(people, people)
def test_likeness_is_the_same_from_both_sides(one: Likely, other: Likely) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other).score <= 100
