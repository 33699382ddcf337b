"""A fact that makes a rule fail keeps nothing else from being checked: it is set aside and named."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

from galen.i18n import gettext as _
from galen.logs import log

from ..knowledge import Knowledge
from .words import BROKEN, Situation

T = TypeVar("T")
Rule = Callable[[Situation, Knowledge], Iterable[T]]


class Told(NamedTuple, Generic[T]):
    """What a rule says, and the names of what it could not look at."""

    told: list[T]
    failed: tuple[str, ...] = ()


def spared(rule: Rule[T], situation: Situation, knowledge: Knowledge) -> Told[T]:
    """Everything a rule says; where it fails, what it says without the medicines and allergies at which it fails."""
    try:
        return Told([*rule(situation, knowledge)])
    except BROKEN as error:
        log.error("safety rule failed", rule=rule.__module__, error=type(error).__name__)
    sound = [m for m in situation.known if _holds(rule, replace(situation, known=(m,), allergies=()), knowledge)]
    meant = [a for a in situation.allergies if _holds(rule, replace(situation, allergies=(a,)), knowledge, sound)]
    names = [m.drug.name for m in situation.known if m not in sound]
    names += [a.allergy.substance for a in situation.allergies if a not in meant]
    try:
        rest = replace(situation, known=tuple(sound), allergies=tuple(meant))
        return Told([*rule(rest, knowledge)], tuple(dict.fromkeys(names)))
    except BROKEN:
        return Told([], tuple(dict.fromkeys(names)) or (_("all medicines"),))


def _holds(rule: Rule[T], situation: Situation, knowledge: Knowledge, known: Iterable[object] | None = None) -> bool:
    """Whether a rule comes to an end."""
    try:
        [*rule(situation if known is None else replace(situation, known=tuple(known)), knowledge)]  # type: ignore[arg-type]
    except BROKEN:
        return False
    return True
