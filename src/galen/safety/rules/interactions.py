"""Medicines that meet badly: two by two, and three together."""

from collections.abc import Iterator
from itertools import combinations, product

from ..knowledge import Knowledge, Rule
from .words import RegimenDrug, RuleAlert, Situation, alert


def pairs(situation: Situation, knowledge: Knowledge) -> Iterator[RuleAlert]:
    """Each rule once for two medicines that meet, with every pair of ingredients it is about.

    Where an imported table grades the same pair, the higher grade counts and both are named.
    """
    for medicine, other in combinations(situation.known, 2):
        met: dict[Rule, tuple[set[str], set[Rule]]] = {}
        for a, b in product(medicine.ingredients, other.ingredients):
            rules, graded = knowledge.pairs.between(a, b), knowledge.listed(a, b)
            for rule in rules or graded:
                met.setdefault(rule, (set(), set()))[0].update((a, b))
            if rules:
                met[rules[0]][1].update(graded)
        for rule, (names, also) in met.items():
            yield alert(rule, (medicine.drug, other.drug), names, knowledge, also=also)


def threes(situation: Situation, knowledge: Knowledge) -> Iterator[RuleAlert]:
    """Rules with three sides; one medicine may stand on two of them, and no smaller group is told twice."""
    for rule in knowledge.threes:
        sides = [
            [(medicine, medicine.ingredients & side) for medicine in situation.known if medicine.ingredients & side]
            for side in rule.sides
        ]
        groups: dict[frozenset[int], tuple[dict[int, RegimenDrug], set[str]]] = {}
        for meeting in product(*sides):
            drugs = {id(medicine): medicine.drug for medicine, _ in meeting}
            _, names = groups.setdefault(frozenset(drugs), (drugs, set()))
            names.update(*(covered for _, covered in meeting))
        for group, (drugs, names) in groups.items():
            if len(group) > 1 and not any(len(other) > 1 and other < group for other in groups):
                yield alert(rule, tuple(drugs.values()), names, knowledge)
