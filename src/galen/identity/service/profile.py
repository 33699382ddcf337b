"""One's own account: password, site, sessions."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from galen import i18n, organizations
from galen.core.context import Context
from galen.core.errors import Invalid, NotFound
from galen.core.gate import requires
from galen.i18n import gettext as _

from ..models import Account, Session
from ..passwords import hashed, refuse_weak
from ..schemas import LanguageChoice, PasswordDraft, SiteChoice
from .accounts import end_sessions
from .signing import confirm_password, end


@dataclass
class OwnProfile:
    """Who is signed in, where they may work and do, and from where they are signed in."""

    account: Account
    sites: list[organizations.Site]
    sessions: list[Session]
    here: UUID | None  # the session that looks
    works_at: UUID | None
    password_changed: bool


@requires("profile.use")
async def own_account(ctx: Context) -> Account:
    """The signed-in person's own account."""
    return await ctx.get(Account, ctx.actor.id)


@requires("profile.use")
async def profile(ctx: Context, said: str = "") -> OwnProfile:
    """The page of one's own account."""
    places = await organizations.sites(ctx) if ctx.actor.may("organization.read") else []
    return OwnProfile(
        account=await own_account(ctx),
        sites=places,
        sessions=await own_sessions(ctx),
        here=ctx.actor.session_id,
        works_at=ctx.site.id if ctx.site else None,
        password_changed=said == "password",
    )


@requires("profile.use")
async def own_sessions(ctx: Context) -> list[Session]:
    """Where this person is signed in."""
    query = select(Session).where(Session.account_id == ctx.actor.id, Session.ended.is_(None), Session.ends > ctx.now)
    return list(await ctx.db.scalars(query.order_by(Session.last_seen.desc())))


@requires("profile.use")
async def end_session(ctx: Context, session_id: UUID) -> None:
    """End one of one's own sessions."""
    session = await ctx.get(Session, session_id, lock=True)
    if session.account_id != ctx.actor.id:
        raise NotFound(thing=Session.thing())
    end(ctx, session)


@requires("profile.use")
async def change_password(ctx: Context, draft: PasswordDraft) -> Account:
    """A new password; every other session of this person ends."""
    account = await ctx.get(Account, ctx.actor.id, lock=True)
    await confirm_password(ctx, draft.old.get_secret_value(), "old")
    refuse_weak(draft.new.get_secret_value(), account.username, account.name, field="new")
    account.password = await hashed(draft.new.get_secret_value())
    await end_sessions(ctx, account.id, keep=ctx.actor.session_id)
    return account


@requires("profile.use")
async def choose_site(ctx: Context, draft: SiteChoice) -> Account:
    """Work at another site from now on."""
    place = await ctx.get(organizations.Site, draft.site_id)
    if place.closed:
        raise NotFound(thing="open site")
    account = await ctx.get(Account, ctx.actor.id, lock=True)
    account.site_id = place.id
    if ctx.actor.session_id:
        (await ctx.get(Session, ctx.actor.session_id, lock=True)).site_id = place.id
    return account


@requires("profile.use")
async def choose_language(ctx: Context, draft: LanguageChoice) -> Account:
    """Read in another language from now on; an empty one means as the browser asks."""
    if draft.language and not i18n.met(draft.language):
        raise Invalid("language", _("Choose one from the list."))
    account = await ctx.get(Account, ctx.actor.id, lock=True)
    account.language = draft.language
    return account
