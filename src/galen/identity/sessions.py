"""Recognising a person: from what a request claims to the actor of its context."""

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import event, select

from galen.core.actor import Actor, ActorKind
from galen.core.context import Context, SiteInfo
from galen.core.crypto import digest
from galen.core.errors import SignInNeeded, TimedOut
from galen.core.fast.session_memory import SessionMemory
from galen.core.services import Credentials
from galen.core.visibility import bypass_visibility
from galen.settings import settings

from .models import Account, Role, Session
from .roles import ROLES, permissions_of

KNOWN = """
SELECT s.id AS session, s.last_seen, s.ends, a.id, a.name, a.kind, a.patient_id, a.roles, a.language,
       p.id AS site, p.name AS place, p.zone
FROM session s JOIN account a ON a.id = s.account_id LEFT JOIN site p ON p.id = s.site_id
WHERE s.ended IS NULL AND a.active AND
"""
BY_TOKEN, BY_ID = KNOWN + "s.token = $1", KNOWN + "s.id = $1"
SEEN = "UPDATE session SET last_seen = $1 WHERE id = $2"
BREATH = timedelta(minutes=1)

MEMORY = SessionMemory()
"""What was known of the sessions of API clients a moment ago, for their reads alone (docs/decisions/0009)."""


async def identify(ctx: Context, claim: Credentials) -> None:
    """Make the person behind a valid session the actor; refuse an ended, idle or overdue one."""
    known = await known_of(ctx, claim)
    idle = timedelta(minutes=settings().session_idle_minutes)
    if known is None or known["ends"] <= ctx.now:
        raise SignInNeeded
    if claim.by == "cookie" and known["last_seen"] + idle <= ctx.now:
        raise TimedOut
    if ctx.now - known["last_seen"] > BREATH and not claim.unasked:
        await ctx.raw.execute(SEEN, ctx.now, known["session"])
    custom: dict[str, list[str]] = {}
    if own := [r for r in known["roles"] if r not in ROLES]:
        query = select(Role.name, Role.permissions).where(Role.name.in_(own))
        roles = await ctx.db.execute(bypass_visibility(query, "the actor is being recognised"))
        custom = {role.name: role.permissions for role in roles}
    person = known["id"], known["name"], known["kind"], tuple(known["roles"])
    who = *person, known["patient_id"], known["session"], known["language"]
    ctx.actor = (
        actor_of(*who) if not custom else replace(actor_of(*who), permissions=permissions_of(known["roles"], custom))
    )
    ctx.site = SiteInfo(known["site"], known["place"], known["zone"]) if known["site"] else None


async def known_of(ctx: Context, claim: Credentials) -> Any:
    """The session with its account, as the database has it; for a client's read, as it had it half a second ago."""
    if claim.by == "cookie":
        return await ctx.raw.fetchrow(BY_TOKEN, digest(claim.token))
    session = UUID(claim.token)
    if not ctx.read_only:
        return await ctx.raw.fetchrow(BY_ID, session)
    key = ctx.organization.slug, session
    known = MEMORY.recall(key)
    if known is None:
        known = await ctx.raw.fetchrow(BY_ID, session)
        MEMORY.keep(key, known)
    return known


@event.listens_for(Session, "after_update")
@event.listens_for(Account, "after_update")
def forget(*_: Any) -> None:
    """What this process changes, it knows at once."""
    MEMORY.forget()


@lru_cache(4096)
def actor_of(
    id: UUID, name: str, kind: ActorKind, roles: tuple[str, ...], patient_id: UUID | None, session: UUID, language: str
) -> Actor:
    """The same actor for the same answer of the database: what is derived from an actor is then found again."""
    return Actor(id, name, kind, permissions_of(list(roles)), roles, patient_id, session, language)
