"""Is this regimen safe for this patient? Pure: the same medicines, circumstances and knowledge give the same report.

Each file beside this one holds the rules of one concern; a rule looks at the situation and says its alerts.
"""

from collections.abc import Callable, Iterable, Sequence

from galen.i18n import N_
from galen.i18n import gettext as _

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
from .sparing import spared
from .together import together
from .weekly import says_weekly, weekly
from .words import (
    BROKEN,
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
    "BROKEN",
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
    "together",
]

CHECKS: dict[Callable[[Situation, Knowledge], Iterable[RuleAlert]], str] = {
    pairs: N_("interactions"),
    threes: N_("interactions of three"),
    duplicates: N_("duplicates"),
    allergies: N_("allergies"),
    weekly: N_("the weekly dose"),
    doses: N_("doses"),
    kidney: N_("the kidneys"),
    pregnancy: N_("pregnancy"),
    lactation: N_("breastfeeding"),
    conditions: N_("conditions"),
    ages: N_("ages"),
    many: N_("medicines together at this age"),
}
"""Every rule there is, and what it looks at, in no order: an alert's place in the report is its severity's."""
RULES = list(CHECKS)
UNKNOWNS: list[Unknowns] = [not_reckoned, not_measured, no_birthday]
"""What could not be checked about medicines that are known."""


def check(regimen: Sequence[RegimenDrug], patient: Circumstances, knowledge: Knowledge) -> CheckResult:
    """Everything the rules say, the worst first; the order of the input never matters."""
    reading = read(regimen, patient, knowledge)
    said = {rule: spared(rule, reading.situation, knowledge) for rule in RULES}
    alerts = [offered(alert, knowledge) for told in said.values() for alert in told.told]
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
    gaps = [spared(unknown, reading.situation, knowledge) for unknown in UNKNOWNS]
    unread = [_("%(name)s: %(what)s", name=name, what=_(CHECKS[rule])) for rule in RULES for name in said[rule].failed]
    return CheckResult(
        alerts=tuple(without(alert, gone) for alert in alerts),
        coverage=CheckCoverage(len(regimen) - len(reading.unknown), len(regimen)),
        unknown=reading.unknown,
        unchecked_allergies=reading.unchecked_allergies,
        allergies_asked=patient.allergies is not None,
        knowledge=knowledge.version,
        unchecked=tuple(gap for told in gaps for gap in told.told),
        unread=(*patient.unread, *reading.unread, *unread),
    )
