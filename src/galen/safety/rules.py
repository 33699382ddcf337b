"""Is this regimen safe for this patient? Pure: the same medicines, circumstances and knowledge give the same report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations, product
from typing import NamedTuple

from galen.core.search_key import search_key

from .knowledge import RANK, Kind, Knowledge, Rule, Severity, Substance


class Tier(StrEnum):
    """How loudly an alert speaks: stops the work until answered, is shown beside the line, or is listed on request."""

    INTERRUPTS = "interrupts"
    SHOWS = "shows"
    LISTED = "listed"


TIER = {
    Severity.CONTRAINDICATED: Tier.INTERRUPTS,
    Severity.MAJOR: Tier.INTERRUPTS,
    Severity.MODERATE: Tier.SHOWS,
    Severity.MINOR: Tier.LISTED,
}
MILDER = {
    Severity.CONTRAINDICATED: Severity.MODERATE,
    Severity.MAJOR: Severity.MODERATE,
    Severity.MODERATE: Severity.MINOR,
    Severity.MINOR: Severity.MINOR,
}
# Little reaches the blood by these routes; nose and lung count as systemic, to be safe.
LOCAL_ROUTES = frozenset({"topical", "ophthalmic", "otic", "vaginal", "intrauterine"})


@dataclass(frozen=True, slots=True)
class Drug:
    """One medicine of a regimen. `ref` is the caller's own key (a line's id); `weekly` is None when not understood."""

    name: str
    ingredients: tuple[str, ...]
    route: str = "oral"
    ref: str = ""
    weekly: bool | None = None


@dataclass(frozen=True, slots=True)
class Allergy:
    """A recorded substance as it was written; an intolerance (nausea, itch) warns more quietly than an allergy."""

    substance: str
    intolerance: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of the patient. `allergies` is None when nobody has asked, and empty when there are none."""

    allergies: tuple[Allergy, ...] | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One warning: what may happen, to which medicines, why, what to do, and who says so."""

    kind: Kind
    severity: Severity
    tier: Tier
    rule: str
    subjects: tuple[Drug, ...]
    ingredients: tuple[str, ...]
    allergy: str
    mechanism: str
    effect: str
    management: str
    source: str
    knowledge: str
    alternatives: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same warning on another day: rule, ingredients and allergy. Remembers what was overridden before."""
        return ":".join((self.rule, "+".join(self.ingredients), search_key(self.allergy)))


class Coverage(NamedTuple):
    """How many of the medicines have only ingredients that the knowledge contains."""

    known: int
    total: int


@dataclass(frozen=True, slots=True)
class Report:
    """Alerts, the worst first, and what could not be checked. No alerts means safe only where `complete` is true."""

    alerts: tuple[Alert, ...]
    coverage: Coverage
    unknown: tuple[str, ...]
    unchecked_allergies: tuple[str, ...]
    allergies_asked: bool
    knowledge: str

    @property
    def complete(self) -> bool:
        """Every medicine and every allergy was understood, and somebody has asked about allergies."""
        return not self.unknown and not self.unchecked_allergies and self.allergies_asked

    @property
    def interrupts(self) -> bool:
        """Work stops until somebody answers."""
        return any(alert.tier is Tier.INTERRUPTS for alert in self.alerts)


def check(regimen: Sequence[Drug], patient: Circumstances, knowledge: Knowledge) -> Report:
    """Interactions, duplicates, allergies and weekly methotrexate; the order of the input never matters."""
    drugs = sorted(((drug, *_ingredients(drug, knowledge)) for drug in regimen), key=lambda known: _order(known[0]))
    known = [Known(drug, found) for drug, found, _ in drugs]
    unknown = tuple(drug.name for drug, _, missing in drugs if missing)
    recorded = sorted(patient.allergies or (), key=lambda allergy: (allergy.substance, allergy.intolerance))
    allergies = [(allergy, *_substances(allergy.substance, knowledge)) for allergy in recorded]
    alerts = [
        *_meetings(known, knowledge),
        *_threes(known, knowledge),
        *(alert for allergy, meanings, _ in allergies for alert in _allergic(allergy, meanings, known, knowledge)),
        *_weekly(known, knowledge),
    ]
    alerts.sort(
        key=lambda alert: (RANK[alert.severity], alert.kind, alert.rule, alert.allergy, [*map(_order, alert.subjects)])
    )
    refused = _refused(alerts, known, [meaning for _, meanings, _ in allergies for meaning in meanings], knowledge)
    return Report(
        alerts=tuple(_with_alternatives(alert, refused) for alert in alerts),
        coverage=Coverage(len(drugs) - len(unknown), len(drugs)),
        unknown=unknown,
        unchecked_allergies=tuple(allergy.substance for allergy, _, understood in allergies if not understood),
        allergies_asked=patient.allergies is not None,
        knowledge=knowledge.version,
    )


class Known(NamedTuple):
    """A medicine with those of its ingredients that the knowledge contains."""

    drug: Drug
    ingredients: frozenset[str]


def _order(drug: Drug) -> tuple[str, ...]:
    return (drug.name, drug.ref, drug.route, str(drug.weekly), *drug.ingredients)


def _ingredients(drug: Drug, knowledge: Knowledge) -> tuple[frozenset[str], bool]:
    """The known ingredients, and whether any is missing. A medicine without ingredients is not known."""
    found = [knowledge.ingredients(name) for name in drug.ingredients]
    return frozenset[str]().union(*found), not found or not all(found)


def _meetings(known: Sequence[Known], knowledge: Knowledge) -> Iterator[Alert]:
    """Each rule once for two medicines that meet, with every pair of ingredients it is about."""
    for one, other in combinations(known, 2):
        met: dict[Rule, set[str]] = {}
        for a, b in product(one.ingredients, other.ingredients):
            for rule in knowledge.pairs.get((a, b) if a <= b else (b, a), ()):
                met.setdefault(rule, set()).update((a, b))
        for rule, names in met.items():
            yield _alert(rule, (one.drug, other.drug), names, knowledge)


def _threes(known: Sequence[Known], knowledge: Knowledge) -> Iterator[Alert]:
    """Rules with three sides; one medicine may stand on two of them, and no smaller group is told twice."""
    for rule in knowledge.threes:
        sides = [[(one, one.ingredients & side) for one in known if one.ingredients & side] for side in rule.sides]
        groups: dict[frozenset[int], tuple[dict[int, Drug], set[str]]] = {}
        for meeting in product(*sides):
            drugs = {id(one): one.drug for one, _ in meeting}
            _, names = groups.setdefault(frozenset(drugs), (drugs, set()))
            names.update(*(covered for _, covered in meeting))
        for group, (drugs, names) in groups.items():
            if len(group) > 1 and not any(len(other) > 1 and other < group for other in groups):
                yield _alert(rule, tuple(drugs.values()), names, knowledge)


def _allergic(
    allergy: Allergy, meanings: list[Substance], known: Sequence[Known], knowledge: Knowledge
) -> Iterator[Alert]:
    """For one recorded allergy, the worst thing known about each medicine."""
    for one in known:
        found = [
            (rule, name)
            for meaning in meanings
            for name in one.ingredients
            for rule in (_recorded(meaning, name, knowledge), *_crossing(meaning, name, knowledge))
            if rule
        ]
        if found:
            worst = min((rule for rule, _ in found), key=lambda rule: (RANK[rule.severity], rule.id))
            names = {name for rule, name in found if rule is worst}
            severity = MILDER[worst.severity] if allergy.intolerance else worst.severity
            yield _alert(replace(worst, severity=severity), (one.drug,), names, knowledge, allergy.substance)


SAME = Rule(
    id="allergy-recorded",
    kind=Kind.ALLERGY,
    severity=Severity.CONTRAINDICATED,
    sides=(),
    mechanism="The medicine holds what the allergy was recorded for.",
    effect="The recorded reaction may return.",
    management="Do not give. Clarify the history if it is in doubt.",
    source="The patient's allergy record",
    harm="allergy",
)


def _recorded(meaning: Substance, name: str, knowledge: Knowledge) -> Rule | None:
    """The ingredient itself, or a member of the class that the allergy was recorded for."""
    return SAME if name in meaning.ingredients or meaning.classes & knowledge.classes[name] else None


def _crossing(meaning: Substance, name: str, knowledge: Knowledge) -> Iterator[Rule]:
    for allergen in meaning.ingredients | meaning.others:
        if rule := knowledge.crossing.get(allergen, {}).get(name):
            yield rule


def _substances(text: str, knowledge: Knowledge) -> tuple[list[Substance], bool]:
    """What an allergy record means, and whether it was wholly understood. Known words inside free text still count."""
    if whole := knowledge.substance(text):
        return [whole], whole.complete
    words = search_key(text).split()
    parts = (" ".join(words[start:end]) for start, end in combinations(range(len(words) + 1), 2) if end - start <= 4)
    return [found for part in parts if (found := knowledge.substance(part))], False


def _weekly(known: Sequence[Known], knowledge: Knowledge) -> Iterator[Alert]:
    """Low-dose methotrexate by mouth is taken once a week; taken daily it kills (ISMP)."""
    for one in known:
        if "methotrexate" in one.ingredients and one.drug.route == "oral" and one.drug.weekly is not True:
            yield _alert(DAILY if one.drug.weekly is False else UNCLEAR, (one.drug,), {"methotrexate"}, knowledge)


DAILY = Rule(
    id="methotrexate-not-weekly",
    kind=Kind.DIRECTIONS,
    severity=Severity.CONTRAINDICATED,
    sides=(),
    mechanism="Methotrexate accumulates in marrow and gut.",
    effect="Marrow failure and death.",
    management="Write one named day of the week, unless this is a cancer protocol.",
    source="ISMP Targeted Medication Safety Best Practices",
    harm="directions",
)
UNCLEAR = replace(
    DAILY,
    id="methotrexate-unclear",
    severity=Severity.MAJOR,
    management="Make sure the directions name one day of the week.",
)


_OFTENER = re.compile(
    r"\b(daily|nightly|qd|od|bd|bid|tds|tid|qid|mane|nocte|(every|each|a|per) (day|morning|evening|night)|"
    r"(twice|\d+ ?x|(two|three|four|five|six|seven|\d+) times|[2-9] days) (a|per|each|every)? ?week(ly)?)\b"
)
_UNSURE = re.compile(
    r"\b(\w*hour\w*|hrs?|h|q?\d+h|days?|mornings?|evenings?|nights?|alternate|other|"
    r"start\w*|from|until|(for|in) (a|one|1) week|(\d+|two|three|four|five|six|seven|eight|nine|ten|x) weekly)\b"
)
_WEEKDAY = re.compile(r"\b(?:on|every|each) ((?:mon|tues|wednes|thurs|fri|satur|sun)day)s?\b")
_ANY_DAY = re.compile(r"\b((?:mon|tues|wednes|thurs|fri|satur|sun)day)s?\b")
_WEEKLY = re.compile(r"\b(weekly|once (a|per|each|every) week|(every|each) week)\b")


def says_weekly(directions: str) -> bool | None:
    """Whether plain directions mean once a week: True, False (more often), or None whenever it is not certain."""
    text = search_key(directions)
    if _OFTENER.search(text) or len(set(_ANY_DAY.findall(text))) > 1:
        return False
    if _UNSURE.search(text):
        return None
    return True if _WEEKLY.search(text) or _WEEKDAY.search(text) else None


def _alert(
    rule: Rule, subjects: tuple[Drug, ...], names: Iterable[str], knowledge: Knowledge, allergy: str = ""
) -> Alert:
    """Say a rule about these medicines; listed only where one is used locally, unless the rule counts every route."""
    local = rule.kind in (Kind.INTERACTION, Kind.DUPLICATE) and not rule.any_route
    return Alert(
        kind=rule.kind,
        severity=rule.severity,
        tier=Tier.LISTED if local and any(drug.route in LOCAL_ROUTES for drug in subjects) else TIER[rule.severity],
        rule=rule.id,
        subjects=tuple(sorted(subjects, key=_order)),
        ingredients=tuple(sorted(names)),
        allergy=allergy,
        mechanism=rule.mechanism,
        effect=rule.effect,
        management=rule.management,
        source=rule.source,
        knowledge=knowledge.version,
        alternatives=rule.alternatives,
    )


def _refused(
    alerts: Iterable[Alert], known: Sequence[Known], meanings: list[Substance], knowledge: Knowledge
) -> frozenset[str]:
    """Alternatives that would themselves interrupt: taken already, allergic to, or badly met by another medicine."""
    offered = {name for alert in alerts for name in alert.alternatives}
    taken = {name for one in known for name in one.ingredients}
    return frozenset(
        name
        for name in offered
        if name in taken
        or any(_recorded(meaning, name, knowledge) or any(_crossing(meaning, name, knowledge)) for meaning in meanings)
        or any(_loud(rule) for other in taken for rule in knowledge.pairs.get((min(name, other), max(name, other)), ()))
    )


def _loud(rule: Rule) -> bool:
    return rule.kind is Kind.INTERACTION and TIER[rule.severity] is Tier.INTERRUPTS


def _with_alternatives(alert: Alert, refused: frozenset[str]) -> Alert:
    if refused.isdisjoint(alert.alternatives):
        return alert
    return replace(alert, alternatives=tuple(name for name in alert.alternatives if name not in refused))
