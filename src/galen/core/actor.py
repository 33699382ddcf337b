"""Who acts: a person, the system itself, or nobody yet; and what they may do."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal
from uuid import UUID

ActorKind = Literal["staff", "patient", "system", "anonymous"]


@lru_cache(4096)
def grants(permissions: frozenset[str], permission: str) -> bool:
    """Whether a set of permissions, some with wildcards (`patient.*`), holds this one."""
    return permission in permissions or any(fnmatchcase(permission, p) for p in permissions if "*" in p)


@dataclass(frozen=True)
class Actor:
    """The person, or the system itself, on whose behalf something is done."""

    id: UUID
    name: str
    kind: ActorKind
    permissions: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()
    patient_id: UUID | None = None
    session_id: UUID | None = None
    language: str = ""  # their own choice; empty when none was made

    def may(self, permission: str) -> bool:
        return grants(self.permissions, permission)


SYSTEM = Actor(UUID(int=0), "Galen", "system", frozenset({"*"}))
NOBODY = Actor(UUID(int=1), "nobody", "anonymous", frozenset({"public.*"}))
