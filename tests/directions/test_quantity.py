"""How much a course needs, how long a supply lasts; and nothing where it cannot be known."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.prescribing.directions import compiled, daily, days_supply, quantity_for, read, supply_of

D = Decimal
SHARED = Path(__file__).parents[3] / "shared" / "data"


def test_the_published_table_of_latin_frequencies_agrees() -> None:
    path = SHARED / "sig" / "latin_frequency.json"
    if not path.exists():
        pytest.skip("The table of Latin frequencies is not beside this checkout.")
    hours = {"Hour": 1, "Day": 24, "Week": 168}
    for word, row in json.loads(path.read_text()).items():
        (dose,) = read(f"1 tab {word}").doses
        assert dose.often is not None, word
        assert dose.often.per_day == Fraction(24 * row["times"], hours[row["frequencyType"]] * row["interval"]), word


@pytest.mark.parametrize(
    "written, drug, days, quantity, lasts",
    [
        ("1 tab tds 5/7", "", None, 15, 5),
        ("1-2 tab po tds pc prn max 8/24h x5/7", "", None, 30, 5),
        ("1-2 tabs q4-6h prn, max 8/24 h", "", 3, 24, 3),
        ("2 tabs qid prn max 4 g/day x 5/7", "paracetamol 500 mg tablet", None, 40, 5),
        ("5ml qid", "", 5, 100, 5),
        ("5 ml qid x5/7", "amoxicillin 250 mg/5 mL suspension", None, 100, 5),
        ("250 mg tds x5/7", "amoxicillin 250mg/5ml suspension", None, 75, 5),
        ("7.5 mL tds 5/7", "", None, 112.5, 5),
        ("1 tsp tid x 10 days", "", None, 150, 10),
        ("2 puffs q4h", "", 10, 120, 10),
        ("2 puffs bd", "fluticasone 125 mcg 120-dose inhaler", 30, 120, 30),
        ("1 gtt both eyes bd", "timolol 0.5 % eye drops 5 mL", 25, 5, 25),
        ("10 units sc nocte", "insulin glargine 100 units/mL 3 mL pen", 30, 3.6, 30),  # with 2 units to prime
        ("20 units mane and 10 units nocte", "insulin isophane 100 unit/mL vial", 30, 9, 30),
        ("8mg od 3/7 then 4mg od 3/7", "dexamethasone 4 mg tablet", None, 9, 6),
        ("prednisone 40 mg ×3 d, 30 ×3, 20 ×3, 10 ×3", "prednisone 10 mg tabs", None, 30, 12),
        ("40 mg od reduce by 5 mg every 3 days", "prednisolone 5 mg tablets", None, 108, 24),
        ("1 mane 2 nocte x 7/7", "", None, 21, 7),
        ("1-0-1", "", 7, 14, 7),
        ("1 tab weekly 4/52", "", None, 4, 28),
        ("10 mg once a week on Mondays", "methotrexate 2.5 mg tablet", 28, 16, 28),
        ("1 tab alt die for 15 days", "", None, 8, 15),
        ("1 patch q72h", "fentanyl 25 mcg/hour patch", 30, 10, 30),
        ("half a tab mane 5/7", "", None, 3, 5),
        ("2 tabs stat", "", None, 2, 1),
        ("1 tab bd mitte 60", "", None, 60, 30),
        ("1-2 tabs q4-6h prn max 8/24h disp 30", "", None, 30, 3),
        ("300 mg q12h x 10 days", "clindamycin 150 mg capsule", None, 40, 10),
        ("apply 2 g qid to knee x 14 days", "diclofenac 1 % gel", None, 112, 14),
        ("1 tab bd then", "", 5, None, None),
        ("1 tab bd", "", None, None, None),
        ("500 mg tds 5/7", "", None, None, 5),
        ("500 mg tds 5/7", "amoxicillin", None, None, 5),
        ("500 mg bd 5/7", "amoxicillin 500 mg + clavulanic acid 125 mg tablet", None, None, 5),
        ("apply thinly bd", "hydrocortisone 1 % cream 30 g", 7, None, None),
        ("1 tab prn", "", 7, None, None),
        ("as directed", "", 7, None, None),
        ("1 tab bd zqx", "", 7, None, None),
        ("5 ml tds", "amoxicillin 500 mg capsule", 5, None, None),
        ("1 spray every 5 minutes prn", "", 7, None, None),
    ],
)
def test_how_much_a_course_needs_and_how_long_it_lasts(
    written: str, drug: str, days: int | None, quantity: float | None, lasts: int | None
) -> None:
    found = compiled(written, drug, days)
    assert (found["quantity"], found["days_supply"]) == (quantity, lasts)


@pytest.mark.parametrize(
    "written, quantity, drug, days",
    [
        ("1 tab po bd", "30", "", 15),
        ("1-2 tabs q4-6h prn, max 8/24h", "30", "", 3),
        ("2 puffs bd", "120", "", 30),
        ("10 units sc nocte", "15", "insulin glargine 100 units/mL pen", 125),
        ("1 gtt both eyes bd", "5", "timolol eye drops", 25),
        ("10 mg once weekly", "4", "methotrexate 10 mg tablet", 28),
        ("40 mg ×3 d, 30 ×3, 20 ×3, 10 ×3", "30", "prednisone 10 mg tablet", 12),
        ("5 mg Mon Wed Fri, else 2.5 mg", "50", "warfarin 1 mg tablet", 14),
        ("5 mg daily", "30", "5 mg/2 mL solution", 15),
        ("1 tab prn", "30", "", None),
        ("mdu", "30", "", None),
    ],
)
def test_how_long_a_supply_lasts(written: str, quantity: str, drug: str, days: int | None) -> None:
    supply = supply_of(drug) if drug else None
    assert days_supply(D(quantity), read(written, supply=supply), supply) == days


def test_a_supply_lasts_no_longer_than_its_life_once_opened() -> None:
    vial = supply_of("insulin 100 units/mL vial")
    assert days_supply(D(3), read("10 units nocte"), vial, in_use=28) == 28
    assert days_supply(D(1), read("10 units nocte"), vial, in_use=28) == 10


@given(
    st.sampled_from(["1 tab bd", "1-2 tabs q4-6h", "1 tab weekly", "3 tabs tds", "1 tab alt die", "1 mane 2 nocte"]),
    st.integers(1, 400),
)
def test_what_a_course_needs_lasts_the_course(written: str, days: int) -> None:
    made = read(written)
    needed = quantity_for(made, days)
    assert needed is not None
    lasts = days_supply(needed, made)
    assert lasts is not None and lasts >= days


@pytest.mark.parametrize(
    "written, expected",
    [
        ("1-2 tabs tds", (D(3), D(6), "tablet")),
        ("1 g qid prn max 3 g/day", (D(0), D(3), "g")),
        ("10 mg weekly", (D(10) / 7, D(10) / 7, "mg")),
        ("5 mg Mon Wed Fri, else 2.5 mg", (D(25) / 7, D(25) / 7, "mg")),
        ("8 mg od 3/7 then 4 mg od 3/7", (D(4), D(8), "mg")),
        ("1 tab prn", None),
        ("1 tab bd zqx", None),
    ],
)
def test_the_least_and_the_most_in_a_day(written: str, expected: tuple[D, D, str] | None) -> None:
    assert daily(read(written)) == expected


@pytest.mark.parametrize(
    "name, unit, held",
    [
        ("prednisone 10 mg tablet", "tablet", {"mg": 10, "tablet": 1, "mL": None}),
        ("amoxicillin 250 mg/5 mL suspension", "mL", {"mg": 50, "mL": 1, "teaspoon": Fraction(1, 5)}),
        ("amoxicillin 250 mg per 5 mL", "mL", {"mg": 50}),
        ("levothyroxine 50 mcg tabs", "tablet", {"microgram": 50, "mg": Fraction(1, 20)}),
        ("salbutamol 100 mcg inhaler 200 doses", "dose", {"puff": 1, "microgram": 100}),
        ("timolol 0.5% eye drops 5 mL", "mL", {"drop": 20}),
        ("insulin aspart 100 units/mL vial 10 mL", "mL", {"unit": 100}),
        ("fentanyl 25 mcg/h patch", "patch", {"patch": 1, "microgram": None}),
        ("co-amoxiclav 500/125 mg tablet", "tablet", {"mg": None, "tablet": 1}),
        ("amoxicillin 500mg", "", {"mg": 500, "tablet": 1}),
        ("hydrocortisone 1% cream", "g", {"fingertip unit": 2}),
    ],
)
def test_a_name_says_what_one_unit_holds(name: str, unit: str, held: dict[str, Fraction | None]) -> None:
    supply = supply_of(name)
    assert supply.unit == unit
    assert {of: supply.held(of) for of in held} == held


def test_a_maximum_in_grams_becomes_tablets() -> None:
    (dose,) = read("1-2 tabs q4h prn max 4 g/day", supply=supply_of("paracetamol 500 mg tablet")).doses
    assert (dose.most, dose.most_unit, dose.per_day) == (8, "", 8)
