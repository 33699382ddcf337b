"""How a rule about the person is said: for each medicine that reaches the blood, with the fact it is about."""

from collections.abc import Callable, Iterable, Iterator

from ..knowledge import Knowledge, Rule
from .person import Body
from .words import LOCAL_ROUTES, KnownDrug, RuleAlert, Situation, Unchecked, alert

About = Callable[[str, Body, Knowledge], Iterable[tuple[Rule, str, str]]]
"""What is to be said about one ingredient for this person: rules, each with the fact that calls for it, in words and
as what the warning depends on: when that changes it is told again."""


def told(about: About) -> Callable[[Situation, Knowledge], Iterator[RuleAlert]]:
    """A rule of the check from what is known about single ingredients."""

    def rule(situation: Situation, knowledge: Knowledge) -> Iterator[RuleAlert]:
        body = situation.body
        if body is None:
            return
        for medicine in situation.known:
            met: dict[Rule, tuple[str, str, set[str]]] = {}
            for name in sorted(medicine.ingredients):
                for found, fact, on in about(name, body, knowledge):
                    met.setdefault(found, (fact, on, set()))[2].add(name)
            for found, (fact, on, names) in met.items():
                if found.any_route or medicine.drug.route not in LOCAL_ROUTES:
                    yield alert(found, (medicine.drug,), names, knowledge, fact=fact, on=on)

    return rule


def asked(medicine: KnownDrug) -> bool:
    """Whether this medicine reaches the blood."""
    return medicine.drug.route not in LOCAL_ROUTES


Unknowns = Callable[[Situation, Knowledge], Iterable[Unchecked]]
