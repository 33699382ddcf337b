"""How much of the question was understood. What is not understood never looks like safe."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..knowledge import Knowledge
from .allergens import allergen
from .person import body_of
from .words import (
    BROKEN,
    Circumstances,
    KnownDrug,
    RegimenDrug,
    RuleAlert,
    Situation,
    Tier,
    Unchecked,
    UnderstoodAllergy,
    order,
)


class CheckCoverage(NamedTuple):
    """How many of the medicines have only ingredients that the knowledge contains."""

    known: int
    total: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Alerts, the worst first, and what could not be checked. No alerts means safe only where `complete` is true."""

    alerts: tuple[RuleAlert, ...]
    coverage: CheckCoverage
    unknown: tuple[str, ...]
    unchecked_allergies: tuple[str, ...]
    allergies_asked: bool
    knowledge: str
    unchecked: tuple[Unchecked, ...] = ()
    unread: tuple[str, ...] = ()  # facts that could not be read or checked, in words

    @property
    def complete(self) -> bool:
        """Every medicine, allergy and fact was understood, and somebody has asked about allergies."""
        return not (self.unknown or self.unchecked_allergies or self.unread) and self.allergies_asked

    @property
    def interrupts(self) -> bool:
        """Work stops until somebody answers."""
        return any(alert.tier is Tier.INTERRUPTS for alert in self.alerts)


class Reading(NamedTuple):
    """The situation as far as it is understood, and what is not."""

    situation: Situation
    unknown: tuple[str, ...]
    unchecked_allergies: tuple[str, ...]
    unread: tuple[str, ...] = ()


def read(regimen: Sequence[RegimenDrug], patient: Circumstances, knowledge: Knowledge) -> Reading:
    """Names into substances. A medicine with one unknown ingredient is unknown, and its known ones still count."""
    known, unknown, allergies, unchecked = [], [], [], []
    for drug in sorted(regimen, key=order):
        found = [_ingredients(name, knowledge) for name in drug.ingredients]
        known.append(KnownDrug(drug, frozenset[str]().union(*found)))
        if not found or not all(found):
            unknown.append(drug.name)
    for allergy in sorted(patient.allergies or (), key=lambda allergy: (allergy.substance, allergy.intolerance)):
        try:
            meanings, understood = allergen(allergy.substance, knowledge)
        except BROKEN:
            meanings, understood = (), False
        allergies.append(UnderstoodAllergy(allergy, meanings))
        if not understood:
            unchecked.append(allergy.substance)
    body = body_of(patient.person, knowledge.persons)
    situation = Situation(tuple(known), tuple(allergies), patient, body)
    return Reading(situation, tuple(unknown), tuple(unchecked), body.unread if body else ())


def _ingredients(name: str, knowledge: Knowledge) -> frozenset[str]:
    """What a name means; one that cannot be read means nothing, and its medicine counts as unknown."""
    try:
        return frozenset(knowledge.ingredients(name))
    except BROKEN:
        return frozenset()
