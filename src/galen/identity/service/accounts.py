"""Accounts of staff, and the organisation's own roles (ID-2, ID-3)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from galen import organizations
from galen.core.actor import grants
from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, NotFound
from galen.core.gate import requires
from galen.core.visibility import bypass_visibility
from galen.i18n import gettext as _
from galen.i18n import label
from galen.values import like

from ..models import Account, AccountKind, Role, Session
from ..passwords import hashed, refuse_weak
from ..roles import PERMISSIONS, ROLES, permissions_of
from ..schemas import AccountChange, AccountDraft, RoleDraft
from .signing import end
from .tries import lift_lock

MOST = 200  # accounts in one list


class UsernameTaken(Conflict):
    message, constraint = "This user name is taken.", "account_username_key"


class EmailTaken(Conflict):
    message, constraint = "There is already an account with this e-mail address.", "account_email_key"


class NoSuchAccount(NotFound):
    message = "Nobody here has the user name “{username}”."


class AccountClosed(Conflict):
    message = "The account “{username}” is closed. An administrator can open it again under Accounts."


class OwnAccount(Conflict):
    message = "Nobody closes their own account; ask another administrator."


class OwnRights(Conflict):
    message = "Nobody takes the right to change accounts from themselves; ask another administrator."


class RolesOfAnotherKind(Conflict):
    message = "A patient's account has the role patient alone, and an account of staff never has it."
    constraint = "account_roles_of_kind_check"


class RoleNameTaken(Conflict):
    message, constraint = "There is already a role with this name.", "role_name_key"


class RoleInUse(Conflict):
    message = "{count} account(s) have this role. Give them another one first."


@dataclass
class AccountSheet:
    """An account with what can be done and chosen; a new one has no record yet."""

    account: Account | None
    roles: list[str]
    sites: list[organizations.Site]
    sessions: list[Session]
    editable: bool = False
    closable: bool = False
    locked_until: datetime | None = None  # until when wrong passwords keep an open account shut

    @property
    def site_choices(self) -> list[tuple[UUID, str]]:
        return [(site.id, site.name) for site in self.sites]


@dataclass
class RoleSheet:
    """The seven built-in roles, the organisation's own, and the permissions that roles are made of."""

    own: list[Role]
    built_in: dict[str, list[str]]
    permissions: dict[str, str]
    editable: bool

    def words(self, permission: str) -> str:
        """What a permission allows; `stock.*` is everything of its kind."""
        if permission in self.permissions:
            return _(self.permissions[permission])
        return _("Everything of: %(area)s", area=label(permission.partition(".")[0]))


@requires("account.read")
async def accounts(ctx: Context, q: str = "", closed: bool = False) -> list[Account]:
    """Who may sign in, by name, staff before patients, two hundred at most; closed accounts only when asked for."""
    return await every_account(ctx, q, closed, MOST)


async def every_account(ctx: Context, q: str = "", closed: bool = False, most: int | None = None) -> list[Account]:
    """The same, all of them: patients may be very many."""
    query = select(Account).order_by(Account.kind != AccountKind.STAFF, Account.name).limit(most)
    if q.strip():
        holding = like.within(q.strip())
        query = query.where(
            or_(Account.name.ilike(holding), Account.username.ilike(holding), Account.email.ilike(holding))
        )
    return list(await ctx.db.scalars(query if closed else query.where(Account.active)))


@requires("account.read")
async def find_account(ctx: Context, account_id: UUID) -> Account:
    """One account."""
    return await ctx.get(Account, account_id)


async def account_named(ctx: Context, username: str) -> Account:
    """The account of this user name, or of this e-mail address, held."""
    name = username.casefold()
    query = select(Account).where(or_(Account.username == name, Account.email == name)).with_for_update()
    if (account := await ctx.db.scalar(query)) is None:
        raise NoSuchAccount(username=username)
    return account


def state_of(account: Account, now: datetime) -> str:
    """Whether somebody may sign in: open, locked (after five wrong passwords) or closed."""
    if not account.active:
        return "closed"
    return "locked" if account.locked(now) else "open"


async def unlock(ctx: Context, account: Account) -> None:
    """Lift the lock that wrong passwords left; a closed account stays closed."""
    if not account.active:
        raise AccountClosed(username=account.username)
    await lift_lock(ctx, account)


async def set_password(ctx: Context, account: Account, password: str) -> None:
    """A new password by the operator's hand: all sessions end, a lock is lifted."""
    refuse_weak(password, account.username, account.name)
    account.password = await hashed(password)
    await lift_lock(ctx, account)
    await end_sessions(ctx, account.id)


@requires("account.read")
async def account_sheet(ctx: Context, account_id: UUID) -> AccountSheet:
    """One account with its open sessions, and what can be chosen for it."""
    account = await find_account(ctx, account_id)
    query = select(Session).where(Session.account_id == account.id, Session.ended.is_(None), Session.ends > ctx.now)
    sheet = await sheet_of(ctx, account)
    sheet.sessions = list(await ctx.db.scalars(query.order_by(Session.last_seen.desc())))
    sheet.editable = account.is_staff and ctx.actor.may("account.write")
    sheet.closable = account.active and account.id != ctx.actor.id
    sheet.locked_until = account.locked_until if account.active and account.locked(ctx.now) else None
    return sheet


@requires("account.write")
async def new_account(ctx: Context) -> AccountSheet:
    """An empty form for a member of staff."""
    return await sheet_of(ctx, None)


async def sheet_of(ctx: Context, account: Account | None) -> AccountSheet:
    own = list(await ctx.db.scalars(select(Role.name).order_by(Role.name)))
    roles = [*(role for role in ROLES if role != "patient"), *own]
    return AccountSheet(account, roles, await organizations.sites(ctx), sessions=[])


@requires("account.write")
async def add_account(ctx: Context, draft: AccountDraft) -> Account:
    """Give a member of staff an account."""
    await refuse_unknown_roles(ctx, draft.roles)
    secret = draft.password.get_secret_value()
    refuse_weak(secret, draft.username, draft.name)
    if draft.site_id:
        await ctx.get(organizations.Site, draft.site_id)
    return ctx.add(draft.into(Account, password=await hashed(secret), kind=AccountKind.STAFF))


@requires("account.write")
async def edit_account(ctx: Context, account_id: UUID, draft: AccountChange) -> Account:
    """Change name, e-mail, roles or site. New roles end the account's sessions."""
    account = await ctx.get(Account, account_id, lock=True)
    if draft.site_id:
        await ctx.get(organizations.Site, draft.site_id)
    if draft.roles is not None and set(draft.roles) != set(account.roles):
        await refuse_unknown_roles(ctx, draft.roles, account.kind)
        if account.id == ctx.actor.id and not await allow(ctx, draft.roles, "account.write"):
            raise OwnRights
        await end_sessions(ctx, account.id)
    for name in draft.model_fields_set & {"name", "email", "roles", "site_id"}:
        if (value := getattr(draft, name)) is not None or name in ("email", "site_id"):
            setattr(account, name, value)
    return account


async def allow(ctx: Context, roles: list[str], permission: str) -> bool:
    own = {role.name: role.permissions for role in await ctx.db.scalars(select(Role).where(Role.name.in_(roles)))}
    return grants(permissions_of(roles, own), permission)


@requires("account.write")
async def close_account(ctx: Context, account_id: UUID) -> Account:
    """Close an account: it can no longer sign in, and its sessions end."""
    account = await ctx.get(Account, account_id, lock=True)
    if account.id == ctx.actor.id:
        raise OwnAccount
    account.active = False
    await end_sessions(ctx, account.id)
    return account


@requires("account.write")
async def reopen_account(ctx: Context, account_id: UUID) -> Account:
    """Open a closed account again, or unlock one that was locked."""
    account = await ctx.get(Account, account_id, lock=True)
    account.active = True
    await lift_lock(ctx, account)
    return account


@requires("account.write")
async def end_account_sessions(ctx: Context, account_id: UUID) -> Account:
    """Sign somebody out everywhere: a lost telephone, a till left open."""
    account = await ctx.get(Account, account_id, lock=True)
    await end_sessions(ctx, account.id)
    return account


async def end_sessions(ctx: Context, account_id: UUID, keep: UUID | None = None) -> None:
    running = select(Session).where(Session.account_id == account_id, Session.ended.is_(None))
    for session in await ctx.db.scalars(bypass_visibility(running, "all end, whoever ends them")):
        if session.id != keep:
            end(ctx, session)


async def refuse_unknown_roles(ctx: Context, roles: list[str], kind: AccountKind = AccountKind.STAFF) -> None:
    """Staff have roles of staff; a patient's account has the one role of patients, and keeps it."""
    if kind is AccountKind.PATIENT and roles != ["patient"]:
        raise Invalid("roles", _("A patient's account has no other role. Make an account of staff for their work."))
    if kind is AccountKind.STAFF and "patient" in roles:
        raise Invalid("roles", _("This is the role of patients, who register themselves. Choose roles of staff."))
    own = set(await ctx.db.scalars(select(Role.name)))
    for role in roles:
        if role not in ROLES and role not in own:
            known = ", ".join([*(name for name in ROLES if name != "patient"), *sorted(own)])
            raise Invalid("roles", _("There is no role “%(role)s”; known are %(known)s.", role=role, known=known))


@requires("account.read")
async def roles(ctx: Context) -> list[Role]:
    """The organisation's own roles; the seven built-in ones are beside them."""
    return list(await ctx.db.scalars(select(Role).order_by(Role.name)))


@requires("account.read")
async def role_sheet(ctx: Context) -> RoleSheet:
    """All roles, and what they may be made of."""
    built_in = {name: sorted(allowed) for name, allowed in ROLES.items()}
    return RoleSheet(await roles(ctx), built_in, PERMISSIONS, ctx.actor.may("account.write"))


@requires("account.write")
async def add_role(ctx: Context, draft: RoleDraft) -> Role:
    """Make a role from permissions."""
    if draft.name in ROLES:
        raise Invalid("name", _("This is the name of a built-in role."))
    refuse_unknown_permissions(draft.permissions)
    return ctx.add(draft.into(Role))


@requires("account.write")
async def edit_role(ctx: Context, role_id: UUID, draft: RoleDraft) -> Role:
    """Change what a role allows; it holds from the next request on. Its name stays as long as accounts have it."""
    role = await ctx.get(Role, role_id, lock=True)
    refuse_unknown_permissions(draft.permissions)
    if draft.name != role.name:
        if draft.name in ROLES:
            raise Invalid("name", _("This is the name of a built-in role."))
        await refuse_in_use(ctx, role)
    return draft.onto(role)


@requires("account.write")
async def remove_role(ctx: Context, role_id: UUID) -> Role:
    """Remove a role that nobody has."""
    role = await ctx.get(Role, role_id, lock=True)
    await refuse_in_use(ctx, role)
    await ctx.db.delete(role)
    return role


async def refuse_in_use(ctx: Context, role: Role) -> None:
    holders = list(await ctx.db.scalars(select(Account.id).where(Account.roles.contains([role.name]))))
    if holders:
        raise RoleInUse(count=len(holders))


def refuse_unknown_permissions(permissions: list[str]) -> None:
    if unknown := set(permissions) - set(PERMISSIONS):
        raise Invalid("permissions", _("Unknown: %(permissions)s.", permissions=", ".join(sorted(unknown))))
