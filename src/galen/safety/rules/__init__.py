"""Is this regimen safe for this patient? Pure: the same medicines, circumstances and knowledge give the same report.

Each file beside this one holds the rules of one concern; a rule looks at the situation and says its alerts.
"""

from collections.abc import Callable, Iterable, Sequence

from ..knowledge import RANK, Knowledge
from .ages import ages, many, no_birthday
from .allergies import allergies
from .alternatives import offered, refused, without
from .conditions import conditions
from .coverage import CheckCoverage, CheckResult, read
from .doses import doses, not_reckoned
from .dosing import Dosing, dosing
from .duplicates import duplicates
from .interactions import pairs, threes
from .kidney import kidney, not_measured
from .person import PersonFacts, Recorded
from .persons import Unknowns
from .pregnancy import lactation, pregnancy
from .weekly import says_weekly, weekly
from .words import (
    LOCAL_ROUTES,
    TIER,
    Circumstances,
    KnownDrug,
    RecordedAllergy,
    RegimenDrug,
    RuleAlert,
    Situation,
    Tier,
    Unchecked,
    order,
)

__all__ = [
    "LOCAL_ROUTES",
    "RULES",
    "TIER",
    "CheckCoverage",
    "CheckResult",
    "Circumstances",
    "Dosing",
    "KnownDrug",
    "PersonFacts",
    "Recorded",
    "RecordedAllergy",
    "RegimenDrug",
    "RuleAlert",
    "Situation",
    "Tier",
    "Unchecked",
    "check",
    "dosing",
    "says_weekly",
]

RULES: list[Callable[[Situation, Knowledge], Iterable[RuleAlert]]] = [
    pairs,
    threes,
    duplicates,
    allergies,
    weekly,
    doses,
    kidney,
    pregnancy,
    lactation,
    conditions,
    ages,
    many,
]
"""Every rule there is, in no order: an alert's place in the report is its severity's."""
UNKNOWNS: list[Unknowns] = [not_reckoned, not_measured, no_birthday]
"""What could not be checked about medicines that are known."""


def check(regimen: Sequence[RegimenDrug], patient: Circumstances, knowledge: Knowledge) -> CheckResult:
    """Everything the rules say, the worst first; the order of the input never matters."""
    reading = read(regimen, patient, knowledge)
    alerts = [offered(alert, knowledge) for rule in RULES for alert in rule(reading.situation, knowledge)]
    alerts.sort(
        key=lambda alert: (
            RANK[alert.severity],
            alert.kind,
            alert.rule,
            alert.allergy,
            alert.dose,
            [*map(order, alert.subjects)],
        )
    )
    gone = refused(alerts, reading.situation, knowledge)
    return CheckResult(
        alerts=tuple(without(alert, gone) for alert in alerts),
        coverage=CheckCoverage(len(regimen) - len(reading.unknown), len(regimen)),
        unknown=reading.unknown,
        unchecked_allergies=reading.unchecked_allergies,
        allergies_asked=patient.allergies is not None,
        knowledge=knowledge.version,
        unchecked=tuple(gap for unknown in UNKNOWNS for gap in unknown(reading.situation, knowledge)),
    )
