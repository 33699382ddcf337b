"""One edition of the knowledge, as it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from galen.medicines import ingredient_name, ingredient_names
from galen.values.search_key import search_key

from .alternatives import UsualAlternatives
from .pairs import NOTHING, Pairs, Tables, tables
from .persons import Persons
from .words import Imported, KnownSubstance, Pair, Rule


@dataclass(frozen=True)
class Knowledge:
    """One edition of the rules. `version` names exactly this content and is repeated on every alert."""

    version: str
    names: Mapping[str, KnownSubstance] = field(repr=False)
    classes: Mapping[str, frozenset[str]] = field(repr=False)  # of an ingredient
    members: Mapping[str, frozenset[str]] = field(repr=False)  # of a class
    pairs: Pairs = field(repr=False)
    doubles: Mapping[Pair, tuple[Rule, ...]] = field(repr=False)
    threes: tuple[Rule, ...] = field(repr=False)
    crossing: Mapping[str, Mapping[str, Rule]] = field(repr=False)
    strangers: frozenset[str] = field(default=frozenset(), repr=False)  # names in the rules that the catalogue lacks
    alternatives: UsualAlternatives = field(default_factory=UsualAlternatives, repr=False)
    persons: Persons = field(default_factory=Persons, repr=False)
    imported: Tables = field(default_factory=dict, repr=False)

    def ingredients(self, name: str) -> frozenset[str]:
        """The ingredients a name stands for (INN, synonym or brand); empty when the name is not known."""
        known = self.substance(name)
        return known.ingredients if known and not known.classes else frozenset()

    def substance(self, name: str) -> KnownSubstance | None:
        """What a name means, or nothing when it is not known."""
        found = self.names.get(name) or self.names.get(search_key(name))
        if found is None and (inn := ingredient_name(name)):
            return self.names.get(inn)
        if found is None and (parts := [self.names.get(part) for part in ingredient_names(name)]) and all(parts):
            return KnownSubstance(frozenset().union(*(part.ingredients for part in parts if part)))
        return found

    @cached_property
    def spellings(self) -> Mapping[str, tuple[str, ...]]:
        """The names in the knowledge by their first letter, for what is misspelt."""
        found: dict[str, list[str]] = {}
        for name in dict.fromkeys(map(search_key, self.names)):
            if len(name) >= 4:
                found.setdefault(name[0], []).append(name)
        return {letter: tuple(names) for letter, names in found.items()}

    def listed(self, a: str, b: str) -> tuple[Rule, ...]:
        """What imported tables say about two ingredients."""
        if not self.imported:
            return ()
        first, second = (a, b) if a <= b else (b, a)
        return self.imported.get(first, NOTHING).get(second, ())

    def with_pairs(self, pairs: Iterable[Imported], version: str = "") -> Knowledge:
        """The same knowledge beside tables of others; their names that are new here are known from now on."""
        found = tables(pairs)
        new = {name for name in self._named(found) if name not in self.names}
        names = {**self.names, **{name: KnownSubstance(frozenset({name})) for name in new}} if new else self.names
        return replace(self, version=version or self.version, names=names, imported=found)

    @staticmethod
    def _named(found: Tables) -> Iterator[str]:
        for first, others in found.items():
            yield first
            yield from others
