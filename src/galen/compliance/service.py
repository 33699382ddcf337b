"""The verbs of compliance."""

import sys
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from galen import patients, room
from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Slice, TimelineEntry
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.settings import settings
from galen.values.clock import CLOCK

from .models import SealRecord


@requires("audit.read")
async def entries(
    ctx: Context,
    who: str = "",
    verb: str = "",
    action: str = "",
    subject: str = "",
    patient_id: UUID | None = None,
    record_id: UUID | None = None,
    since: date | None = None,
    until: date | None = None,
    after: str | None = None,
) -> Slice[Any]:
    """The audit log, newest first: by person, verb, kind of action, kind of record, patient, record, and day."""
    query = select(AuditEntry)
    if who:
        query = query.where(AuditEntry.actor_name.icontains(who, autoescape=True))
    if verb:
        query = query.where(AuditEntry.verb.icontains(verb, autoescape=True))
    for column, asked in (
        (AuditEntry.action, action),
        (AuditEntry.subject, subject),
        (AuditEntry.patient_id, patient_id),
        (AuditEntry.subject_id, record_id),
    ):
        if asked:
            query = query.where(column == asked)
    if since:
        query = query.where(AuditEntry.at >= beginning(ctx, since))
    if until:
        query = query.where(AuditEntry.at < beginning(ctx, until + timedelta(days=1)))
    return await ctx.slice(query, after, by=AuditEntry.seq)


def beginning(ctx: Context, day: date) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(day, time(), ctx.zone)


@requires("audit.read")
async def seals(ctx: Context, after: str | None = None) -> Slice[Any]:
    """The seals of the audit log, newest first."""
    return await ctx.slice(select(SealRecord), after, by=SealRecord.number)


ASKEW = timedelta(seconds=5)
"""So far a server's own clock may be from the database's before somebody is told."""

LOOKED = {
    "created": N_("%(who)s created %(what)s"),
    "changed": N_("%(who)s changed %(what)s"),
    "removed": N_("%(who)s removed %(what)s"),
    "opened": N_("%(who)s opened %(what)s"),
    "refused": N_("%(who)s was refused %(what)s"),
}


@requires("audit.read")
async def looked_at(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """Who opened or changed this patient's records lately."""
    await patients.known(ctx, patient_id)
    query = select(AuditEntry).where(AuditEntry.patient_id == patient_id).order_by(AuditEntry.seq.desc()).limit(30)
    return [
        TimelineEntry(
            at=entry.at,
            icon="eye",
            title=_(LOOKED[entry.action], who=entry.actor_name, what=label(entry.subject)),
            detail=entry.verb,
        )
        for entry in await ctx.db.scalars(query)
    ]


@dataclass(frozen=True)
class SystemState:
    """What an administrator has to know now."""

    sealed_until: datetime | None
    unsealed: int
    refusals: int
    room: int
    skew: timedelta

    @property
    def troubles(self) -> list[tuple[str, str]]:
        """What somebody must see to now: how bad it is, and in words."""
        found = []
        if room.is_full():
            found.append(("danger", _("The disk is nearly full: nothing is saved any more until there is room.")))
        elif self.room < 4 * settings().room_mb:
            found.append(("caution", _("Little room is left on the disk. Below %(mb)s MB nothing is saved any more.",
                                       mb=settings().room_mb)))  # fmt: skip
        if abs(self.skew) > ASKEW:
            found.append(("caution", _("The clock of this server is off by %(seconds)s seconds. The time of the "
                                       "database is used instead; set the clock right.",
                                       seconds=round(self.skew.total_seconds()))))  # fmt: skip
        return found


@requires("home.admin")
async def system_state(ctx: Context) -> SystemState:
    """The last seal, what waits for the next, and what was refused in the last day."""
    last = await ctx.db.scalar(select(SealRecord).order_by(SealRecord.number.desc()).limit(1))
    waiting = select(func.count()).select_from(AuditEntry).where(AuditEntry.seq > (last.floor if last else 0))
    since = ctx.now - timedelta(days=1)
    refused = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "refused", AuditEntry.at >= since)
    return SystemState(
        last.at if last else None,
        await ctx.db.scalar(waiting) or 0,
        await ctx.db.scalar(refused) or 0,
        int(min(room.left(), sys.maxsize)),
        CLOCK.skew,
    )
