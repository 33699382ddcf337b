"""Too much at once or in a day; what cannot be reckoned says so."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from galen.safety.rules import dosing
from galen.safety.rules.dosing import taken
from tests.safety.asking import ADULT, KNOWLEDGE, asked, dosed, drug, said, someone, told, unchecked

BOTH = {"dose-single": "major", "dose-daily": "major"}
SLIP = {"dose-single": "contraindicated", "dose-daily": "contraindicated"}


@pytest.mark.parametrize(
    ("medicine", "expected"),
    [
        (dosed("paracetamol", "500 mg", "2", "8"), {}),
        (dosed("paracetamol", "500 mg", "2", "12"), {"dose-daily": "major"}),  # 6 g a day
        (dosed("paracetamol", "500 mg", "2", "42/5"), {"dose-daily": "moderate"}),  # 4.2 g: within a tenth
        (dosed("paracetamol", "500 mg", "3", "6"), {"dose-single": "major"}),
        (dosed("ibuprofen", "400 mg", "2", "8"), {}),
        (dosed("ibuprofen", "400 mg", "2", "12"), {"dose-daily": "major"}),
        (dosed("amlodipine", "10 mg", "5", "5"), SLIP),
        (dosed("levothyroxine", "100 mcg", "1", "1"), {}),
        (dosed("levothyroxine", "1 mg", "1", "1"), BOTH),
        (dosed("digoxin", "250 mcg", "0.25", "0.25", "mg"), {}),  # written in mg, limited in mcg
        (dosed("digoxin", "250 mcg", "2.5", "2.5", "mg"), SLIP),
        (dosed("semaglutide", "1 mg/dose", "1", "1/7", "dose", "subcutaneous"), {}),
        (dosed("methotrexate", "2.5 mg", "4", "4/7", route="oral"), {"methotrexate-unclear": "major"}),
        (dosed("amoxicillin", "250 mg/5 mL", "10", "30", "mL"), {}),
        (dosed("amoxicillin", "250 mg/5 mL", "70", "210", "mL"), BOTH),
        (dosed("amoxicillin + clavulanic acid", "875 mg + 125 mg", "1", "2"), {}),
        (dosed("amoxicillin + clavulanic acid", "875 mg + 125 mg", "3", "9"), BOTH),
        (dosed("formoterol", "12 mcg/dose", "2", "4", "puff", "inhalation"), {}),
        (dosed("formoterol", "12 mcg/dose", "4", "8", "puff", "inhalation"), BOTH),
    ],
)  # fmt: skip
def test_doses_of_adults(medicine: object, expected: dict[str, str]) -> None:
    assert said(asked(ADULT, medicine)) == expected  # type: ignore[arg-type]


def test_the_same_ingredient_in_two_medicines_is_added() -> None:
    both = (dosed("paracetamol", "500 mg", "2", "8"), dosed("paracetamol + codeine", "500 mg + 30 mg", "2", "8"))
    (alert,) = (alert for alert in asked(ADULT, *both).alerts if alert.rule == "dose-daily")
    assert (alert.severity, len(alert.subjects), alert.fact) == ("major", 2, "the dose of 8,000 mg a day")


@pytest.mark.parametrize(
    ("years", "kg", "mg", "expected"),
    [
        (5, "18", "250", {}),  # 14 mg/kg
        (5, "18", "500", BOTH),  # 28 mg/kg
        (5, "18", "280", {"dose-single": "moderate", "dose-daily": "moderate"}),  # rounding
        (14, "70", "1000", {}),  # never above the adult's
        (14, "100", "1500", BOTH),
    ],
)
def test_doses_of_children_by_weight(years: int, kg: str, mg: str, expected: dict[str, str]) -> None:
    report = asked(someone(years, kg=kg), dosed("paracetamol", "120 mg/5 mL", mg, str(int(mg) * 4), "mg"))
    assert said(report) == expected and unchecked(report) == set()


@pytest.mark.parametrize(
    ("person", "medicine", "why"),
    [
        (someone(5), dosed("paracetamol", "500 mg", "1", "4"), "the weight is not recorded"),
        (someone(5, kg=18, kg_days=200), dosed("paracetamol", "500 mg", "1", "4"), "the weight 18 kg is 200 days old"),
        (someone(1, kg=9, kg_days=40), dosed("paracetamol", "500 mg", "1", "4"), "the weight 9 kg is 40 days old"),
        (someone(5, kg=18), dosed("duloxetine", "60 mg", "1", "1"), "no dose for children is known here"),
        (someone(1, kg=9), dosed("naproxen", "250 mg", "1", "2"), "no dose is known here below the age of 2 years"),
        (ADULT, dosed("morphine", "10 mg", "1", "6"), "no limit of its dose is known here"),
        (ADULT, drug("paracetamol", dosing=told("500 mg", "", "")), "the directions say no dose that can be reckoned"),
        (ADULT, dosed("paracetamol", "500 mg", "20", "80", "drop"), "the directions say no dose that can be reckoned"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_says_so(person: object, medicine: object, why: str) -> None:
    report = asked(person, medicine)  # type: ignore[arg-type]
    assert [gap.about for gap in report.unchecked if "kidney" not in gap.about] == [why]


WEAK = someone(80, kg=50, cm=160, creatinine=150, female=True)


@pytest.mark.parametrize(
    ("person", "medicine", "rule"),
    [
        (someone(70), dosed("citalopram", "40 mg", "1", "1"), "from 65 years"),
        (someone(45), dosed("citalopram", "40 mg", "1", "1"), ""),
        (WEAK, dosed("gabapentin", "300 mg", "3", "9"), "clearance of 21"),
        (WEAK, dosed("gabapentin", "300 mg", "1", "2"), ""),
    ],
)  # fmt: skip
def test_the_old_and_weak_kidneys_have_lower_limits(person: object, medicine: object, rule: str) -> None:
    told = [alert.mechanism for alert in asked(person, medicine).alerts if alert.kind == "dose"]  # type: ignore[arg-type]
    assert all(rule in rule_id for rule_id in told) and bool(told) == bool(rule)


def test_another_dose_is_another_warning() -> None:
    keys = {
        alert.key for many in ("12", "14") for alert in asked(ADULT, dosed("paracetamol", "500 mg", "2", many)).alerts
    }
    assert keys == {"dose-daily:paracetamol:6000 mg a day", "dose-daily:paracetamol:7000 mg a day"} or len(keys) == 2


def test_steps_taken_together_add_up_and_steps_in_turn_do_not() -> None:
    step = {"high": "1", "per_day": "1", "unit": "tablet"}
    together = dosing({"steps": [step | {"sequence": 1}, step | {"sequence": 1, "per_day": "2"}]}, ["500 mg"], "tablet")
    in_turn = dosing({"steps": [step | {"sequence": 1}, step | {"sequence": 2, "per_day": "2"}]}, ["500 mg"], "tablet")
    assert taken(together, 0, "mg") == (Fraction(500), Fraction(1500))
    assert taken(in_turn, 0, "mg") == (Fraction(500), Fraction(1000))


@given(some.integers(1, 40), some.integers(1, 40), some.sampled_from(["mg", "mcg", "g"]))
def test_a_unit_never_changes_the_amount(high: int, times: int, unit: str) -> None:
    per = {"g": "1", "mg": "1000", "mcg": "1000000"}[unit]
    written = dosing(
        {"high": str(high * int(per)), "per_day": str(high * times * int(per)), "unit": unit}, ["1 g"], "tablet"
    )
    assert taken(written, 0, "g") == (high, high * times)


@given(some.decimals("0.1", "100", places=2), some.decimals("0.1", "100", places=2))
def test_more_is_never_judged_milder(a: Decimal, b: Decimal) -> None:
    less, more = sorted((a, b))
    rank = {"": 0, "moderate": 1, "major": 2, "contraindicated": 3}
    of = [
        rank[said(asked(ADULT, dosed("paracetamol", "500 mg", str(many), str(many)))).get("dose-single", "")]
        for many in (less, more)
    ]
    assert of[0] <= of[1]


def test_two_hundred_ingredients_and_more_have_limits_that_make_sense() -> None:
    known = {name: limits for name, limits in KNOWLEDGE.persons.limits.items() if name not in KNOWLEDGE.strangers}
    assert len(known) >= 200
    for name, limits in known.items():
        for limit in limits:
            assert limit.single > 0 and limit.daily > 0 and limit.routes and limit.source, name
            assert (
                limit.child_single is None
                or limit.child_daily is None
                or limit.child_daily >= limit.child_single * Decimal("0.1")
            ), name
            assert all(most <= limit.daily for _, most in limit.kidney), name
            assert limit.old_daily is None or limit.old_daily <= limit.daily, name


def test_one_slip_asks_for_one_answer() -> None:
    report = asked(ADULT, dosed("paracetamol", "500 mg", "3", "12"))
    assert [(alert.rule, alert.tier.value) for alert in report.alerts] == [
        ("dose-daily", "interrupts"),
        ("dose-single", "listed"),
    ]
    assert [alert.tier.value for alert in asked(ADULT, dosed("paracetamol", "500 mg", "3", "6")).alerts] == [
        "interrupts"
    ]
