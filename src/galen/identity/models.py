"""Accounts, the organisation's own roles, sign-ins, and the links that prove an address."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.actor import Actor
from galen.core.record import Record, check, ref
from galen.i18n import gettext as _


class AccountKind(Enum):
    STAFF = "staff"
    PATIENT = "patient"


class Account(Record):
    """Someone who may sign in. `patient_id` ties a patient's account to the record that is theirs."""

    redacted = frozenset({"password"})
    __table_args__ = (
        check(
            "CASE kind WHEN 'patient' THEN roles = '{patient}' ELSE NOT 'patient' = ANY (roles) END", "roles_of_kind"
        ),
        check("patient_id IS NULL OR kind = 'patient'", "record_of_kind"),
    )

    username: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[AccountKind] = mapped_column(default=AccountKind.STAFF)
    patient_id: Mapped[UUID | None] = mapped_column(index=True)
    roles: Mapped[list[str]] = mapped_column(default=list)
    site_id: Mapped[UUID | None] = ref("site", nullable=True)
    password: Mapped[str]
    language: Mapped[str] = mapped_column(default="")  # none chosen: as the browser asks
    email_confirmed: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    locked_until: Mapped[datetime | None]  # so long some device or network that guessed is shut out

    @property
    def is_staff(self) -> bool:
        return self.kind is AccountKind.STAFF

    @property
    def unconfirmed(self) -> bool:
        """Whether a patient has yet to prove that the address is theirs."""
        return self.kind is AccountKind.PATIENT and not self.email_confirmed

    def locked(self, now: datetime) -> bool:
        """Whether wrong passwords keep somebody from it at this moment: not those who have signed in to it before."""
        return self.locked_until is not None and self.locked_until > now

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.kind in ("staff", "system") else cls.id == actor.id


class Role(Record):
    """A role of the organisation's own making."""

    open_to = "staff"

    name: Mapped[str] = mapped_column(unique=True)
    permissions: Mapped[list[str]] = mapped_column(default=list)


class SessionKind(Enum):
    BROWSER = "browser"
    CLIENT = "client"


class Session(Record):
    """A sign-in that can be seen and ended. Tokens are stored as digests only."""

    account_id: Mapped[UUID] = ref("account")
    kind: Mapped[SessionKind] = mapped_column(default=SessionKind.BROWSER)
    token: Mapped[bytes] = mapped_column(BYTEA, unique=True)
    previous: Mapped[bytes | None] = mapped_column(BYTEA)
    site_id: Mapped[UUID | None] = ref("site", nullable=True)
    started: Mapped[datetime]
    last_seen: Mapped[datetime]
    ends: Mapped[datetime]
    ended: Mapped[datetime | None]
    origin: Mapped[str]
    agent: Mapped[str]
    known_by: Mapped[bytes | None] = mapped_column(BYTEA)  # a digest of the cookie that tells this browser

    @property
    def device(self) -> str:
        return _("A browser") if self.kind is SessionKind.BROWSER else _("A program")

    @property
    def icon(self) -> str:
        return "device-desktop" if self.kind is SessionKind.BROWSER else "plug"

    @property
    def whence(self) -> str:
        """What is signed in, and from which address."""
        origin = self.origin or _("here")
        if self.kind is SessionKind.BROWSER:
            return _("A browser from %(origin)s", origin=origin)
        return _("A program from %(origin)s", origin=origin)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        if actor.kind == "patient":
            return cls.account_id == actor.id
        return false() if actor.kind == "anonymous" else true()


class Attempt(Record):
    """A try that failed, or a link asked for, with the device or network it came from; kept to slow down guessing."""

    audited, open_to = False, "staff"

    at: Mapped[datetime] = mapped_column(index=True)
    username: Mapped[bytes] = mapped_column(BYTEA, index=True)
    origin: Mapped[str] = mapped_column(index=True)


class OneTimeLink(Record):
    """A link that proves an e-mail address: to confirm it, or to set a new password. Works once."""

    audited, open_to = False, "staff"

    account_id: Mapped[UUID] = ref("account")
    purpose: Mapped[str]
    token: Mapped[bytes] = mapped_column(BYTEA, unique=True)
    ends: Mapped[datetime]
    used: Mapped[datetime | None]
