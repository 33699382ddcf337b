"""What the words of the rule files cover: names, classes, ATC groups, and what is left out of them."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from galen.medicines import ingredient_name
from galen.values.search_key import search_key

Row = Mapping[str, str]
ATC = re.compile(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?\*")


def several(text: str) -> list[str]:
    """A list in one field, separated by bars."""
    return [part for part in text.split("|") if part]


class KnowledgeTerms:
    """The ingredients that each term means: `name`, `@class`, `N06AB*` (by ATC code), `-name` or `-@class` (left out).

    A class is what the catalogue, `classes.csv`, `effects.csv` and `enzymes.csv` say together. A name that the
    catalogue does not have is a substance of its own; `strangers` holds these.
    """

    def __init__(self, ingredients: Sequence[Row], classes: Iterable[tuple[str, str]]) -> None:
        self.own = {row["name"] for row in ingredients}
        self.strangers: set[str] = set()
        self._atc = sorted((code, row["name"]) for row in ingredients for code in several(row.get("atc", "")))
        self._written: dict[str, list[str]] = {}
        for row in ingredients:
            for name in several(row["classes"]):
                self._written.setdefault(name, []).append(row["name"])
        for name, members in classes:
            self._written.setdefault(name, []).extend(several(members))
        self._read: dict[str, frozenset[str]] = {}
        self.classes = {name: self._class(name) for name in self._written}

    def covered(self, text: str, where: str) -> frozenset[str]:
        """Everything that a list of terms means. A class that nobody wrote down is refused."""
        return self._of(several(text), where)

    def _of(self, terms: Iterable[str], where: str) -> frozenset[str]:
        among, without = set[str](), set[str]()
        for term in terms:
            (without if term.startswith("-") else among).update(self._one(term.removeprefix("-"), where))
        return frozenset(among - without)

    def _one(self, term: str, where: str) -> Iterable[str]:
        if term.startswith("@"):
            if term[1:] not in self._written:
                raise ValueError(f"Rule {where} names {term}, which no class is called.")
            return self._class(term[1:])
        if ATC.fullmatch(term):
            first, behind = (bisect_left(self._atc, (term[:-1] + end,)) for end in ("", "~"))
            return {name for _, name in self._atc[first:behind]}
        return (self.named(term),)

    def _class(self, name: str) -> frozenset[str]:
        if name not in self._read:
            self._read[name] = frozenset()  # a class that leads back to itself adds nothing there
            self._read[name] = self._of(self._written[name], name)
        return self._read[name]

    def named(self, name: str) -> str:
        """The catalogue's name for a written one."""
        if name in self.own:
            return name
        found = ingredient_name(name)
        if found in self.own:
            return str(found)
        self.strangers.add(name)
        return search_key(name)

    def classes_of(self) -> dict[str, frozenset[str]]:
        """For each ingredient the classes it belongs to."""
        found: dict[str, set[str]] = {name: set() for name in self.own}
        for name, members in self.classes.items():
            for member in members:
                found.setdefault(member, set()).add(name)
        return {name: frozenset(classes) for name, classes in found.items()}

    def everything(self) -> Iterator[str]:
        yield from self.own
        yield from {search_key(name) for name in self.strangers}
