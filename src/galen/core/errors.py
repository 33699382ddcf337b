"""Refusals: errors with a status, a stable code and one sentence a nurse understands."""

import re
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar

from galen import i18n


class Refusal(Exception):
    """Something that may not be done, said in words for the person who tried.

    `constraint` names the database constraint that says the same thing, so that the database's own refusal reads
    as this one. `audited` refusals leave a row in the audit log; what a verb did before a refusal that `keeps` is
    committed all the same (a failed sign-in is counted).
    """

    status: ClassVar[int] = 400
    message: ClassVar[str] = "That cannot be done."
    constraint: ClassVar[str] = ""
    audited: ClassVar[bool] = False
    keeps: ClassVar[bool] = False
    retry_after: ClassVar[int] = 0  # seconds, where the same may be tried again

    by_constraint: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init__(self, **about: Any) -> None:
        super().__init__()
        self.about = about
        self.verb = ""
        self.given: dict[str, Any] = {}  # to the verb that refused, or that was refused

    def __str__(self) -> str:
        """The sentence in the language of whoever reads it now."""
        sentence = i18n.gettext(self.message)
        return (
            sentence.format(**{name: spoken(name, value) for name, value in self.about.items()})
            if self.about
            else sentence
        )

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        if cls.constraint:
            Refusal.by_constraint[cls.constraint] = cls

    @property
    def code(self) -> str:
        """Stable machine name: `SlotTaken` is `slot_taken`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


def spoken(name: str, value: Any) -> Any:
    """Names of records and states are words themselves, days are written out; the rest is said as it is."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return i18n.formats.day(value)
    return i18n.label(value) if name in i18n.SPOKEN or isinstance(value, Enum) else value


class SignInNeeded(Refusal):
    status, message = 401, "Please sign in."


class TimedOut(SignInNeeded):
    message = "You were signed out after a while without use. Please sign in again."


class Forbidden(Refusal):
    status, message, audited = 403, "Your role does not allow this.", True


class NotFound(Refusal):
    status, message, audited = 404, "There is no such {thing} here.", True


class Conflict(Refusal):
    status, message = 409, "The record is not in a state that allows this."


class Stale(Refusal):
    status, message = 412, "Someone else changed this {thing} meanwhile. Reload it and make your change again."


class Invalid(Refusal):
    """A value that cannot be accepted; `field` names where it stands in the draft."""

    status, message = 422, "{problem}"

    def __init__(self, field: str, problem: str, **about: Any) -> None:
        super().__init__(problem=problem, **about)
        self.field = field

    def __str__(self) -> str:
        return str(self.about["problem"])  # said by whoever raised it


class Busy(Refusal):
    status, retry_after = 503, 1
    message = "Someone else is working on this at the moment. Nothing was changed; please try again."
