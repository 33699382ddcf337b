"""What Galen knows about the safety of medicines: rules from the files beside this one, indexed by ingredient."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import combinations, product

from galen.core.search_key import search_key


class Severity(StrEnum):
    """How bad it may become; the members stand from the worst to the least."""

    CONTRAINDICATED = "contraindicated"
    MAJOR = "major"
    MODERATE = "moderate"
    MINOR = "minor"


RANK = {severity: place for place, severity in enumerate(Severity)}


class Kind(StrEnum):
    """What an alert is about."""

    INTERACTION = "interaction"
    ALLERGY = "allergy"
    DUPLICATE = "duplicate"
    DIRECTIONS = "directions"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing known: which sides must meet, what happens then, and who says so."""

    id: str
    kind: Kind
    severity: Severity
    sides: tuple[frozenset[str], ...]
    mechanism: str
    effect: str
    management: str
    source: str
    harm: str
    alternatives: tuple[str, ...] = ()
    any_route: bool = False


Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Substance:
    """What a recorded name means: ingredients, classes, other substances; `complete` when every risk of it is known."""

    ingredients: frozenset[str]
    classes: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    complete: bool = True


@dataclass(frozen=True)
class Knowledge:
    """One edition of the rules. `version` names exactly this content and is repeated on every alert."""

    version: str
    names: Mapping[str, Substance] = field(repr=False)
    classes: Mapping[str, frozenset[str]] = field(repr=False)
    pairs: Mapping[Pair, tuple[Rule, ...]] = field(repr=False)
    threes: tuple[Rule, ...] = field(repr=False)
    crossing: Mapping[str, Mapping[str, Rule]] = field(repr=False)

    def ingredients(self, name: str) -> frozenset[str]:
        """The ingredients a name stands for (INN, synonym or brand); empty when the name is not known."""
        known = self.names.get(name) or self.names.get(search_key(name))
        return known.ingredients if known and not known.classes else frozenset()

    def substance(self, name: str) -> Substance | None:
        """What an allergy record's name means, or nothing when it is not known."""
        return self.names.get(name) or self.names.get(search_key(name))


@cache
def built_in() -> Knowledge:
    """The knowledge that comes with Galen, read once on first use."""
    folder = files("galen.safety") / "knowledge"
    catalogue = files("galen.medicines") / "catalogue" / "ingredients.csv"
    sources = [
        catalogue,
        *(folder / f"{name}.csv" for name in ("interactions", "duplicates", "cross_reactivity", "substances")),
    ]
    digest = sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:8]
    edition = tomllib.loads((folder / "edition.toml").read_text("utf-8"))["edition"]
    ingredients, *tables = ([*_rows(source)] for source in sources)
    return compile_knowledge(f"galen-{edition}+{digest}", ingredients, *tables)


Row = Mapping[str, str]


def compile_knowledge(
    version: str,
    ingredients: list[Row],
    interactions: list[Row],
    duplicates: list[Row],
    crossing: list[Row],
    substances: list[Row],
) -> Knowledge:
    """Rows of the files into one index. A term that names nothing is refused: a misspelt rule would never fire."""
    members = _members(ingredients, substances)
    rules = [_interaction(row, members) for row in interactions]
    return Knowledge(
        version=version,
        names=_names(ingredients, substances, members),
        classes={row["name"]: frozenset(_list(row["classes"])) for row in ingredients},
        pairs=_pairs(rules, [*_duplicates(duplicates, members, [row["name"] for row in ingredients])]),
        threes=tuple(rule for rule in rules if len(rule.sides) == 3),
        crossing=_crossing(crossing, members),
    )


def _members(ingredients: list[Row], substances: list[Row]) -> dict[str, frozenset[str]]:
    """Each term of the rule files (`name` or `@class`) with the ingredients it covers."""
    members: dict[str, set[str]] = {row["name"]: {row["name"]} for row in ingredients}
    for row in ingredients:
        for name in _list(row["classes"]):
            members.setdefault(f"@{name}", set()).add(row["name"])
    for row in substances:
        for term in _list(row["means"]):
            if not term.startswith("@"):
                members.setdefault(term, {term})
    return {term: frozenset(covered) for term, covered in members.items()}


def _covered(text: str, members: Mapping[str, frozenset[str]], rule: str) -> frozenset[str]:
    terms = _list(text)
    if unknown := [term for term in terms if term not in members]:
        raise ValueError(f"Rule {rule} names {', '.join(unknown)}, which no ingredient or class is called.")
    return frozenset().union(*(members[term] for term in terms))


def _interaction(row: Row, members: Mapping[str, frozenset[str]]) -> Rule:
    return Rule(
        id=row["id"],
        kind=Kind.INTERACTION,
        severity=Severity(row["severity"]),
        sides=tuple(_covered(side, members, row["id"]) for side in row["sides"].split(" + ")),
        mechanism=row["mechanism"],
        effect=row["effect"],
        management=row["management"],
        source=row["source"],
        harm=row["harm"],
        alternatives=_known(row, members),
        any_route=row["any_route"] == "yes",
    )


def _known(row: Row, members: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    _covered(row["alternatives"], members, row["id"])
    return tuple(_list(row["alternatives"]))


def _duplicates(
    rows: list[Row], members: Mapping[str, frozenset[str]], everything: list[str]
) -> Iterator[tuple[Pair, Rule]]:
    """The same ingredient twice (a named exception wins over `*`), and two ingredients of one class."""
    same: dict[str, Rule] = {}
    for row in rows:
        whole = row["of"] == "*"
        covered = frozenset(everything) if whole else _covered(row["of"], members, row["id"])
        rule = Rule(
            id=row["id"],
            kind=Kind.DUPLICATE,
            severity=Severity(row["severity"]),
            sides=(covered, covered),
            mechanism="The same ingredient." if "@" not in row["of"] else "The same class.",
            effect=row["effect"],
            management=row["management"],
            source=row["source"],
            harm="duplicate",
        )
        if "@" in row["of"]:
            yield from ((pair, rule) for pair in combinations(sorted(covered), 2))
        else:
            same.update(dict.fromkeys(covered, rule))
    yield from (((name, name), rule) for name, rule in same.items())


def _pairs(rules: Iterable[Rule], doubles: Iterable[tuple[Pair, Rule]]) -> dict[Pair, tuple[Rule, ...]]:
    """For each pair of ingredients, the worst rule of each kind of harm; of equals the one written first."""
    index: dict[Pair, dict[str, Rule]] = {}
    meeting = (
        (pair, rule)
        for rule in rules
        if len(rule.sides) == 2
        for pair in {_pair(a, b) for a, b in product(*rule.sides) if a != b}
    )
    for source in (meeting, doubles):
        for pair, rule in source:
            worst = index.setdefault(pair, {})
            if rule.harm not in worst or RANK[rule.severity] < RANK[worst[rule.harm].severity]:
                worst[rule.harm] = rule
    return {pair: tuple(worst.values()) for pair, worst in index.items()}


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a <= b else (b, a)


def _crossing(rows: list[Row], members: Mapping[str, frozenset[str]]) -> dict[str, dict[str, Rule]]:
    """For each allergen, the worst rule about each ingredient that may cross-react."""
    index: dict[str, dict[str, Rule]] = {}
    for row in rows:
        allergens, medicines = (_covered(row[side], members, row["id"]) for side in ("allergen", "medicine"))
        rule = Rule(
            id=row["id"],
            kind=Kind.ALLERGY,
            severity=Severity(row["severity"]),
            sides=(allergens, medicines),
            mechanism=row["mechanism"],
            effect="The recorded reaction may return.",
            management=row["management"],
            source=row["source"],
            harm="allergy",
            alternatives=_known(row, members),
        )
        for allergen, medicine in product(allergens, medicines):
            found = index.setdefault(allergen, {}).get(medicine)
            if found is None or RANK[rule.severity] < RANK[found.severity]:
                index[allergen][medicine] = rule
    return index


def _names(
    ingredients: list[Row], substances: list[Row], members: Mapping[str, frozenset[str]]
) -> dict[str, Substance]:
    """Every name by its search key. Of equals the INN wins, then a recorded substance, a synonym, a brand."""
    alone = {row["name"]: Substance(frozenset({row["name"]})) for row in ingredients}
    own, names = alone.keys(), alone | {search_key(name): meaning for name, meaning in alone.items()}
    for row in substances:
        terms, classes = _list(row["means"]), [term for term in _list(row["means"]) if term.startswith("@")]
        single = frozenset(term for term in terms if term in own)
        for name in _list(row["name"]):
            meaning = Substance(
                ingredients=single.union(*(members[term] for term in classes)),
                classes=frozenset(term[1:] for term in classes),
                others=frozenset(terms) - single - frozenset(classes),
                complete=row["complete"] == "yes",
            )
            names.setdefault(search_key(name), meaning)
    for column in ("synonyms", "brands"):
        for row in ingredients:
            for name in _list(row[column]):
                names.setdefault(search_key(name), alone[row["name"]])
    return names


def _list(text: str) -> list[str]:
    return [part for part in text.split("|") if part]


def _rows(source: Traversable) -> Iterator[Row]:
    yield from csv.DictReader(source.read_text(encoding="utf-8").splitlines())
