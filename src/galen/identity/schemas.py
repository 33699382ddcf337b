"""What is filled in and shown of accounts, roles and sign-ins."""

import re
from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr

from galen.core.schemas import Draft, RecordView, View
from galen.i18n import gettext as _

from .models import AccountKind, SessionKind
from .roles import PERMISSIONS


def plausible_email(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost", text):
        raise ValueError(_("This is not an e-mail address."))
    return text.lower()


Email = Annotated[str, Field(max_length=254), AfterValidator(plausible_email)]
RoleNames = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)]


def plain_name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9._-]{1,39}", text):
        raise ValueError(_("A user name has 2 to 40 small letters, digits, dots, hyphens; it begins with a letter."))
    return text


Username = Annotated[str, AfterValidator(plain_name)]


class PasswordUse(Enum):
    """What is done with a password of a draft, before a connection to the database is taken (service/ahead.py)."""

    SIGN_IN = "whoever signs in"
    OWN = "one's own, written again"
    NEW = "a new one"


SignInPassword = Annotated[SecretStr, PasswordUse.SIGN_IN]
OwnPassword = Annotated[SecretStr, PasswordUse.OWN]
NewPassword = Annotated[SecretStr, PasswordUse.NEW]


class SignInDraft(Draft):
    username: str = Field(min_length=1, description="User name or e-mail address")
    password: SignInPassword
    organization: str = ""


class RefreshDraft(Draft):
    refresh_token: SecretStr


class Tokens(View):
    """What a client gets: an access token for an hour, and a refresh token to use once for the next pair."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 the name of a scheme
    expires_in: int


class AccountDraft(Draft):
    username: Username
    name: str = Field(min_length=1, max_length=120)
    email: Email | None = None
    roles: RoleNames = Field(default_factory=list)
    password: NewPassword
    site_id: UUID | None = None


class AccountChange(Draft):
    name: str | None = Field(None, min_length=1, max_length=120)
    email: Email | None = None
    roles: RoleNames | None = None
    site_id: UUID | None = None


class RegistrationDraft(Draft):
    """A patient's own registration: the account works once the e-mail address is confirmed."""

    email: Email
    name: str = Field(min_length=1, max_length=120)
    password: NewPassword
    organization: str = ""


class PasswordDraft(Draft):
    old: OwnPassword
    new: NewPassword


class ResetRequest(Draft):
    email: Email
    organization: str = ""


class ResetDraft(Draft):
    token: str
    new: NewPassword
    organization: str = ""


class LinkDraft(Draft):
    token: str
    organization: str = ""


class Said(View):
    """One sentence that answers without telling who has an account."""

    detail: str


class SiteChoice(Draft):
    site_id: UUID


class LanguageChoice(Draft):
    language: str = Field("", max_length=20, description="Such as es or en-GB; empty: as the browser asks")


class RoleDraft(Draft):
    name: str = Field(pattern=r"^[a-z][a-z0-9 _-]{1,39}$")
    permissions: list[Annotated[str, Field(max_length=60)]] = Field(max_length=len(PERMISSIONS))


class RoleView(RecordView):
    name: str
    permissions: list[str]


class AccountView(RecordView):
    username: str
    email: str | None
    name: str
    kind: AccountKind
    patient_id: UUID | None
    roles: list[str]
    site_id: UUID | None
    language: str
    active: bool
    locked_until: datetime | None


class SessionView(RecordView):
    kind: SessionKind
    started: datetime
    last_seen: datetime
    ends: datetime
    origin: str
    agent: str
