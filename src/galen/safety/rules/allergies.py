"""Medicines against recorded allergies, the same substance and those that cross-react."""

from collections.abc import Iterator
from dataclasses import replace

from galen.i18n import N_
from galen.values.search_key import search_key

from ..knowledge import RANK, Knowledge, KnownSubstance, Rule, RuleKind, Severity
from .words import MILDER, RuleAlert, Situation, UnderstoodAllergy, alert

NONE: frozenset[str] = frozenset()
SAME = Rule(
    id="allergy-recorded",
    kind=RuleKind.ALLERGY,
    severity=Severity.CONTRAINDICATED,
    sides=(),
    mechanism=N_("The medicine holds what the allergy was recorded for."),
    effect=N_("The recorded reaction may return."),
    management=N_("Choose another medicine. Clarify the history if it is in doubt."),
    source="The patient's allergy record",
    harm="allergy",
)

RETURNS = N_("The recorded reaction may return: %(reaction)s to %(allergy)s.")


def allergies(situation: Situation, knowledge: Knowledge) -> Iterator[RuleAlert]:
    """For each recorded allergy, the worst thing known about each medicine."""
    for recorded in situation.allergies:
        for said in _allergic(recorded, situation, knowledge):
            known = recorded.allergy
            yield replace(said, history=known.history, anaphylaxis=known.anaphylaxis and not known.intolerance)


def _allergic(recorded: UnderstoodAllergy, situation: Situation, knowledge: Knowledge) -> Iterator[RuleAlert]:
    for medicine in situation.known:
        found = [
            (rule, name)
            for meaning in recorded.meanings
            for name in medicine.ingredients
            for rule in met(meaning, name, knowledge)
        ]
        if found:
            worst = min((rule for rule, _ in found), key=lambda rule: (RANK[rule.severity], rule.id))
            names = {name for rule, name in found if rule is worst}
            severity = MILDER[worst.severity] if recorded.allergy.intolerance else worst.severity
            said = worst if severity is worst.severity else replace(worst, severity=severity)
            if worst is SAME and recorded.allergy.reaction:
                about = {"reaction": recorded.allergy.reaction, "allergy": recorded.allergy.substance}
                said = replace(said, effect=RETURNS, values=about)
            reaction = search_key(recorded.allergy.reaction)[:60]
            yield alert(said, (medicine.drug,), names, knowledge, recorded.allergy.substance, on=reaction)


def met(meaning: KnownSubstance, name: str, knowledge: Knowledge) -> Iterator[Rule]:
    """What is known about an ingredient for somebody with this allergy: the same or its class, and cross-reactions."""
    if name in meaning.ingredients or meaning.classes & knowledge.classes.get(name, NONE):
        yield SAME
    allergens = meaning.ingredients | meaning.others if meaning.others else meaning.ingredients
    for allergen in allergens:
        if (crossing := knowledge.crossing.get(allergen)) and (rule := crossing.get(name)):
            yield rule
