"""What harms a child before birth, or through milk."""

from collections.abc import Iterator

from ..knowledge import Knowledge, Rule
from .person import Body
from .persons import told


def about_pregnancy(name: str, body: Body, knowledge: Knowledge) -> Iterator[tuple[Rule, str]]:
    """Aloud in a recorded pregnancy; a question where one is possible."""
    for rule, possible in knowledge.persons.pregnancy.get(name, ()):
        if "pregnancy" in body.classes:
            yield rule, "the recorded pregnancy"
        elif possible and body.person.may_bear(body.classes):
            yield possible, f"the age of {body.person.age}: nothing says that a pregnancy is excluded"


def about_lactation(name: str, body: Body, knowledge: Knowledge) -> Iterator[tuple[Rule, str]]:
    if "breastfeeding" in body.classes:
        for rule in knowledge.persons.lactation.get(name, ()):
            yield rule, "breastfeeding"


pregnancy = told(about_pregnancy)
lactation = told(about_lactation)
