"""The words of a check: what is asked about, what is known of the patient, and what an alert says. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from galen.i18n import gettext as _
from galen.values.search_key import search_key

from ..knowledge import RANK, Knowledge, KnownSubstance, Rule, RuleKind, Severity
from .dosing import Dosing
from .person import Body, PersonFacts

BROKEN = (ValueError, ArithmeticError, TypeError, LookupError, AttributeError)
"""How a fact fails that nobody can read; an overflow is an arithmetic error."""


class Tier(StrEnum):
    """How loudly an alert speaks: stops the work until answered, is shown beside the line, or is listed on request."""

    INTERRUPTS = "interrupts"
    SHOWS = "shows"
    LISTED = "listed"


TIER = {
    Severity.CONTRAINDICATED: Tier.INTERRUPTS,
    Severity.MAJOR: Tier.INTERRUPTS,
    Severity.MODERATE: Tier.SHOWS,
    Severity.MINOR: Tier.LISTED,
    Severity.UNKNOWN: Tier.LISTED,
}
MILDER = {
    Severity.CONTRAINDICATED: Severity.MODERATE,
    Severity.MAJOR: Severity.MODERATE,
    Severity.MODERATE: Severity.MINOR,
    Severity.MINOR: Severity.MINOR,
    Severity.UNKNOWN: Severity.UNKNOWN,
}
# Little reaches the blood by these routes; nose and lung count as systemic, to be safe.
LOCAL_ROUTES = frozenset({"topical", "ophthalmic", "otic", "vaginal", "intrauterine"})


@dataclass(frozen=True, slots=True)
class RegimenDrug:
    """One medicine of a regimen. `ref` is the caller's own key (a line's id); `weekly` is None when not understood.

    `dosing` is None where no dose was asked about (what is taken already, or only named).
    """

    name: str
    ingredients: tuple[str, ...]
    route: str = "oral"
    ref: str = ""
    weekly: bool | None = None
    dosing: Dosing | None = None


@dataclass(frozen=True, slots=True)
class RecordedAllergy:
    """A recorded substance as it was written; an intolerance (nausea, itch) warns more quietly than an allergy."""

    substance: str
    intolerance: bool = False
    reaction: str = ""
    recorded: str = ""  # when and by whom, in words

    @property
    def anaphylaxis(self) -> bool:
        """The reaction that may kill in minutes."""
        return _ANAPHYLAXIS.search(search_key(self.reaction)) is not None

    @property
    def history(self) -> str:
        """What happened then: anaphylaxis to penicillins, recorded 2019 by Nora Quist."""
        said = _("%(reaction)s to %(allergy)s", reaction=self.reaction, allergy=self.substance) if self.reaction else ""
        return ", ".join(filter(None, (said, self.recorded)))


_ANAPHYLAXIS = re.compile(r"\banaph[iy]la|\banafila")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of the patient. `allergies` is None when nobody has asked, and empty when there are none.

    `person` is None where no patient was named; `unread` names what is recorded and could not be read.
    """

    allergies: tuple[RecordedAllergy, ...] | None = None
    person: PersonFacts | None = None
    unread: tuple[str, ...] = ()


class KnownDrug(NamedTuple):
    """A medicine with those of its ingredients that the knowledge contains."""

    drug: RegimenDrug
    ingredients: frozenset[str]


class UnderstoodAllergy(NamedTuple):
    """A recorded allergy with what its words mean."""

    allergy: RecordedAllergy
    meanings: tuple[KnownSubstance, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """What every rule looks at: the medicines and allergies as far as they are understood, and the patient."""

    known: tuple[KnownDrug, ...]
    allergies: tuple[UnderstoodAllergy, ...]
    patient: Circumstances
    body: Body | None = None  # nothing where no patient was named


@dataclass(frozen=True, slots=True)
class RuleAlert:
    """One warning: what may happen, to which medicines, why, what to do, and who says so."""

    kind: RuleKind
    severity: Severity
    tier: Tier
    rule: str
    subjects: tuple[RegimenDrug, ...]
    ingredients: tuple[str, ...]
    allergy: str
    mechanism: str
    effect: str
    management: str
    source: str
    knowledge: str
    alternatives: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # who else grades this pair, and how
    fact: str = ""  # what in the patient or the dose it is about
    dose: str = ""  # another dose is another warning
    on: str = ""  # what else it depends on, whatever the language: another reaction is another warning
    history: str = ""  # the recorded reaction, when and by whom
    anaphylaxis: bool = False
    kept: str = ""  # the effect in English, as it is kept with an answer

    @property
    def key(self) -> str:
        """The same warning on another day: rule, ingredients, allergy or dose, and what else it depends on.

        Remembers what was overridden before; a long list of ingredients is kept as its digest.
        """
        names = "+".join(self.ingredients)
        if len(names) > LONGEST:
            names = f"{len(self.ingredients)} ingredients {sha256(names.encode()).hexdigest()[:16]}"
        about = search_key(self.allergy or self.dose)[:LONGEST]
        return ":".join((self.rule, names, about, *filter(None, (self.on,))))


class Unchecked(NamedTuple):
    """A medicine, and what about it could not be checked."""

    drug: RegimenDrug
    about: str


LONGEST = 120  # letters of one part of a key


def order(drug: RegimenDrug) -> tuple[str, ...]:
    """One order for any input, so that the order of input never matters."""
    return (drug.name, drug.ref, drug.route, str(drug.weekly), *drug.ingredients)


def shown(message: str, rule: Rule) -> str:
    """One text of a rule in the reader's language."""
    return _(message, **rule.values) if message else ""


def alert(
    rule: Rule,
    subjects: tuple[RegimenDrug, ...],
    names: Iterable[str],
    knowledge: Knowledge,
    allergy: str = "",
    also: Collection[Rule] = (),
    fact: str = "",
    dose: str = "",
    on: str = "",
) -> RuleAlert:
    """Say a rule about these medicines; listed only where one is used locally, unless the rule counts every route.

    What others say of the same pair (`also`) may raise the severity, and is named.
    """
    graded = sorted(also, key=lambda other: (other.source, RANK[other.severity])) if also else []
    severity = (
        min((rule.severity, *(other.severity for other in graded)), key=RANK.__getitem__) if graded else rule.severity
    )
    local = rule.kind in (RuleKind.INTERACTION, RuleKind.DUPLICATE) and not rule.any_route
    return RuleAlert(
        kind=rule.kind,
        severity=severity,
        tier=Tier.LISTED if local and any(drug.route in LOCAL_ROUTES for drug in subjects) else TIER[severity],
        rule=rule.id,
        subjects=tuple(sorted(subjects, key=order)),
        ingredients=tuple(sorted(names)),
        allergy=allergy,
        mechanism=shown(rule.mechanism, rule),
        effect=shown(rule.effect, rule),
        kept=rule.effect % rule.values if rule.values else rule.effect,
        management=" ".join(filter(None, (shown(rule.ask, rule), shown(rule.management, rule)))),
        source=rule.source,
        knowledge=knowledge.version,
        alternatives=rule.alternatives,
        also=tuple(f"{other.source}: {other.severity.value}" for other in graded),
        fact=fact,
        dose=dose,
        on=on,
    )
