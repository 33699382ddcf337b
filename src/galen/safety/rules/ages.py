"""Medicines that are not for the very young, or burden the old."""

from collections.abc import Iterator

from galen.i18n import gettext as _

from ..knowledge import Knowledge, Rule
from .person import Body
from .persons import asked, told
from .words import RegimenDrug, RuleAlert, Situation, Unchecked, alert


def about(name: str, body: Body, knowledge: Knowledge) -> Iterator[tuple[Rule, str, str]]:
    months = body.person.months
    for rule, low, below, least in knowledge.persons.ages.get(name, ()):
        if months is not None and low <= months < below and least == 1:
            yield rule, of_age(body), ""


def of_age(body: Body) -> str:
    return _("the age of %(age)s", age=body.person.age)


ages = told(about)


def many(situation: Situation, knowledge: Knowledge) -> Iterator[RuleAlert]:
    """Rules that count: so many medicines of one kind at this age."""
    body = situation.body
    if body is None or body.person.months is None:
        return
    met: dict[Rule, tuple[int, list[RegimenDrug], set[str]]] = {}
    for medicine in situation.known:
        for name in sorted(medicine.ingredients):
            for rule, low, below, least in knowledge.persons.ages.get(name, ()):
                if least > 1 and asked(medicine) and low <= body.person.months < below:
                    _, drugs, names = met.setdefault(rule, (least, [], set()))
                    names.add(name)
                    if not any(drug is medicine.drug for drug in drugs):
                        drugs.append(medicine.drug)
    for rule, (least, drugs, names) in met.items():
        if len(drugs) >= least and len(names) >= least:
            yield alert(rule, tuple(drugs), names, knowledge, fact=of_age(body))


def no_birthday(situation: Situation, knowledge: Knowledge) -> Iterator[Unchecked]:
    """Medicines with limits of age, for somebody whose age nobody knows."""
    body = situation.body
    if body is not None and body.person.months is None:
        for medicine in situation.known:
            if any(name in knowledge.persons.ages for name in medicine.ingredients):
                yield Unchecked(medicine.drug, _("the date of birth is not known"))
