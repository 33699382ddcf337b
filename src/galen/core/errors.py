"""Refusals: errors with a status, a stable code and one sentence a nurse understands."""

import re
from typing import Any, ClassVar


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

    by_constraint: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init__(self, **about: Any) -> None:
        super().__init__(self.message.format(**about) if about else self.message)
        self.about = about

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        if cls.constraint:
            Refusal.by_constraint[cls.constraint] = cls

    @property
    def code(self) -> str:
        """Stable machine name: `SlotTaken` is `slot_taken`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


class SignInNeeded(Refusal):
    status, message = 401, "Please sign in."


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


class Busy(Refusal):
    status, message = 503, "Someone else is working on this at the moment. Nothing was changed; please try again."
