"""The verbs of compliance."""

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, cast, func, or_, select

from galen import organizations, patients, room
from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Slice, TimelineEntry
from galen.i18n import N_, label
from galen.i18n import gettext as _
from galen.organizations import Site
from galen.settings import settings
from galen.sorting import Orders
from galen.values import like
from galen.values.clock import CLOCK

from .models import SealRecord
from .schemas import AuditedPatient, EntryPage, EntryView

ORDERS = Orders("-at", at=AuditEntry.seq)


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
    sort: str = "",
) -> EntryPage:
    """The audit log, newest first, or with `sort` "at" oldest first: by person, verb, kind of action, kind of record,
    patient, record, and day."""
    query = select(AuditEntry)
    if who:
        query = query.where(AuditEntry.actor_name.ilike(like.within(who)))
    if verb:
        query = query.where(AuditEntry.verb.ilike(like.within(verb)))
    for column, asked in (
        (AuditEntry.action, action),
        (AuditEntry.subject, subject),
        (AuditEntry.subject_id, record_id),
    ):
        if asked:
            query = query.where(column == asked)
    if patient_id:
        query = query.where(about(patient_id))
    site = select(Site.zone).where(Site.id == AuditEntry.site_id).correlate(AuditEntry).scalar_subquery()
    its_day = cast(func.timezone(func.coalesce(site, ctx.zone.key), AuditEntry.at), Date)
    if since:
        query = query.where(AuditEntry.at >= midnight(since) - FARTHEST, its_day >= since)
    if until:
        query = query.where(AuditEntry.at < midnight(until) + timedelta(days=1) + FARTHEST, its_day <= until)
    found = await ctx.slice(query, after, **ORDERS.of(sort))
    entries = [EntryView.model_validate(entry) for entry in found.items]
    people = await ctx.get_many(patients.Patient, {id for entry in entries for id in entry.patient_ids})
    for entry in entries:
        known = (people[id] for id in entry.patient_ids if id in people)
        entry.patients = [AuditedPatient(patient_id=person.id, name=person.name) for person in known]
    named = (await ctx.get_many(patients.Patient, [patient_id])).get(patient_id) if patient_id else None
    places = await organizations.places(ctx, found.items)
    return EntryPage(items=entries, next=found.next, patient=named.name if named else "", places=places)


def about(patient_id: UUID) -> ColumnElement[bool]:
    """The rows about one patient: those of which this is the patient, and the lists in which the patient stood."""
    listed = AuditEntry.changes["patients"][1].contains([str(patient_id)])
    return or_(AuditEntry.patient_id == patient_id, and_(AuditEntry.action == "listed", listed))


FARTHEST = timedelta(hours=14)  # that any clock is from Greenwich: the plain bounds are for the index


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


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
    "listed": N_("%(who)s saw this patient in a list"),
    "refused": N_("%(who)s was refused %(what)s"),
}


@requires("audit.read")
async def looked_at(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """Who opened or changed this patient's records lately."""
    await patients.known(ctx, patient_id)
    query = select(AuditEntry).where(about(patient_id)).order_by(AuditEntry.seq.desc()).limit(30)
    looks = list(await ctx.db.scalars(query))
    places = await organizations.places(ctx, looks)
    return [
        TimelineEntry(
            at=organizations.on_its_clock(entry.at, places.get(entry.site_id)),
            icon="eye",
            title=_(LOOKED[entry.action], who=entry.actor_name, what=label(entry.subject)),
            detail=entry.verb,
        )
        for entry in looks
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
