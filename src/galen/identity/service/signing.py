"""Signing in and out, and the tokens of clients (ID-1, ID-4)."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from uuid import UUID

from joserfc import jwt
from sqlalchemy import or_, select

from galen.core.context import Context
from galen.core.crypto import blind_index, digest
from galen.core.errors import Busy, Refusal
from galen.core.gate import requires
from galen.core.visibility import bypass_visibility
from galen.core.web.credentials import access_key
from galen.settings import settings
from galen.values.clock import CLOCK

from .. import passwords
from ..events import SessionEnded
from ..models import Account, Session, SessionKind
from ..passwords import matches
from ..schemas import RefreshDraft, SignInDraft, Tokens
from .tries import NOBODY_YET, budget_for, count_try, count_wrong, forget, mark_of, one_at_a_time, refuse_used_up

ACCESS = timedelta(minutes=60)


class SignInFailed(Refusal):
    status, message, audited, keeps = 401, "User name and password do not match.", True, True


class WrongPassword(Refusal):
    status, message, audited, keeps = 403, "That is not your password.", True, True


class ClocksDiffer(Busy):
    message = (
        "The clocks of this server and of its database differ by {seconds} seconds, so nobody knows the time of a "
        "signature. Nothing was signed; all else goes on. Please tell your administrator: one of them is wrong."
    )


@dataclass(frozen=True)
class OpenedSession:
    """A new session and its token, which is shown this once."""

    session: Session
    token: str
    language: str


@requires("public.sign_in")
async def open_session(
    ctx: Context,
    draft: SignInDraft,
    kind: SessionKind = SessionKind.BROWSER,
    agent: str = "",
    device: bytes | None = None,
) -> OpenedSession:
    """Sign in with user name or e-mail and password; five wrong tries shut out the place they came from (tries.py)."""
    name, password = draft.username.casefold(), draft.password.get_secret_value()
    mark = mark_of(name)
    await one_at_a_time(ctx, mark)
    budget = await budget_for(ctx.raw, ctx.now, name, ctx.origin, device)
    if not await matches(budget.password or passwords.DUMMY, password):
        count_wrong(ctx, mark, budget)
        raise SignInFailed(username=name if budget.password else "(unknown)")
    query = select(Account).where(or_(Account.username == name, Account.email == name), Account.active)
    account = (await ctx.db.scalars(bypass_visibility(query.order_by(Account.id).limit(1), NOBODY_YET))).one()
    if account.unconfirmed:
        raise EmailNotConfirmed
    await forget(ctx, mark, budget.place)
    return begin(ctx, account, kind, agent, device)


class EmailNotConfirmed(Refusal):
    status, message = 403, "Please open the link in the message we sent you first; it confirms your e-mail address."


def begin(ctx: Context, account: Account, kind: SessionKind, agent: str, device: bytes | None = None) -> OpenedSession:
    lasts = timedelta(hours=settings().session_hours) if kind is SessionKind.BROWSER else timedelta(days=30)
    session = Session(
        account_id=account.id,
        kind=kind,
        token=b"",
        site_id=account.site_id,
        started=ctx.now,
        last_seen=ctx.now,
        ends=ctx.now + lasts,
        origin=ctx.origin,
        agent=agent[:200],
        known_by=device,
    )
    token = refresh_token(session) if kind is SessionKind.CLIENT else secrets.token_urlsafe(32)
    session.token = digest(token)
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
    """The next pair of tokens. One that was used before ends the session: one of its two users is a thief."""
    _, _, token = draft.refresh_token.get_secret_value().partition(".")
    mark = digest(token)
    same = or_(Session.token == mark, Session.previous == mark, Session.id == session_of(token))
    query = select(Session).where(same, Session.ended.is_(None))
    session = await ctx.db.scalar(bypass_visibility(query.with_for_update(), NOBODY_YET))
    if session is None or session.ends <= ctx.now:
        raise RefreshUseless
    if session.token != mark:
        end(ctx, session)
        raise RefreshUseless
    renewed = refresh_token(session)
    session.token, session.previous, session.last_seen = digest(renewed), mark, ctx.now
    return tokens(ctx, OpenedSession(session, renewed, ""))


def refresh_token(session: Session) -> str:
    """Random, and with a seal of ours, so that one of any age is known again without being kept."""
    said = f"{session.id.hex}.{secrets.token_urlsafe(32)}"
    return f"{said}.{blind_index(said, 'refresh token').hex()}"


def session_of(token: str) -> UUID | None:
    """Whose token this is or was, when we made it."""
    said, _, seal = token.rpartition(".")
    ours = compare_digest(seal.encode(), blind_index(said, "refresh token").hex().encode())
    return UUID(said.partition(".")[0]) if ours else None


class RefreshUseless(Refusal):
    status, message, audited, keeps = 401, "This refresh token is no longer valid. Please sign in again.", True, True


@requires("profile.use")
async def sign_out(ctx: Context) -> None:
    """End the session of this request."""
    if ctx.actor.session_id:
        end(ctx, await ctx.get(Session, ctx.actor.session_id, lock=True))


def end(ctx: Context, session: Session) -> None:
    """It opens nothing any more, and what is open by it closes."""
    session.ended = session.ended or ctx.now
    ctx.emit(SessionEnded(session.id))


def refuse_doubtful_time() -> None:
    """Before something is signed: the database's time counts, unless another clock says that it may be wrong."""
    if abs(CLOCK.skew) > timedelta(seconds=settings().skew_seconds):
        raise ClocksDiffer(seconds=round(abs(CLOCK.skew.total_seconds())))


async def confirm_password(ctx: Context, password: str, field: str = "password") -> None:
    """Re-authentication at the moment of signing (21 CFR 11.200): the actor's own password, again."""
    account = await ctx.get(Account, ctx.actor.id)
    mark = mark_of(str(ctx.actor.session_id or ctx.actor.id), "signing ")
    await refuse_used_up(ctx, mark)
    if not await matches(account.password, password):
        count_try(ctx, mark, "")
        raise WrongPassword(username=account.username)
    await forget(ctx, mark)
