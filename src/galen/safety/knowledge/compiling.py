"""Rows of the files into one index."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import NamedTuple

from galen.i18n import N_
from galen.values.search_key import search_key

from .alternatives import compile_alternatives
from .index import Knowledge
from .pairs import Pairs
from .persons import PersonFiles, compile_persons
from .terms import KnowledgeTerms, Row, several
from .words import RANK, KnownSubstance, Pair, Rule, RuleKind, Severity

Rows = Sequence[Row]


class Files(NamedTuple):
    """What each file says, row by row; `classes`, `effects` and `enzymes` all name classes, each by its own columns."""

    ingredients: Rows = ()
    classes: Rows = ()
    effects: Rows = ()
    enzymes: Rows = ()
    interactions: Rows = ()
    mechanisms: Rows = ()
    duplicates: Rows = ()
    cross_reactivity: Rows = ()
    substances: Rows = ()


def compile_knowledge(version: str, said: Files, persons: PersonFiles | None = None) -> Knowledge:
    """One edition of the rules, ready to be asked."""
    terms = KnowledgeTerms(
        said.ingredients,
        [
            *((row["class"], row["members"]) for row in said.classes),
            *((row["effect"], row["members"]) for row in said.effects),
            *((f"{row['enzyme']}-{row['role']}", row["members"]) for row in said.enzymes),
        ],
    )
    about = persons or PersonFiles()
    of_persons = compile_persons(about, terms)  # first: names that only they know are known from then on
    alternatives = compile_alternatives(about.alternatives, about.products, terms)
    rules = [_interaction(row, terms) for row in (*said.interactions, *said.mechanisms)]
    doubles = _duplicates(said.duplicates, terms)
    crossing = _crossing(said.cross_reactivity, said.substances, terms)
    return Knowledge(
        version=version,
        names=_names(said.ingredients, said.substances, terms),
        classes=terms.classes_of(),
        members=terms.classes,
        pairs=Pairs(rules),
        doubles=doubles,
        threes=tuple(rule for rule in rules if len(rule.sides) == 3),
        crossing=crossing,
        persons=of_persons,
        alternatives=alternatives,
        strangers=frozenset(terms.strangers),
    )


def _interaction(row: Row, terms: KnowledgeTerms) -> Rule:
    return Rule(
        id=row["id"],
        kind=RuleKind.INTERACTION,
        severity=Severity(row["severity"]),
        sides=tuple(terms.covered(side, row["id"]) for side in row["sides"].split(" + ")),
        mechanism=row["mechanism"],
        effect=row["effect"],
        management=row["management"],
        source=row["source"],
        harm=row["harm"],
        alternatives=_known(row, terms),
        any_route=row.get("any_route") == "yes",
        settles=row.get("settles") == "yes",
    )


def _known(row: Row, terms: KnowledgeTerms) -> tuple[str, ...]:
    return tuple(terms.named(name) for name in several(row["alternatives"]))


def _duplicates(rows: Rows, terms: KnowledgeTerms) -> Mapping[Pair, tuple[Rule, ...]]:
    """The same ingredient twice (a named exception wins over `*`), and two ingredients of one class."""
    same: dict[str, Rule] = {}
    found: dict[Pair, Rule] = {}
    for row in rows:
        covered = frozenset(terms.everything()) if row["of"] == "*" else terms.covered(row["of"], row["id"])
        rule = Rule(
            id=row["id"],
            kind=RuleKind.DUPLICATE,
            severity=Severity(row["severity"]),
            sides=(covered, covered),
            mechanism=N_("The same class.") if "@" in row["of"] else N_("The same ingredient."),
            effect=row["effect"],
            management=row["management"],
            source=row["source"],
            harm="duplicate",
        )
        if "@" in row["of"]:
            for pair in combinations(sorted(covered), 2):
                if pair not in found or RANK[rule.severity] < RANK[found[pair].severity]:
                    found[pair] = rule
        else:
            same.update(dict.fromkeys(covered, rule))
    return {pair: (rule,) for pair, rule in found.items()} | {(name, name): (rule,) for name, rule in same.items()}


def _crossing(rows: Rows, substances: Rows, terms: KnowledgeTerms) -> dict[str, dict[str, Rule]]:
    """For each allergen, the worst rule about each ingredient that may cross-react."""
    others = {term for row in substances for term in several(row["means"]) if term[0] != "@" and term not in terms.own}
    index: dict[str, dict[str, Rule]] = {}
    for row in rows:
        allergens = frozenset(several(row["allergen"])) & others
        allergens |= terms.covered("|".join(set(several(row["allergen"])) - others), row["id"])
        rule = Rule(
            id=row["id"],
            kind=RuleKind.ALLERGY,
            severity=Severity(row["severity"]),
            sides=(allergens, medicines := terms.covered(row["medicine"], row["id"])),
            mechanism=row["mechanism"],
            effect=N_("The recorded reaction may return."),
            management=row["management"],
            source=row["source"],
            harm="allergy",
            alternatives=_known(row, terms),
        )
        for allergen, medicine in product(allergens, medicines):
            found = index.setdefault(allergen, {}).get(medicine)
            if found is None or RANK[rule.severity] < RANK[found.severity]:
                index[allergen][medicine] = rule
    return index


def _names(ingredients: Rows, substances: Rows, terms: KnowledgeTerms) -> Mapping[str, KnownSubstance]:
    """Names by their search key. Of equals the INN wins, then a recorded substance, a synonym, a brand."""
    alone = {name: KnownSubstance(frozenset({name})) for name in terms.everything()}
    names = alone | {search_key(name): meaning for name, meaning in alone.items()}
    for name, meaning in _recorded(substances, terms):
        names.setdefault(search_key(name), meaning)
    for column in ("synonyms", "brands"):
        for row in ingredients:
            for name in several(row[column]):
                names.setdefault(search_key(name), alone[row["name"]])
    return names


def _recorded(substances: Rows, terms: KnowledgeTerms) -> Iterator[tuple[str, KnownSubstance]]:
    for row in substances:
        means = several(row["means"])
        classes = [term[1:] for term in means if term.startswith("@")]
        single = frozenset(term for term in means if term in terms.own)
        meaning = KnownSubstance(
            ingredients=single.union(*(terms.covered(f"@{name}", row["name"]) for name in classes)),
            classes=frozenset(classes),
            others=frozenset(means) - single - {f"@{name}" for name in classes},
            complete=row["complete"] == "yes",
            label=several(row["name"])[0] if classes else "",
        )
        yield from ((name, meaning) for name in several(row["name"]))
