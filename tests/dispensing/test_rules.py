from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.dispensing.advice import FEDERAL, FINISH, FRIDGE, MINERALS, OUTSIDE, SEDATING, SHAKE, WEEKLY, advice
from galen.dispensing.rules import Tone, days_of, due, is_controlled, outlast, refill, repeats, stock, validity

MARCH = date(2026, 3, 1)
DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "days, share, interval, first",
    [
        (30, "0.80", None, date(2026, 3, 25)),  # day 24 used
        (30, "0.85", None, date(2026, 3, 27)),
        (28, "0.75", None, date(2026, 3, 22)),
        (5, "0.80", None, date(2026, 3, 5)),
        (30, "0.80", 28, date(2026, 3, 29)),  # the prescriber's own interval is longer
        (30, "0.80", 7, date(2026, 3, 25)),
    ],
)
def test_a_refill_is_due_when_its_share_is_used_up(days: int, share: str, interval: int | None, first: date) -> None:
    assert due(MARCH, days, Decimal(share), interval) == first


def test_too_early_names_the_day_and_shows_the_arithmetic() -> None:
    check = refill("x", "metformin 500 mg tablet", MARCH, 30, Decimal("0.80"), date(2026, 3, 22))
    assert check is not None and check.tone is Tone.ASK
    assert check.title == "Too early: metformin 500 mg tablet is due 25 Mar 2026, 70 % used"
    assert check.detail == "Last supplied 1 Mar 2026, lasts 30 days; 80 % of that is 24 days."


def test_on_its_day_a_refill_is_fine_and_without_a_last_supply_there_is_nothing_to_say() -> None:
    check = refill("x", "metformin", MARCH, 30, Decimal("0.80"), date(2026, 3, 25))
    assert check is not None and check.tone is Tone.OK
    assert refill("x", "metformin", None, 30, Decimal("0.80"), DAY) is None
    assert refill("x", "metformin", MARCH, None, Decimal("0.80"), DAY) is None


@given(st.integers(1, 366), st.integers(1, 100), st.integers(0, 400))
def test_asked_exactly_until_the_due_day(days: int, percent: int, after: int) -> None:
    share, today = Decimal(percent) / 100, MARCH + timedelta(days=after)
    check = refill("x", "a", MARCH, days, share, today)
    assert check is not None
    assert (check.tone is Tone.ASK) == (today < due(MARCH, days, share))
    assert MARCH < due(MARCH, days, share) <= MARCH + timedelta(days=days)


@pytest.mark.parametrize(
    "status, not_before, until, tone, title",
    [
        ("signed", None, DAY, Tone.OK, "Valid until 20 Nov 2026"),
        ("signed", None, DAY - timedelta(days=1), Tone.STOP, "Expired on 19 Nov 2026"),
        ("signed", DAY + timedelta(days=1), None, Tone.STOP, "Not before 21 Nov 2026"),
        ("partly_dispensed", DAY, None, Tone.OK, "Valid without an end"),
        ("cancelled", None, None, Tone.STOP, "The prescription is cancelled"),
        ("expired", None, None, Tone.STOP, "The prescription is expired"),
        ("draft", None, None, Tone.STOP, "The prescription is draft"),
    ],
)
def test_a_prescription_holds_from_its_day_to_its_last(
    status: str, not_before: date | None, until: date | None, tone: Tone, title: str
) -> None:
    check = validity(DAY, status, not_before, until)
    assert (check.tone, check.title) == (tone, title)


@pytest.mark.parametrize(
    "supply, allowed, tone", [(1, 0, Tone.OK), (2, 0, Tone.STOP), (6, 5, Tone.OK), (7, 5, Tone.STOP)]
)
def test_repeats_run_out(supply: int, allowed: int, tone: Tone) -> None:
    assert repeats(supply, allowed).tone is tone


def test_what_is_short_can_be_owed() -> None:
    assert stock("a", "tablet", Decimal(20), Decimal(20)).tone is Tone.OK
    check = stock("a", "tablet", Decimal(20), Decimal(6))
    assert (check.tone, check.detail) == (Tone.NOTE, "Give 6 now and owe 14 tablets, or hold it.")


@pytest.mark.parametrize(
    "quantity, unit, dose, days",
    [
        ("21", "capsule", {"unit": "capsule", "per_day": "3"}, 7),
        ("20", "tablet", {"unit": "tablet", "per_day": "3"}, 6),  # the last day is not whole
        ("10", "tablet", {"unit": "tablet", "per_day": "1/7"}, 70),
        ("200", "dose", {"unit": "puff", "per_day": "4"}, 50),
        ("20", "capsule", {"unit": "mg", "per_day": "1500", "days": 5}, 5),
        ("20", "capsule", {"unit": "mg", "per_day": "1500"}, None),
        ("30", "g", {}, None),
    ],
)
def test_how_long_a_quantity_lasts(quantity: str, unit: str, dose: dict[str, object], days: int | None) -> None:
    assert days_of(Decimal(quantity), unit, dose) == days


def test_the_batch_should_outlast_the_course() -> None:
    assert outlast(DAY, 7) == date(2026, 11, 27)
    assert outlast(DAY, None) is None


@pytest.mark.parametrize(
    "schedules, controlled", [(["S4"], False), (["S4", "S8"], True), (["CII"], True), (["CV"], True), ([""], False)]
)
def test_which_medicines_are_controlled(schedules: list[str], controlled: bool) -> None:
    assert is_controlled(schedules) is controlled


@pytest.mark.parametrize(
    "atc, route, form, storage, said",
    [
        ("J01CA04", "oral", "capsule", "room", [FINISH]),
        ("J01CA04", "oral", "powder for oral suspension", "fridge", [FINISH, SHAKE, FRIDGE]),
        ("J01AA02", "oral", "tablet", "room", [FINISH, MINERALS]),
        ("N02AA05", "oral", "tablet", "room", [SEDATING]),
        ("L04AX03", "oral", "tablet", "room", [WEEKLY]),
        ("J01CA04", "topical", "cream", "room", [OUTSIDE]),  # what is not swallowed needs no advice for swallowing
        ("", "oral", "tablet", "room", []),
    ],
)
def test_cautions_follow_class_form_and_storage(atc: str, route: str, form: str, storage: str, said: list[str]) -> None:
    assert advice(atc, route, form, storage)[: len(said)] == said
    assert said or not advice(atc, route, form, storage)


def test_controlled_medicines_in_the_united_states_carry_the_federal_caution() -> None:
    assert advice("N02AA05", "oral", "tablet", "room", controlled_us=True)[-1] == FEDERAL
