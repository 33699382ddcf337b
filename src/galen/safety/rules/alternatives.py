"""What may be offered instead: never what would interrupt in its turn."""

from collections.abc import Iterable
from dataclasses import replace

from ..knowledge import Knowledge, RuleKind
from .ages import about as ages
from .allergies import met
from .conditions import about as conditions
from .kidney import about as kidney
from .person import Body
from .pregnancy import about_lactation as lactation
from .pregnancy import about_pregnancy as pregnancy
from .words import TIER, RuleAlert, Situation, Tier


def refused(alerts: Iterable[RuleAlert], situation: Situation, knowledge: Knowledge) -> frozenset[str]:
    """Alternatives that would themselves interrupt: taken already, allergic to, or badly met by another medicine."""
    offered = {name for alert in alerts for name in alert.alternatives}
    if not offered:
        return frozenset()
    taken = {name for medicine in situation.known for name in medicine.ingredients}
    body = situation.body
    meanings = [meaning for recorded in situation.allergies for meaning in recorded.meanings]
    return frozenset(
        name
        for name in offered
        if name in taken
        or any(any(met(meaning, name, knowledge)) for meaning in meanings)
        or any(_loud(name, other, knowledge) for other in taken)
        or (body is not None and forbidden(name, body, knowledge))
    )


def forbidden(name: str, body: Body, knowledge: Knowledge) -> bool:
    """Whether age, kidneys, pregnancy, milk or a condition would stop it for this person."""
    said = (
        rule for about in (ages, kidney, pregnancy, lactation, conditions) for rule, *_ in about(name, body, knowledge)
    )
    return any(TIER[rule.severity] is Tier.INTERRUPTS for rule in said)


def _loud(name: str, other: str, knowledge: Knowledge) -> bool:
    rules = (*knowledge.pairs.between(name, other), *knowledge.listed(name, other))
    return any(TIER[rule.severity] is Tier.INTERRUPTS for rule in rules)


def offered(alert: RuleAlert, knowledge: Knowledge) -> RuleAlert:
    """After an allergy also what usually stands for the medicine; what does not come by the same route goes."""
    names = alert.alternatives
    if alert.kind is RuleKind.ALLERGY:
        usual = (name for ingredient in alert.ingredients for name in knowledge.alternatives.others.get(ingredient, ()))
        names = tuple(dict.fromkeys((*names, *usual)))
    routes = {drug.route for drug in alert.subjects}
    kept = tuple(name for name in names if any(knowledge.alternatives.comes(name, route) for route in routes))
    return alert if kept == alert.alternatives else replace(alert, alternatives=kept)


def without(alert: RuleAlert, refused: frozenset[str]) -> RuleAlert:
    if refused.isdisjoint(alert.alternatives):
        return alert
    return replace(alert, alternatives=tuple(name for name in alert.alternatives if name not in refused))
