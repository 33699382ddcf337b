"""Medicines that the kidney clears or that harm it, by what it filters."""

from collections.abc import Iterator

from galen.i18n import gettext as _

from ..knowledge import RANK, Knowledge, Rule
from .person import Body
from .persons import asked, told
from .words import TIER, Situation, Tier, Unchecked


def about(name: str, body: Body, knowledge: Knowledge) -> Iterator[tuple[Rule, str, str]]:
    """The worst that is known below this filtration."""
    met = []
    for rule, below, measure in knowledge.persons.kidney.get(name, ()):
        found = body.crcl if measure == "crcl" else body.egfr
        if found is not None and found.value < below:
            met.append((rule, found.words, str(round(found.value))))
    if met:
        yield min(met, key=lambda told: (RANK[told[0].severity], told[0].id))


kidney = told(about)


def not_measured(situation: Situation, knowledge: Knowledge) -> Iterator[Unchecked]:
    """Medicines that a weak kidney would stop, where nobody knows how well it works."""
    body = situation.body
    if body is None or body.egfr is not None:
        return
    for medicine in situation.known:
        rules = [rule for name in medicine.ingredients for rule, *_ in knowledge.persons.kidney.get(name, ())]
        if asked(medicine) and any(TIER[rule.severity] is Tier.INTERRUPTS for rule in rules):
            yield Unchecked(medicine.drug, _("kidney function is not recorded"))
