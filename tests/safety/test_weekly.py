"""Methotrexate by mouth is taken once a week; anything else stops the work."""

import pytest

from galen.safety.rules import says_weekly
from tests.safety.asking import ADULT, asked, drug


@pytest.mark.parametrize(
    ("directions", "rule", "severity"),
    [
        ("Take 4 tablets once a week on Monday", None, None),
        ("Take 4 tablets every Monday", None, None),
        ("Take 1 tablet once a day", "methotrexate-not-weekly", "contraindicated"),
        ("Take 4 tablets in the morning", "methotrexate-unclear", "major"),
        ("Take 1 tablet 2 times a week", "methotrexate-not-weekly", "contraindicated"),
        ("Take 1 tablet on Monday and Thursday", "methotrexate-not-weekly", "contraindicated"),
        ("Take as directed", "methotrexate-unclear", "major"),
    ],
)
def test_directions_of_methotrexate(directions: str, rule: str | None, severity: str | None) -> None:
    report = asked(ADULT, drug("methotrexate", weekly=says_weekly(directions)))
    assert [(alert.rule, alert.severity.value, alert.tier.value) for alert in report.alerts] == (
        [(rule, severity, "interrupts")] if rule else []
    )


def test_an_injection_of_methotrexate_is_not_asked() -> None:
    assert asked(ADULT, drug("methotrexate", "subcutaneous")).alerts == ()
