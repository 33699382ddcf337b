"""Who it is for: age, body, kidneys, conditions; what nobody has measured or asked is None."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from galen.i18n import gettext as _
from galen.i18n import ngettext

from ..calculators import child_filtration, clearance, dosing_weight, egfr
from ..knowledge import Persons
from ..knowledge.persons import plain

STAGES = {"kidney-5": Decimal(14), "kidney-4": Decimal(29), "kidney-3": Decimal(59)}
PREGNANCY_DAYS = 300
# Below an age in months, a weight holds so many days: a month's growth is a tenth of an infant's weight, three months'
# of a child's of two years (WHO growth standards); a dose by weight is to be within a tenth.
WEIGHT_DAYS = ((2 * 12, 31), (12 * 12, 92))
_NOT = re.compile(
    r"\b(?:no|not|denies|without|family history of|fh of|negative for|excluded?|ruled out)\s+(?:\w+\s+){0,3}$"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A condition as it was written, with its code (ICD-10 or SNOMED CT) and how many days ago it began."""

    text: str
    code: str = ""
    days: int | None = None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """The body that medicines go into: kg, cm, µmol/L; how many days old weight and creatinine are."""

    months: int | None = None
    female: bool | None = None
    kg: Decimal | None = None
    kg_days: int = 0
    cm: Decimal | None = None
    creatinine: Decimal | None = None
    creatinine_days: int = 0
    conditions: tuple[Recorded, ...] = ()
    heaviest: Decimal | None = None  # kg: the most that a child of this age usually weighs
    doubted: tuple[str, ...] = ()  # measurements that nobody has confirmed: left out of the above, and said

    @property
    def years(self) -> int | None:
        return None if self.months is None else self.months // 12

    @property
    def adult(self) -> bool:
        return self.months is None or self.months >= 18 * 12

    @property
    def age(self) -> str:
        """As people say it: 3 months, 9 years."""
        months = self.months or 0
        if months < 24:
            return ngettext("%(num)s month", "%(num)s months", months)
        return ngettext("%(num)s year", "%(num)s years", months // 12)

    @property
    def weight_is_old(self) -> bool:
        """A child has outgrown it: no dose is reckoned with it."""
        months = self.months
        return months is not None and any(months < below and self.kg_days > days for below, days in WEIGHT_DAYS)

    @property
    def old_weight(self) -> str:
        """That it is old, in words; nothing while it holds."""
        if self.kg is None or not self.weight_is_old:
            return ""
        return ngettext(
            "the weight %(weight)s kg is %(num)s day old",
            "the weight %(weight)s kg is %(num)s days old",
            self.kg_days,
            weight=f"{self.kg.normalize():f}",
        )

    @property
    def to_measure(self) -> tuple[str, ...]:
        """What somebody should measure again before a dose is reckoned with it, in words."""
        return (*self.doubted, *filter(None, (self.old_weight,)))

    def may_bear(self, classes: frozenset[str]) -> bool:
        """A woman of childbearing age (12 to 55) of whom nothing says that she cannot be pregnant."""
        in_age = self.months is not None and 12 * 12 <= self.months < 56 * 12
        return self.female is True and in_age and not classes & {"not-pregnant", "pregnancy"}


class Filtration(NamedTuple):
    """How well the kidneys work, and from what that is known."""

    value: Decimal
    words: str


def filtration(person: PersonFacts, measure: str, classes: frozenset[str]) -> Filtration | None:
    """In the measure asked for where weight is known, else the other; a recorded stage where nothing was measured."""
    if person.creatinine is None or person.years is None or person.female is None:
        return next((_stage(name) for name in STAGES if name in classes), None)
    months = person.creatinine_days // 30 if person.creatinine_days > 365 else 0
    if not person.adult:
        if person.cm is None:
            return None
        return _egfr(child_filtration(person.creatinine, person.cm), months)
    if measure == "crcl" and person.kg is not None:
        weight = dosing_weight(person.kg, person.cm, person.female)
        return _crcl(clearance(person.creatinine, person.years, weight, person.female), months)
    return _egfr(egfr(person.creatinine, person.years, person.female), months)


def _egfr(value: Decimal, months: int) -> Filtration:
    """An estimate, and how many months ago where that is long."""
    about = {"value": round(value)}
    if not months:
        return Filtration(value, _("an eGFR of %(value)s mL/min/1.73 m²", **about))
    return Filtration(
        value,
        ngettext(
            "an eGFR of %(value)s mL/min/1.73 m², %(num)s month ago",
            "an eGFR of %(value)s mL/min/1.73 m², %(num)s months ago",
            months,
            **about,
        ),
    )


def _crcl(value: Decimal, months: int) -> Filtration:
    """A clearance, and how many months ago where that is long."""
    about = {"value": round(value)}
    if not months:
        return Filtration(value, _("a creatinine clearance of %(value)s mL/min", **about))
    return Filtration(
        value,
        ngettext(
            "a creatinine clearance of %(value)s mL/min, %(num)s month ago",
            "a creatinine clearance of %(value)s mL/min, %(num)s months ago",
            months,
            **about,
        ),
    )


def _stage(name: str) -> Filtration:
    words = _("the recorded chronic kidney disease (stage %(stage)s)", stage=name[-1])
    return Filtration(STAGES[name], words)


def conditions_of(person: PersonFacts, persons: Persons, unread: list[str]) -> dict[str, str]:
    """The classes of conditions that are recorded, each with the words of the record; what cannot be read is named."""
    found: dict[str, str] = {}
    for condition in person.conditions:
        try:
            names = _classes(condition.text, condition.code, persons)
        except (ValueError, TypeError, AttributeError):
            unread.append(_("the condition “%(condition)s”", condition=condition.text))
            continue
        for name in names:
            over = (
                name in ("pregnancy", "breastfeeding") and condition.days is not None and condition.days > _lasts(name)
            )
            if not over:
                found.setdefault(name, condition.text or persons.names[name].said)
    if "not-pregnant" in found and "pregnancy" in found:
        del found["not-pregnant"]  # what is the more dangerous to overlook stands
    return found


def _lasts(name: str) -> int:
    return PREGNANCY_DAYS if name == "pregnancy" else 2 * 365


@lru_cache(8192)
def _classes(text: str, code: str, persons: Persons) -> tuple[str, ...]:
    words, bare = plain(text), code.replace(".", "").upper()
    icd = bare[:1].isalpha()
    coded = [n for n, known in persons.names.items() if code in known.snomed or (icd and bare.startswith(known.icd))]
    said = [name for name, known in persons.names.items() if _means(known.words, words)]
    return tuple(dict.fromkeys(coded + said))


def _means(pattern: re.Pattern[str], words: str) -> bool:
    return any(not _NOT.search(words[: found.start()]) for found in pattern.finditer(words))


# What is recorded more exactly leaves the general class unsaid.
MORE_EXACT = {"liver-severe": "liver", "glaucoma-closed": "glaucoma"}


@dataclass(frozen=True)
class Body:
    """The person, with what their conditions mean; reckoned once for a check."""

    person: PersonFacts
    conditions: Mapping[str, str]
    unread: tuple[str, ...] = ()

    @cached_property
    def classes(self) -> frozenset[str]:
        return frozenset(self.conditions)

    @cached_property
    def egfr(self) -> Filtration | None:
        return filtration(self.person, "egfr", self.classes)

    @cached_property
    def crcl(self) -> Filtration | None:
        return filtration(self.person, "crcl", self.classes)


def body_of(person: PersonFacts | None, persons: Persons) -> Body | None:
    """Nothing where no patient was named: then nothing about a person is checked."""
    if person is None:
        return None
    unread: list[str] = []
    found = conditions_of(person, persons, unread)
    for exact, general in MORE_EXACT.items():
        if exact in found:
            found.pop(general, None)
    return Body(person, found, tuple(unread))
