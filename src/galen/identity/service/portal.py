"""Accounts of patients, and the links that prove an e-mail address (ID-3, ID-5)."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from galen import notifications, organizations
from galen.core.context import Context
from galen.core.crypto import digest
from galen.core.errors import Conflict, NotFound, Refusal
from galen.core.gate import requires
from galen.core.visibility import bypass_visibility
from galen.i18n import N_, Language, choose, current, speaking
from galen.i18n import gettext as _
from galen.settings import settings

from .. import letters
from ..events import ResetAsked
from ..models import Account, AccountKind, OneTimeLink
from ..passwords import hashed, refuse_weak
from ..schemas import LinkDraft, RegistrationDraft, ResetDraft, ResetRequest, Said
from .accounts import end_sessions
from .tries import NOBODY_YET, lift_lock, mark_of, one_at_a_time, slow_down

CONFIRM, RESET = "email-confirmation", "password-reset"
LASTS = {CONFIRM: timedelta(hours=24), RESET: timedelta(hours=1)}
HOUR, PER_BOX, IN_ALL = timedelta(hours=1), 5, 300  # letters that anybody can ask for
SENT = N_("If this address is known here, a message with a link is on its way. The link works once, for an hour.")
WELCOME = N_(
    "A message with a link is on its way to this address. Open it within a day to confirm that the address is yours."
)


class LinkUseless(Refusal):
    status, message, audited = 410, "This link was used already, or is too old. Ask for a new one.", True


class NoSuchPortalAccount(NotFound):
    message = (
        "There is no confirmed patient account with this address. The person registers and confirms the address first."
    )


class TiedElsewhere(Conflict):
    message = "This account sees another record. End that access first."


@dataclass
class Link:
    """A link that still works, and whose it is."""

    token: str
    name: str
    organization: str


@requires("public.sign_in")
async def front_door(ctx: Context) -> list[organizations.Organization]:
    """The organisations one can turn to without an account."""
    return list(await ctx.db.scalars(select(organizations.Organization).order_by(organizations.Organization.id)))


@requires("public.sign_in")
async def ask_reset(ctx: Context, draft: ResetRequest) -> Said:
    """Ask for a link to set a new password. The answer, and the work, are the same whether the address is known."""
    await slow_down(ctx, mark_of(draft.email, "reset "))
    ctx.emit(ResetAsked(mark_of(draft.email).hex(), current().tag))
    return Said(detail=_(SENT))


async def send_reset(ctx: Context, mark: bytes, language: str) -> None:
    """Where the address of this mark is that of an account: a link, in the language of whoever asked."""
    same = func.sha256(func.convert_to(Account.email, "UTF8")) == mark
    account = await ctx.db.scalar(select(Account).where(same, Account.active))
    if account:
        with speaking(reading(ctx, language)):
            await write_to(ctx, account, letters.RESET, await write_link(ctx, account, RESET))


@requires("public.sign_in")
async def register_user(ctx: Context, draft: RegistrationDraft) -> Said:
    """A patient registers: the account works once the address is confirmed, and sees a record once staff tied it."""
    mark = mark_of(draft.email, "register ")
    await one_at_a_time(ctx, mark)
    await slow_down(ctx, mark)
    secret = draft.password.get_secret_value()
    refuse_weak(secret, draft.email.partition("@")[0], draft.name)
    same = select(Account).where(or_(Account.email == draft.email, Account.username == draft.email))
    known = await ctx.db.scalar(bypass_visibility(same, NOBODY_YET))
    if known is None:
        account = await open_portal_account(ctx, draft)
        await write_to(ctx, account, letters.CONFIRM, await write_link(ctx, account, CONFIRM))
    else:
        await hashed(secret)  # takes as long
        await write_to(ctx, known, letters.KNOWN, f"{settings().address}/auth/password-reset")
    return Said(detail=_(WELCOME))


async def open_portal_account(ctx: Context, draft: RegistrationDraft, *, confirmed: bool = False) -> Account:
    """An account of kind patient. It sees no record until it is tied to one."""
    return ctx.add(
        Account(
            username=draft.email,
            email=draft.email,
            name=draft.name,
            kind=AccountKind.PATIENT,
            roles=["patient"],
            password=await hashed(draft.password.get_secret_value()),
            email_confirmed=confirmed,
            active=True,
        )
    )


async def write_link(ctx: Context, account: Account, purpose: str) -> str:
    """A new link; those sent before for the same purpose stop working."""
    for old in await open_links(ctx, account.id, purpose):
        old.used = ctx.now
    token = secrets.token_urlsafe(32)
    ctx.add(OneTimeLink(account_id=account.id, purpose=purpose, token=digest(token), ends=ctx.now + LASTS[purpose]))
    return f"{settings().address}/auth/{purpose}/{token}?organization={ctx.organization.slug}"


async def open_links(ctx: Context, account_id: UUID, purpose: str) -> list[OneTimeLink]:
    still = OneTimeLink.account_id == account_id, OneTimeLink.purpose == purpose, OneTimeLink.used.is_(None)
    return list(await ctx.db.scalars(bypass_visibility(select(OneTimeLink).where(*still), NOBODY_YET)))


async def write_to(ctx: Context, account: Account, letter: letters.Letter, link: str) -> None:
    """In the language that this account has chosen; where it has none, in that of whoever asks for the letter.

    Nobody's box is filled: beyond a few letters an hour, to one address or in all, nothing goes out.
    """
    if await notifications.sent_since(ctx, ctx.now - HOUR, "account", account.email or "") >= PER_BOX:
        return
    if await notifications.sent_since(ctx, ctx.now - HOUR, "account") >= IN_ALL:
        return
    chosen = reading(ctx, account.language) if account.language else current()
    with speaking(chosen):
        greeting = _("%(name)s,", name=account.name)
        await notifications.send(
            ctx,
            channel="email",
            to=account.email or "",
            subject=_(letter.subject),
            text=f"{greeting}\n{_(letter.text, link=link)}\n\n{ctx.organization.name}",
            about="account",
            account_id=account.id,
            private=True,
        )


async def language_for(ctx: Context, patient_id: UUID, spoken: str = "") -> Language:
    """In which language to write to a patient: the choice of their account, what they speak, the country's."""
    query = select(Account.language).where(Account.patient_id == patient_id, Account.active, Account.language != "")
    chosen = await ctx.db.scalar(query.limit(1))
    return reading(ctx, chosen or "", spoken)


def reading(ctx: Context, chosen: str, spoken: str = "") -> Language:
    """The first of these that Galen speaks, else the country's language, else English."""
    return choose(chosen, spoken, "", ctx.organization.country, settings().test_languages)


async def taken(ctx: Context, token: str, purpose: str) -> tuple[OneTimeLink, Account]:
    """The link behind a token and whose it is, both held; a used or overdue one is refused."""
    wanted = OneTimeLink.token == digest(token), OneTimeLink.purpose == purpose
    link = await ctx.db.scalar(bypass_visibility(select(OneTimeLink).where(*wanted).with_for_update(), NOBODY_YET))
    if link is None or link.used is not None or link.ends <= ctx.now:
        raise LinkUseless
    query = select(Account).where(Account.id == link.account_id, Account.active).with_for_update()
    account = await ctx.db.scalar(bypass_visibility(query, NOBODY_YET))
    if account is None:
        raise LinkUseless
    return link, account


@requires("public.sign_in")
async def open_reset(ctx: Context, token: str) -> Link:
    """The page behind a link for a new password. Looking at it does not use it up: mail programs look too."""
    account = (await taken(ctx, token, RESET))[1]
    return Link(token, account.name, ctx.organization.slug)


@requires("public.sign_in")
async def open_confirmation(ctx: Context, token: str) -> Link:
    """The page behind a link that confirms an address."""
    account = (await taken(ctx, token, CONFIRM))[1]
    return Link(token, account.name, ctx.organization.slug)


@requires("public.sign_in")
async def reset_password(ctx: Context, draft: ResetDraft) -> Said:
    """Choose a new password by a link. All sessions end, a lock is lifted, the address is proven."""
    link, account = await taken(ctx, draft.token, RESET)
    secret = draft.new.get_secret_value()
    refuse_weak(secret, account.username, account.name, field="new")
    link.used = ctx.now
    account.password = await hashed(secret)
    account.email_confirmed = True
    await lift_lock(ctx, account)
    await end_sessions(ctx, account.id)
    return Said(detail=_("Your new password holds. Please sign in with it."))


@requires("public.sign_in")
async def confirm_email(ctx: Context, draft: LinkDraft) -> Said:
    """The address is the person's own: the account works from now on."""
    link, account = await taken(ctx, draft.token, CONFIRM)
    link.used, account.email_confirmed = ctx.now, True
    return Said(detail=_("Your address is confirmed. You can sign in now."))


async def tie_account(ctx: Context, email: str, patient_id: UUID) -> Account:
    """Let a patient's confirmed account see one record."""
    wanted = (
        Account.email == email.lower(),
        Account.kind == AccountKind.PATIENT,
        Account.active,
        Account.email_confirmed,
    )
    account = await ctx.db.scalar(select(Account).where(*wanted).with_for_update())
    if account is None:
        raise NoSuchPortalAccount
    if account.patient_id not in (None, patient_id):
        raise TiedElsewhere
    account.patient_id = patient_id
    return account


async def untie_account(ctx: Context, account_id: UUID, patient_id: UUID) -> Account:
    """The account sees the record no longer."""
    account = await ctx.get(Account, account_id, lock=True)
    if account.patient_id != patient_id:
        raise NotFound(thing="access to this record")
    account.patient_id = None
    await end_sessions(ctx, account.id)
    return account
