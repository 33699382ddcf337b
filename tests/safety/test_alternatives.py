"""What is offered instead: never the same harm again, by the same route, and after an allergy always something."""

import pytest

from galen.safety.rules import Circumstances, RecordedAllergy, check
from tests.safety.asking import KNOWLEDGE, drug, someone


def offered(allergy: str, name: str, route: str = "oral", **person: object) -> tuple[str, ...]:
    about = someone(45, **person) if person else None  # type: ignore[arg-type]
    alerts = check([drug(name, route)], Circumstances((RecordedAllergy(allergy),), about), KNOWLEDGE).alerts
    return next(alert.alternatives for alert in alerts if alert.kind == "allergy")


@pytest.mark.parametrize(
    ("allergy", "name", "among"),
    [
        ("penicillin", "amoxicillin", "doxycycline"),
        ("amoxicillin", "amoxicillin", "doxycycline"),
        ("sulfamethoxazole", "sulfamethoxazole", "cefalexin"),
        ("ibuprofen", "ibuprofen", "paracetamol"),
        ("ramipril", "ramipril", "amlodipine"),
        ("clarithromycin", "azithromycin", "doxycycline"),
        ("tetracycline", "doxycycline", "amoxicillin"),
        ("sertraline", "sertraline", "mirtazapine"),
        ("simvastatin", "simvastatin", "ezetimibe"),
    ],
)
def test_an_allergy_is_not_left_without_another_way(allergy: str, name: str, among: str) -> None:
    found = offered(allergy, name)
    assert among in found and name not in found


def test_what_cross_reacts_is_not_offered() -> None:
    assert not {"cefalexin", "cefaclor", "ampicillin"} & set(offered("amoxicillin", "amoxicillin"))


def test_a_tablet_does_not_stand_for_an_injection() -> None:
    injected = offered("penicillin", "benzylpenicillin", "intravenous")
    assert (
        injected
        and "azithromycin" not in injected
        and all(KNOWLEDGE.alternatives.comes(name, "intravenous") for name in injected)
    )
    assert "vancomycin" not in offered("penicillin", "amoxicillin")


def test_what_the_person_must_not_have_is_not_offered() -> None:
    assert "doxycycline" not in offered("penicillin", "amoxicillin", female=True, has=("Pregnant",))
