"""What a prescriber must answer before signing: alerts that interrupt, and medicines that nobody could check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from galen.safety import Alert, Report
from galen.values.search_key import search_key


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to answer. `checked` is false where the knowledge had nothing to say: then it is only acknowledged."""

    key: str
    severity: str
    effect: str
    because: str = ""
    management: str = ""
    source: str = ""
    alternatives: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    checked: bool = True


def asked(report: Report, names: Sequence[str]) -> list[Question]:
    """The questions of a report, for a prescription of medicines with these names."""
    found = [of_alert(alert) for alert in report.interrupting]
    if report.failed:
        effect = "The safety check could not be done: nothing was checked."
        return [Question("failed", "unknown", effect, checked=False)]
    unknown = [name for name in names if name in report.unknown]
    return found + [
        Question(
            f"unknown:{search_key(name)}",
            "unknown",
            f"{name} is not in the safety knowledge: it was not checked.",
            checked=False,
        )
        for name in dict.fromkeys(unknown)
    ]


def of_alert(alert: Alert) -> Question:
    return Question(
        key=alert.key,
        severity=alert.severity.value,
        effect=alert.effect,
        because=alert.because,
        management=alert.management,
        source=f"{alert.source}, knowledge {alert.version}",
        alternatives=tuple(alert.alternatives),
        products=tuple(str(one.product_id) for one in alert.subjects if one.product_id),
    )


def unanswered(questions: Iterable[Question], answered: Iterable[str]) -> list[Question]:
    """The questions to which nobody has given a reason."""
    known = set(answered)
    return [question for question in questions if question.key not in known]
