"""Recognising a person: from what a request claims to the actor of its context."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Actor, Context, Place
from galen.core.crypto import digest
from galen.core.errors import SignInNeeded
from galen.core.settings import settings
from galen.core.web.door import Claim

from .models import Role
from .roles import ROLES, permissions_of

KNOWN = """
SELECT s.id AS session, s.last_seen, s.ends, a.id, a.name, a.kind, a.patient_id, a.roles,
       p.id AS site, p.name AS place, p.zone
FROM session s JOIN account a ON a.id = s.account_id LEFT JOIN site p ON p.id = s.site_id
WHERE s.ended IS NULL AND a.active AND
"""
BY_TOKEN, BY_ID = KNOWN + "s.token = $1", KNOWN + "s.id = $1"
SEEN = "UPDATE session SET last_seen = $1 WHERE id = $2"
BREATH = timedelta(minutes=1)


async def identify(ctx: Context, claim: Claim) -> None:
    """Make the person behind a valid session the actor; refuse an ended, idle or overdue one."""
    key: bytes | UUID = digest(claim.token) if claim.by == "cookie" else UUID(claim.token)
    known = await ctx.raw.fetchrow(BY_TOKEN if claim.by == "cookie" else BY_ID, key)
    idle = timedelta(minutes=settings().session_idle_minutes)
    if known is None or known["ends"] <= ctx.now or (claim.by == "cookie" and known["last_seen"] + idle <= ctx.now):
        raise SignInNeeded
    if ctx.now - known["last_seen"] > BREATH:
        await ctx.raw.execute(SEEN, ctx.now, known["session"])
    custom: dict[str, list[str]] = {}
    if own := [r for r in known["roles"] if r not in ROLES]:
        found = await ctx.db.execute(
            select(Role.name, Role.permissions).where(Role.name.in_(own)).execution_options(unwalled=True)
        )
        custom = {role.name: role.permissions for role in found}
    ctx.actor = Actor(
        known["id"],
        known["name"],
        known["kind"],
        permissions_of(known["roles"], custom),
        tuple(known["roles"]),
        known["patient_id"],
        known["session"],
    )
    ctx.site = Place(known["site"], known["place"], known["zone"]) if known["site"] else None
