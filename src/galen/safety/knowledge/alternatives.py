"""What may be taken in a medicine's place where its rule names nothing, and by which routes each comes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .terms import KnowledgeTerms, Row, several

_STRENGTH = re.compile(r"\s+[\d.,]+\s*(?:%|[a-zA-Z]).*$")
INJECTED = frozenset({"intravenous", "intramuscular", "subcutaneous", "epidural", "intrathecal"})


@dataclass(frozen=True, eq=False)
class UsualAlternatives:
    """By ingredient: what may stand for it, and the routes of the packs that hold it alone."""

    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    routes: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def comes(self, name: str, route: str) -> bool:
        """Whether it is given by this route as well; what no pack is known of is taken for a tablet."""
        known = self.routes.get(name, frozenset({"oral"}))
        return bool(known & INJECTED) if route in INJECTED else route in known


def compile_alternatives(rows: Sequence[Row], products: Sequence[Row], terms: KnowledgeTerms) -> UsualAlternatives:
    others: dict[str, tuple[str, ...]] = {}
    for row in rows:
        offered = tuple(terms.named(name) for name in several(row["alternatives"]))
        for name in terms.covered(row["medicines"], "alternatives"):
            others.setdefault(name, tuple(other for other in offered if other != name))
    routes: dict[str, set[str]] = {}
    for row in products:
        if " + " not in row["ingredients"]:
            routes.setdefault(terms.named(_STRENGTH.sub("", row["ingredients"])), set()).add(row["route"] or "oral")
    return UsualAlternatives(others, {name: frozenset(found) for name, found in routes.items()})
