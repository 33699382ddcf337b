"""Signing in and out, and the tokens of clients (ID-1, ID-4)."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from joserfc import jwt
from sqlalchemy import func, or_, select

from galen.core.context import Context
from galen.core.crypto import digest
from galen.core.errors import Refusal
from galen.core.gate import requires
from galen.core.visibility import bypass_visibility
from galen.core.web.credentials import access_key
from galen.settings import settings

from ..models import Account, Attempt, Session, SessionKind
from ..passwords import DUMMY, matches
from ..schemas import RefreshDraft, SignInDraft, Tokens

FAILURES, LOCK = 5, timedelta(minutes=30)
PER_MINUTE = 20
NOBODY_YET = "nobody has signed in yet: a password, a token or a link says whose account it is"
ACCESS = timedelta(minutes=60)


class SignInFailed(Refusal):
    status, message, audited, keeps = 401, "User name and password do not match.", True, True


class AccountLocked(Refusal):
    status, audited, keeps = 429, True, True
    message = "After five failed tries this account is locked for 30 minutes. An administrator can unlock it."


class TooManyTries(Refusal):
    status, message = 429, "Too many tries from here. Please wait a minute."


class WrongPassword(Refusal):
    status, message, audited, keeps = 403, "That is not your password.", True, True


@dataclass(frozen=True)
class OpenedSession:
    """A new session and its token, which is shown this once."""

    session: Session
    token: str
    language: str


@requires("public.sign_in")
async def open_session(
    ctx: Context, draft: SignInDraft, kind: SessionKind = SessionKind.BROWSER, agent: str = ""
) -> OpenedSession:
    """Sign in with user name or e-mail and password; five failures lock the account for 30 minutes."""
    name = draft.username.casefold()
    mark = sha256(name.encode()).digest()
    await slow_down(ctx, mark)
    query = select(Account).where(or_(Account.username == name, Account.email == name), Account.active)
    account = await ctx.db.scalar(bypass_visibility(query.with_for_update(), NOBODY_YET))
    if account and account.locked(ctx.now):
        count_try(ctx, mark)
        raise AccountLocked(username=account.username)
    if not await matches(account.password if account else DUMMY, draft.password.get_secret_value()):
        count_try(ctx, mark)
        if account:
            account.failures += 1
            if account.failures >= FAILURES:
                account.failures, account.locked_until = 0, ctx.now + LOCK
        raise SignInFailed(username=name if account else "(unknown)")
    assert account is not None
    if account.unconfirmed:
        raise EmailNotConfirmed
    account.failures, account.locked_until = 0, None
    return begin(ctx, account, kind, agent)


class EmailNotConfirmed(Refusal):
    status, message = 403, "Please open the link in the message we sent you first; it confirms your e-mail address."


async def slow_down(ctx: Context, mark: bytes) -> None:
    """At most so many counted tries a minute, from one address or at one account.

    A sign-in that succeeds does not count: a whole clinic shares one address, and all of it signs in at eight."""
    since = ctx.now - timedelta(minutes=1)
    tried = select(func.count()).where(Attempt.at > since, or_(Attempt.origin == ctx.origin, Attempt.username == mark))
    if (await ctx.db.scalar(bypass_visibility(tried, NOBODY_YET)) or 0) >= PER_MINUTE:
        raise TooManyTries


def count_try(ctx: Context, mark: bytes) -> None:
    ctx.add(Attempt(at=ctx.now, username=mark, origin=ctx.origin))


def begin(ctx: Context, account: Account, kind: SessionKind, agent: str) -> OpenedSession:
    token = secrets.token_urlsafe(32)
    lasts = timedelta(hours=settings().session_hours) if kind is SessionKind.BROWSER else timedelta(days=30)
    session = Session(
        account_id=account.id,
        kind=kind,
        token=digest(token),
        site_id=account.site_id,
        started=ctx.now,
        last_seen=ctx.now,
        ends=ctx.now + lasts,
        origin=ctx.origin,
        agent=agent[:200],
    )
    return OpenedSession(ctx.add(session), token, account.language)


def tokens(ctx: Context, opened: OpenedSession) -> Tokens:
    claims = {"org": ctx.organization.slug, "sid": str(opened.session.id), "exp": int((ctx.now + ACCESS).timestamp())}
    access = jwt.encode({"alg": "HS256"}, claims, access_key())
    refresh = f"{ctx.organization.slug}.{opened.token}"
    return Tokens(access_token=access, refresh_token=refresh, expires_in=int(ACCESS.total_seconds()))


@requires("public.sign_in")
async def log_in(ctx: Context, draft: SignInDraft) -> Tokens:
    """Sign in as a client: an access token for 60 minutes and a refresh token that works once."""
    return tokens(ctx, await open_session(ctx, draft, SessionKind.CLIENT))


@requires("public.sign_in")
async def refresh(ctx: Context, draft: RefreshDraft) -> Tokens:
    """The next pair of tokens. A refresh token used twice ends the session: one of the two users is a thief."""
    _, _, token = draft.refresh_token.get_secret_value().partition(".")
    mark = digest(token)
    query = select(Session).where(or_(Session.token == mark, Session.previous == mark), Session.ended.is_(None))
    session = await ctx.db.scalar(bypass_visibility(query.with_for_update(), NOBODY_YET))
    if session is None or session.ends <= ctx.now:
        raise RefreshUseless
    if session.token != mark:
        session.ended = ctx.now
        raise RefreshUseless
    renewed = secrets.token_urlsafe(32)
    session.token, session.previous, session.last_seen = digest(renewed), mark, ctx.now
    return tokens(ctx, OpenedSession(session, renewed, ""))


class RefreshUseless(Refusal):
    status, message, audited, keeps = 401, "This refresh token is no longer valid. Please sign in again.", True, True


@requires("profile.use")
async def sign_out(ctx: Context) -> None:
    """End the session of this request."""
    if ctx.actor.session_id:
        session = await ctx.get(Session, ctx.actor.session_id, lock=True)
        session.ended = ctx.now


async def confirm_password(ctx: Context, password: str, field: str = "password") -> None:
    """Re-authentication at the moment of signing (21 CFR 11.200): the actor's own password, again."""
    account = await ctx.get(Account, ctx.actor.id)
    if account.locked(ctx.now):
        raise AccountLocked(username=account.username)
    if not await matches(account.password, password):
        account.failures += 1
        if account.failures >= FAILURES:
            account.failures, account.locked_until = 0, ctx.now + LOCK
        raise WrongPassword(username=account.username)
    if account.failures:
        account.failures = 0
