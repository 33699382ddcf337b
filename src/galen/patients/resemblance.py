"""Whether two registrations look like one person: names, dates of birth and telephones, weighed."""

from __future__ import annotations

from dataclasses import dataclass, field

from jellyfish import damerau_levenshtein_distance, jaro_winkler_similarity

from galen.i18n import gettext as _
from galen.values.search_key import search_key, sounds_like

from .keys import words_of
from .rules import Birth


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two registrations look like one person, 0 to 100, and why."""

    score: int
    reasons: tuple[str, ...]

    @property
    def possible(self) -> bool:
        """Worth showing before a new record is made."""
        return self.score >= 50

    @property
    def probable(self) -> bool:
        """Worth asking for a reason before a new record is made."""
        return self.score >= 80


@dataclass(frozen=True, slots=True)
class Likely:
    """What a registration says of a person, as far as it bears on whether we know them."""

    given: str
    family: str
    born: Birth | None = None
    phones: frozenset[str] = field(default_factory=frozenset)
    others: tuple[str, ...] = ()  # names this person goes or went by beside these


def likeness(person: Likely, other: Likely) -> Likeness:
    """Name 45, date of birth 40, telephone 15; contradictions count against, so twins and shared phones stay apart."""
    parts = [*_names(person, other), *_births(person.born, other.born)]
    if person.phones & other.phones:
        parts.append((15, _("same telephone")))
    score = sum(points for points, reason in parts)
    return Likeness(max(0, min(100, score)), tuple(reason for points, reason in parts))


def _names(person: Likely, other: Likely) -> list[tuple[int, str]]:
    whole, other_whole = f"{person.given} {person.family}", f"{other.given} {other.family}"
    key, other_key = search_key(whole), search_key(other_whole)
    if key == other_key:
        return [(45, _("same name"))] if key else []
    if sorted(key.split()) == sorted(other_key.split()):
        return [(42, _("same name in another order"))]
    given, family = _near(person.given, other.given), _near(person.family, other.family)
    if given and family:
        return [(38, _("names written or sounding alike"))]
    if _within(person, other) or _within(other, person):
        return [(36, _("parts of the same name"))]
    if family:
        unlike = search_key(person.given) and search_key(other.given)
        return [(20, _("same or similar family name")), *([(-15, _("different given name"))] if unlike else [])]
    return [(15, _("same or similar given name"))] if given else []


def _within(person: Likely, other: Likely) -> bool:
    """Whether each word of a name, and two at least, is one of another's: Magda Calderstone, of three more names.

    Twins share a family name and no more, so Nell Quill is not within Mara Quill.
    """
    own = search_key(f"{person.given} {person.family}").split()
    theirs = words_of(other.given, other.family, *other.others)
    telling = [word for word in own if len(word) > 1 or word.isdigit()]
    return len(set(telling)) > 1 and all(any(_near(word, known) for known in theirs) for word in telling)


def _near(name: str, other: str) -> bool:
    key, other_key = search_key(name), search_key(other)
    if not key or not other_key:
        return False
    return sounds_like(key) == sounds_like(other_key) or jaro_winkler_similarity(key, other_key) >= 0.92


def _births(birth: Birth | None, other: Birth | None) -> list[tuple[int, str]]:
    if birth is None or other is None:
        return []
    if birth == other:
        return [(40, _("same date of birth")) if birth.exact else (30, _("same year or month of birth"))]
    if birth.latest >= other.earliest and other.latest >= birth.earliest:
        return [(25, _("dates of birth agree as far as known"))]
    if (
        birth.exact
        and other.exact
        and birth.year == other.year
        and (birth.month, birth.day) == (other.day, other.month)
    ):
        return [(30, _("day and month of birth exchanged"))]
    if birth.exact and other.exact and damerau_levenshtein_distance(str(birth), str(other)) == 1:
        return [(25, _("dates of birth differ by one slip"))]
    return [(-25, _("different date of birth"))]
