"""Asking the check about one person: short words for the tables of these tests."""

from decimal import Decimal
from typing import Any

from galen.safety.knowledge import built_in
from galen.safety.rules import CheckResult, Circumstances, Dosing, PersonFacts, Recorded, RegimenDrug, check, dosing

KNOWLEDGE = built_in()
ADULT = PersonFacts(months=45 * 12, female=False, kg=Decimal(80), cm=Decimal(178), creatinine=Decimal(80))


def someone(years: float = 45, *, female: bool = False, has: tuple[str, ...] = (), **more: Any) -> PersonFacts:
    """A person by age; conditions by their words, or as `ICD:I50.0`."""
    recorded = tuple(
        Recorded("", condition.removeprefix("ICD:")) if condition.startswith("ICD:") else Recorded(condition)
        for condition in has
    )
    exact = {name: Decimal(str(v)) if name in ("kg", "cm", "creatinine") else v for name, v in more.items()}
    return PersonFacts(months=round(years * 12), female=female, conditions=recorded, **exact)


def drug(name: str, route: str = "oral", **more: Any) -> RegimenDrug:
    return RegimenDrug(name, tuple(name.split(" + ")), route=route, **more)


def dosed(name: str, strength: str, high: str, per_day: str, unit: str = "tablet", route: str = "oral") -> RegimenDrug:
    return drug(name, route, dosing=told(strength, high, per_day, unit))


def told(strength: str, high: str, per_day: str, unit: str = "tablet") -> Dosing:
    return dosing({"high": high, "per_day": per_day, "unit": unit}, strength.split(" + "), "tablet")


def asked(person: PersonFacts | None, *drugs: str | RegimenDrug) -> CheckResult:
    known = [drug(medicine) if isinstance(medicine, str) else medicine for medicine in drugs]
    return check(known, Circumstances((), person), KNOWLEDGE)


def said(report: CheckResult) -> dict[str, str]:
    """Each rule that spoke, with its severity."""
    return {alert.rule: alert.severity.value for alert in report.alerts}


def unchecked(report: CheckResult) -> set[tuple[str, str]]:
    return {(gap.drug.name, gap.about) for gap in report.unchecked}
