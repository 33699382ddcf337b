"""The words of the knowledge: how bad, about what, one rule, one substance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How bad it may become; the members stand from the worst to the least. Unknown: somebody lists it ungraded."""

    CONTRAINDICATED = "contraindicated"
    MAJOR = "major"
    MODERATE = "moderate"
    MINOR = "minor"
    UNKNOWN = "unknown"


RANK = {severity: place for place, severity in enumerate(Severity)}


class RuleKind(StrEnum):
    """What an alert is about."""

    INTERACTION = "interaction"
    ALLERGY = "allergy"
    DUPLICATE = "duplicate"
    DIRECTIONS = "directions"
    DOSE = "dose"
    KIDNEY = "kidney"
    PREGNANCY = "pregnancy"
    LACTATION = "lactation"
    CONDITION = "condition"
    AGE = "age"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One thing known: which sides must meet, what happens then, and who says so.

    Of the rules about one pair with the same `harm` one speaks: one that `settles` the matter, else the worst.
    Its texts are messages in English: an alert says them in the reader's language, `values` filled in.
    """

    id: str
    kind: RuleKind
    severity: Severity
    sides: tuple[frozenset[str], ...]
    mechanism: str
    effect: str
    management: str
    source: str
    harm: str
    alternatives: tuple[str, ...] = ()
    any_route: bool = False
    settles: bool = False
    ask: str = ""  # what to ask before doing what `management` says
    values: Mapping[str, str] = field(default_factory=dict)  # what the texts name


Pair = tuple[str, str]


class Imported(NamedTuple):
    """One graded pair of another source's table; texts are empty where the source has none."""

    a: str
    b: str
    severity: Severity
    source: str
    mechanism: str = ""
    effect: str = ""
    management: str = ""


@dataclass(frozen=True, slots=True)
class KnownSubstance:
    """What a recorded name means: ingredients, classes, other substances; `complete` when every risk of it is known.

    `label` is the name to show for all that mean the same; without one, the ingredients' names are shown.
    """

    ingredients: frozenset[str]
    classes: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    complete: bool = True
    label: str = field(default="", compare=False)

    @property
    def said(self) -> str:
        """What it is, in words."""
        return self.label or " + ".join(sorted(self.ingredients or self.others))
