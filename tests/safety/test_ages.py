"""What is not for the very young, and what burdens the old."""

import pytest

from galen.safety.rules import PersonFacts
from tests.safety.asking import asked, drug, said, someone, unchecked


@pytest.mark.parametrize(
    ("name", "years", "expected"),
    [
        ("aspirin", 10, "major"),
        ("aspirin", 15.9, "major"),
        ("aspirin", 16, None),
        ("codeine", 11, "contraindicated"),
        ("codeine", 12, "moderate"),
        ("codeine", 18, None),
        ("tramadol", 11.9, "contraindicated"),
        ("tetracycline", 7, "contraindicated"),
        ("doxycycline", 7, "major"),
        ("doxycycline", 8, None),
        ("promethazine", 1, "contraindicated"),
        ("promethazine", 4, "major"),
        ("promethazine", 7, None),
        ("ciprofloxacin", 10, "moderate"),
        ("ciprofloxacin", 18, None),
        ("ceftriaxone", 0.03, "major"),
        ("ceftriaxone", 1, None),
        ("chloramphenicol", 0, "contraindicated"),
        ("pseudoephedrine", 5, "major"),
        ("loperamide", 1, "contraindicated"),
        ("metoclopramide", 0.5, "contraindicated"),
        ("valproic acid", 1, "major"),
        ("ibuprofen", 0.1, "major"),
        ("paracetamol", 1, None),
        ("amoxicillin", 1, None),
        ("diazepam", 70, "moderate"),
        ("diazepam", 64, None),
        ("promethazine", 80, "moderate"),
        ("amitriptyline", 70, "moderate"),
        ("glibenclamide", 70, "moderate"),
        ("omeprazole", 70, "minor"),
        ("amlodipine", 70, None),
        ("warfarin", 70, "minor"),
        ("zolpidem", 70, "moderate"),
        ("prasugrel", 76, "moderate"),
    ],
)
def test_limits_of_age(name: str, years: float, expected: str | None) -> None:
    spoken = [alert.severity.value for alert in asked(someone(years), name).alerts if alert.kind == "age"]
    assert (spoken[0] if spoken else None) == expected


def test_the_young_age_is_named_and_something_else_is_offered() -> None:
    (alert,) = (alert for alert in asked(someone(1.5), "codeine").alerts if alert.rule == "codeine-child")
    assert alert.fact == "the age of 18 months" and alert.alternatives == ("paracetamol", "ibuprofen")


def test_an_alternative_is_never_one_that_the_age_forbids() -> None:
    (alert,) = (alert for alert in asked(someone(0.1), "aspirin").alerts if alert.rule == "aspirin-child")
    assert alert.alternatives == ("paracetamol",)  # ibuprofen is not for the first three months


def test_three_medicines_that_act_on_the_brain_are_too_many_for_the_old() -> None:
    three = ("sertraline", "pregabalin", "oxycodone")
    assert said(asked(someone(70), *three))["beers-three-cns"] == "moderate"
    assert "beers-three-cns" not in said(asked(someone(64), *three)) | said(asked(someone(70), *three[:2]))


def test_whose_age_nobody_knows_is_said() -> None:
    report = asked(PersonFacts(), "aspirin", "amlodipine")
    assert said(report) == {} and ("aspirin", "the date of birth is not known") in unchecked(report)


def test_what_stays_on_the_skin_has_no_limit_unless_it_is_taken_up() -> None:
    assert said(asked(someone(1), drug("benzocaine", "topical"))) == {"benzocaine-infant": "contraindicated"}
    assert said(asked(someone(1), drug("tetracycline", "topical"))) == {}
