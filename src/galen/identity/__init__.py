"""Identity: accounts, roles, sessions, and the one place where a person is recognised."""

from .models import Account, AccountKind, Role, Session
from .roles import PERMISSIONS, ROLES, permissions_of
from .schemas import AccountDraft, AccountView, OwnPassword, PasswordDraft, RegistrationDraft, SignInDraft
from .service import (
    account_named,
    accounts,
    add_account,
    close_account,
    confirm_password,
    edit_account,
    find_account,
    hash_ahead,
    language_for,
    open_portal_account,
    open_session,
    own_account,
    set_password,
    state_of,
    tie_account,
    unlock,
    untie_account,
)
from .sessions import identify

__all__ = [
    "PERMISSIONS",
    "ROLES",
    "Account",
    "AccountDraft",
    "AccountKind",
    "AccountView",
    "OwnPassword",
    "PasswordDraft",
    "RegistrationDraft",
    "Role",
    "Session",
    "SignInDraft",
    "account_named",
    "accounts",
    "add_account",
    "close_account",
    "confirm_password",
    "edit_account",
    "find_account",
    "hash_ahead",
    "identify",
    "language_for",
    "open_portal_account",
    "open_session",
    "own_account",
    "permissions_of",
    "set_password",
    "state_of",
    "tie_account",
    "unlock",
    "untie_account",
]
