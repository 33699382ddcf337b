"""Medicines and the kidney: bands by clearance or filtration, a recorded stage, and what nobody measured."""

import pytest

from tests.safety.asking import asked, drug, said, someone, unchecked

WEAK = someone(80, kg=50, cm=160, creatinine=155, female=True)  # clearance 20, eGFR 29
MODERATE = someone(70, kg=70, cm=175, creatinine=132)  # eGFR 52
WELL = someone(40, kg=70, cm=175, creatinine=75)


@pytest.mark.parametrize(
    ("name", "weak", "moderate"),
    [
        ("metformin", ("metformin-severe", "contraindicated"), None),
        ("ibuprofen", ("nsaid-kidney-severe", "major"), ("nsaid-kidney", "moderate")),
        ("dabigatran etexilate", ("dabigatran-kidney", "contraindicated"), ("dabigatran-kidney-moderate", "moderate")),
        ("rivaroxaban", ("rivaroxaban-kidney-moderate", "moderate"), ("rivaroxaban-kidney-moderate", "moderate")),
        ("nitrofurantoin", ("nitrofurantoin-kidney", "major"), None),
        ("lithium", ("lithium-kidney-severe", "major"), ("lithium-kidney", "moderate")),
        ("pregabalin", ("gabapentinoid-kidney-severe", "major"), ("gabapentinoid-kidney", "moderate")),
        ("allopurinol", ("allopurinol-kidney", "moderate"), ("allopurinol-kidney", "moderate")),
        ("enoxaparin", ("lmwh-kidney", "major"), None),
        ("methotrexate", ("methotrexate-kidney-severe", "contraindicated"), ("methotrexate-kidney", "major")),
        ("gentamicin", ("aminoglycoside-kidney", "major"), ("aminoglycoside-kidney", "major")),
        ("spironolactone", ("potassium-sparing-kidney", "major"), ("potassium-sparing-kidney-moderate", "moderate")),
        ("glibenclamide", ("glibenclamide-kidney", "major"), ("glibenclamide-kidney", "major")),
        ("morphine", ("morphine-kidney-severe", "major"), ("morphine-kidney", "moderate")),
        ("alendronic acid", ("bisphosphonate-kidney", "major"), None),
        ("colchicine", ("colchicine-kidney-severe", "major"), ("colchicine-kidney", "moderate")),
        ("amlodipine", None, None),
    ],
)
def test_bands(name: str, weak: tuple[str, str] | None, moderate: tuple[str, str] | None) -> None:
    for person, expected in ((WEAK, weak), (MODERATE, moderate), (WELL, None)):
        spoken = [
            (a.rule, a.severity.value) for a in asked(person, drug(name, weekly=True)).alerts if a.kind == "kidney"
        ]
        assert spoken == ([expected] if expected else [])


def test_the_alert_names_the_filtration_and_its_age() -> None:
    (alert,) = (a for a in asked(WEAK, "metformin").alerts if a.kind == "kidney")
    assert alert.fact == "an eGFR of 29 mL/min/1.73 m²" and alert.alternatives == ("linagliptin",)
    old = someone(80, kg=50, cm=160, creatinine=155, female=True, creatinine_days=500)
    assert asked(old, "dabigatran etexilate").alerts[0].fact == "a creatinine clearance of 20 mL/min, 16 months ago"


@pytest.mark.parametrize(("recorded", "speaks"), [("Chronic kidney disease stage 4", True), ("ICD:N18.5", True),
                                                  ("ICD:N18.30", False), ("On haemodialysis", True)])  # fmt: skip
def test_a_recorded_stage_stands_in_for_a_measurement(recorded: str, speaks: bool) -> None:
    assert ("metformin-severe" in said(asked(someone(60, has=(recorded,)), "metformin"))) is speaks


def test_what_nobody_measured_is_said() -> None:
    assert unchecked(asked(someone(60), "metformin", "amlodipine")) == {
        ("metformin", "kidney function is not recorded")
    }
    assert unchecked(asked(WELL, "metformin")) == set() == unchecked(asked(None, "metformin"))


def test_a_cream_does_not_reach_the_kidney() -> None:
    assert said(asked(WEAK, drug("diclofenac", "topical"))) == {} and said(asked(WEAK, "diclofenac"))
