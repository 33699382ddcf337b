"""The same ingredient, or the same class, twice."""

from collections.abc import Iterator
from itertools import combinations, product

from ..knowledge import Knowledge, Rule
from .words import RuleAlert, Situation, alert


def duplicates(situation: Situation, knowledge: Knowledge) -> Iterator[RuleAlert]:
    """Each rule once for two medicines that repeat each other."""
    for medicine, other in combinations(situation.known, 2):
        met: dict[Rule, set[str]] = {}
        for a, b in product(medicine.ingredients, other.ingredients):
            for rule in knowledge.doubles.get((a, b) if a <= b else (b, a), ()):
                met.setdefault(rule, set()).update((a, b))
        for rule, names in met.items():
            yield alert(rule, (medicine.drug, other.drug), names, knowledge)
