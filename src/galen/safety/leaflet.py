"""What a medicine does not go well with: the interactions panel of its page."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from galen.core.context import Context
from galen.core.errors import NotFound
from galen.core.gate import requires
from galen.core.schemas import View
from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.medicines import products

from . import reading
from .knowledge import RANK, Knowledge, Rule, Severity
from .rules import TIER, Tier
from .rules.words import shown
from .tables import knowledge_of

FIRST = 4  # of the others, named before the rest is counted


class Partner(View):
    """One rule seen from one medicine: with whom, how bad, what may happen and what to do."""

    rule: str
    severity: Severity
    tier: Tier
    others: list[str]
    effect: str
    management: str
    source: str

    @property
    def with_whom(self) -> str:
        """The first others by name, and how many more there are."""
        names, more = ", ".join(self.others[:FIRST]), len(self.others) - FIRST
        if more <= 0:
            return _("With %(names)s", names=names)
        return ngettext("With %(names)s and %(num)s more", "With %(names)s and %(num)s more", more, names=names)


class Leaflet(View):
    """Everything the rules say of one medicine, the worst first; and how many pairs imported tables list."""

    name: str = ""
    known: bool
    version: str
    partners: list[Partner]
    listed: dict[str, int] = {}

    @property
    def loud(self) -> list[Partner]:
        """What would interrupt."""
        return [partner for partner in self.partners if partner.tier is Tier.INTERRUPTS]

    @property
    def quiet(self) -> list[Partner]:
        """What is of less weight."""
        return [partner for partner in self.partners if partner.tier is not Tier.INTERRUPTS]

    @property
    def tables(self) -> list[str]:
        """How many pairs each imported table lists, in a sentence."""
        return [
            ngettext("%(source)s lists %(num)s pair.", "%(source)s lists %(num)s pairs.", number, source=source)
            for source, number in self.listed.items()
        ]


@requires("safety.check")
async def interactions_of(ctx: Context, product_id: UUID) -> Leaflet:
    """What this medicine does not go well with, by rule."""
    known = (await products(ctx, [product_id])).get(product_id)
    if known is None:
        raise NotFound(thing="medicine")
    return leaflet(known.holds, await knowledge_of(ctx)).model_copy(update={"name": known.label})


def leaflet(names: tuple[str, ...], knowledge: Knowledge) -> Leaflet:
    """The same without a database: for ingredients as they are written."""
    found = [knowledge.ingredients(part) for name in names for part in reading.ingredients(name, knowledge)]
    inside = frozenset[str]().union(*found)
    partners = sorted(_partners(inside, knowledge), key=lambda partner: (RANK[partner.severity], partner.rule))
    listed: dict[str, int] = {}
    for name in inside:
        for rules in _listed(name, knowledge):
            for rule in rules:
                listed[rule] = listed.get(rule, 0) + 1
    return Leaflet(
        known=bool(found) and all(found),
        version=knowledge.version,
        partners=partners,
        listed=dict(sorted(listed.items())),
    )


def _partners(inside: frozenset[str], knowledge: Knowledge) -> Iterator[Partner]:
    """For every other ingredient the rules that would speak; a rule about three names all that may join."""
    met: dict[Rule, set[str]] = {}
    for name in inside:
        for other in knowledge.classes.keys() - inside:
            for rule in knowledge.pairs.between(name, other):
                met.setdefault(rule, set()).add(other)
    for rule in knowledge.threes:
        if any(side & inside for side in rule.sides):
            met[rule] = set().union(*(side for side in rule.sides if not side & inside))
    for rule, others in met.items():
        yield Partner(
            rule=rule.id,
            severity=rule.severity,
            tier=TIER[rule.severity],
            others=sorted(others),
            effect=shown(rule.effect, rule),
            management=shown(rule.management, rule),
            source=rule.source,
        )


def _listed(name: str, knowledge: Knowledge) -> Iterator[list[str]]:
    for first, others in knowledge.imported.items():
        if first == name:
            yield from ([rule.source for rule in rules] for rules in others.values())
        elif name in others:
            yield [rule.source for rule in others[name]]
