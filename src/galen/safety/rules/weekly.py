"""Low-dose methotrexate by mouth is taken once a week; taken daily it kills (ISMP)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from galen.i18n import N_
from galen.values.search_key import search_key

from ..knowledge import Knowledge, Rule, RuleKind, Severity
from .words import RuleAlert, Situation, alert

DAILY = Rule(
    id="methotrexate-not-weekly",
    kind=RuleKind.DIRECTIONS,
    severity=Severity.CONTRAINDICATED,
    sides=(),
    mechanism=N_("Methotrexate accumulates in marrow and gut."),
    effect=N_("Marrow failure and death."),
    management=N_("Write one named day of the week, unless this is a cancer protocol."),
    source="ISMP Targeted Medication Safety Best Practices",
    harm="directions",
)
UNCLEAR = replace(
    DAILY,
    id="methotrexate-unclear",
    severity=Severity.MAJOR,
    management=N_("Make sure the directions name one day of the week."),
)


def weekly(situation: Situation, knowledge: Knowledge) -> Iterator[RuleAlert]:
    """Methotrexate by mouth whose directions do not clearly say once a week."""
    for medicine in situation.known:
        if (
            "methotrexate" in medicine.ingredients
            and medicine.drug.route == "oral"
            and medicine.drug.weekly is not True
        ):
            yield alert(
                DAILY if medicine.drug.weekly is False else UNCLEAR, (medicine.drug,), {"methotrexate"}, knowledge
            )


_OFTENER = re.compile(
    r"\b(daily|nightly|qd|od|bd|bid|tds|tid|qid|mane|nocte|(every|each|a|per) (day|morning|evening|night)|"
    r"(twice|\d+ ?x|(two|three|four|five|six|seven|\d+) times|[2-9] days) (a|per|each|every)? ?week(ly)?)\b"
)
_UNSURE = re.compile(
    r"\b(\w*hour\w*|hrs?|h|q?\d+h|days?|mornings?|evenings?|nights?|alternate|other|"
    r"start\w*|from|until|(for|in) (a|one|1) week|(\d+|two|three|four|five|six|seven|eight|nine|ten|x) weekly)\b"
)
_COURSE = re.compile(r"\bfor (up to )?\d+ (day|week|month)s?\b")  # how long it is taken says nothing of how often
_WEEKDAY = re.compile(r"\b(?:on|every|each) ((?:mon|tues|wednes|thurs|fri|satur|sun)day)s?\b")
_ANY_DAY = re.compile(r"\b((?:mon|tues|wednes|thurs|fri|satur|sun)day)s?\b")
_WEEKLY = re.compile(r"\b(weekly|once (a|per|each|every) week|(every|each) week)\b")


@lru_cache(4096)
def says_weekly(directions: str) -> bool | None:
    """Whether plain directions mean once a week: True, False (more often), or None whenever it is not certain."""
    text = _COURSE.sub(" ", search_key(directions))
    if _OFTENER.search(text) or len(set(_ANY_DAY.findall(text))) > 1:
        return False
    if _UNSURE.search(text):
        return None
    return True if _WEEKLY.search(text) or _WEEKDAY.search(text) else None
