from datetime import date, timedelta
from decimal import Decimal

import pytest

from galen.dispensing.advice import FEDERAL, FINISH, FRIDGE, MINERALS, OUTSIDE, SEDATING, SHAKE, WEEKLY, advice
from galen.dispensing.rules import Tone, days_of, is_controlled, outlast, repeats, stock, validity

MARCH = date(2026, 3, 1)
DAY = date(2026, 11, 20)


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
