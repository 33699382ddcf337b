"""Medicines that make a recorded condition worse."""

from collections.abc import Iterator

from galen.i18n import gettext as _

from ..knowledge import RANK, Knowledge, Rule
from .person import Body
from .persons import told


def about(name: str, body: Body, knowledge: Knowledge) -> Iterator[tuple[Rule, str, str]]:
    """For each condition, the worst that is known about this ingredient."""
    for condition, written in body.conditions.items():
        met = knowledge.persons.conditions[condition].get(name)
        if met:
            worst = min(met, key=lambda rule: (RANK[rule.severity], rule.id))
            yield worst, _("the recorded “%(condition)s”", condition=written), condition


conditions = told(about)
