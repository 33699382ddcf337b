"""Before birth and through milk: aloud where recorded, a question where possible, else silent."""

import pytest

from galen.safety.rules import PersonFacts, Recorded
from tests.safety.asking import asked, drug, said, someone

PREGNANT = someone(30, female=True, has=("Pregnant",), creatinine=60)
WOMAN, MAN, GIRL = someone(30, female=True), someone(30), someone(8, female=True)


@pytest.mark.parametrize(
    "name",
    ["isotretinoin", "thalidomide", "methotrexate", "mycophenolate mofetil", "warfarin", "valproic acid", "leflunomide",
     "ramipril", "candesartan", "bosentan", "riociguat", "misoprostol", "fluorouracil", "ribavirin", "fingolimod"],
)  # fmt: skip
def test_what_harms_a_child_for_certain_interrupts_in_pregnancy(name: str) -> None:
    spoken = [alert for alert in asked(PREGNANT, drug(name, weekly=True)).alerts if alert.kind == "pregnancy"]
    assert [(alert.severity, alert.tier, alert.fact) for alert in spoken] == [
        ("contraindicated", "interrupts", "the recorded pregnancy")
    ]


@pytest.mark.parametrize("name", ["doxycycline", "ibuprofen", "topiramate", "lithium", "fluconazole", "apixaban"])
def test_what_may_harm_interrupts_with_less_weight(name: str) -> None:
    assert [alert.severity for alert in asked(PREGNANT, name).alerts if alert.kind == "pregnancy"] == ["major"]


@pytest.mark.parametrize("name", ["paracetamol", "amoxicillin", "levothyroxine", "methyldopa", "insulin human"])
def test_what_is_safe_is_not_spoken_of(name: str) -> None:
    assert [alert for alert in asked(PREGNANT, name).alerts if alert.kind == "pregnancy"] == []


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (WOMAN, {"retinoid-pregnant-possible": "major"}),
        (someone(30, female=True, has=("Postmenopausal",)), {}),
        (someone(30, female=True, has=("ICD:Z32.02",)), {}),
        (someone(60, female=True), {}),
        (MAN, {}),
        (GIRL, {}),
    ],
)
def test_unknown_is_not_no_for_a_woman_of_childbearing_age(person: PersonFacts, expected: dict[str, str]) -> None:
    spoken = {rule: severity for rule, severity in said(asked(person, "isotretinoin")).items() if "pregnan" in rule}
    assert spoken == expected


@pytest.mark.parametrize(
    "written", ["Pregnant", "Intrauterine pregnancy, 12 weeks", "ICD:Z34.9", "ICD:O09.91", "ICD:Z33.1"]
)
def test_the_ways_in_which_a_pregnancy_is_recorded(written: str) -> None:
    assert "ras-pregnant" in said(asked(someone(30, female=True, has=(written,)), "ramipril"))


@pytest.mark.parametrize("written", ["Not pregnant", "No pregnancy", "ICD:O92.7"])
def test_and_those_in_which_it_is_not(written: str) -> None:
    assert "ras-pregnant" not in said(asked(someone(30, female=True, has=(written,)), "ramipril"))


def test_a_pregnancy_ends() -> None:
    long_ago = PersonFacts(months=360, female=True, conditions=(Recorded("Normal pregnancy", "72892002", days=900),))
    assert "ras-pregnant" not in said(asked(long_ago, "ramipril"))


@pytest.mark.parametrize(
    ("name", "severity"),
    [("codeine", "contraindicated"), ("amiodarone", "contraindicated"), ("lithium", "major"), ("diazepam", "moderate"),
     ("paracetamol", None), ("ibuprofen", None), ("sertraline", None)],
)  # fmt: skip
def test_what_passes_into_milk(name: str, severity: str | None) -> None:
    mother = someone(30, female=True, has=("Breastfeeding",))
    spoken = [alert.severity.value for alert in asked(mother, name).alerts if alert.kind == "lactation"]
    assert spoken == ([severity] if severity else [])
    assert not [alert for alert in asked(WOMAN, name).alerts if alert.kind == "lactation"]
