"""What harms a child before birth, or through milk."""

from collections.abc import Iterator

from galen.i18n import gettext as _

from ..knowledge import Knowledge, Rule
from .person import Body
from .persons import told


def about_pregnancy(name: str, body: Body, knowledge: Knowledge) -> Iterator[tuple[Rule, str, str]]:
    """Aloud in a recorded pregnancy; a question where one is possible."""
    for rule, possible in knowledge.persons.pregnancy.get(name, ()):
        if "pregnancy" in body.classes:
            yield rule, _("the recorded pregnancy"), "recorded"
        elif possible and body.person.may_bear(body.classes):
            age = body.person.age
            yield possible, _("the age of %(age)s: nothing says that a pregnancy is excluded", age=age), ""


def about_lactation(name: str, body: Body, knowledge: Knowledge) -> Iterator[tuple[Rule, str, str]]:
    if "breastfeeding" in body.classes:
        for rule in knowledge.persons.lactation.get(name, ()):
            yield rule, _("breastfeeding"), ""


pregnancy = told(about_pregnancy)
lactation = told(about_lactation)
