"""Identity: accounts, roles, sessions, and the one place where a person is recognised."""

from .models import Account, AccountKind, Role, Session
from .roles import PERMISSIONS, ROLES, permissions_of
from .schemas import AccountDraft, AccountView, PasswordDraft, SignInDraft
from .service import add_account, close_account, edit_account, find_account, open_session, own_account
from .sessions import identify

__all__ = [
    "PERMISSIONS",
    "ROLES",
    "Account",
    "AccountDraft",
    "AccountKind",
    "AccountView",
    "PasswordDraft",
    "Role",
    "Session",
    "SignInDraft",
    "add_account",
    "close_account",
    "edit_account",
    "find_account",
    "identify",
    "open_session",
    "own_account",
    "permissions_of",
]
