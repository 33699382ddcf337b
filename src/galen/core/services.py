"""What requests, jobs and commands share: the database, its organisations, and the way to recognise a person."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from galen import i18n

from .actor import SYSTEM
from .audit import AuditRow
from .context import Context, OrganizationInfo
from .database import Database
from .errors import NotFound, Refusal
from .finish import finish
from .record import Record
from .shown import patients_in

LIST_SECONDS = 5  # how long the list of organisations is kept before it is read again
LOGGED = ("permission", "thing", "username")  # what an audit row says of a refusal


class NoSuchOrganization(NotFound):
    message = "There is no organisation “{name}” here."


@dataclass(frozen=True)
class Credentials:
    """What a request says about who sent it: not yet verified."""

    organization: str
    token: str
    by: str  # "cookie", "bearer"
    unasked: bool = False  # by a page that keeps itself fresh, and no person: it keeps no session awake


Identify = Callable[[Context, Credentials], Awaitable[None]]
Ahead = Callable[[Any, str, dict[str, Any]], Awaitable[None]]
"""What is slow about a request, its organisation and its arguments, done before a connection is taken."""


@dataclass
class Services:
    """One of these for each process."""

    database: Database
    list_organizations: Callable[[], Awaitable[list[OrganizationInfo]]]
    identify: Identify
    ahead: Ahead
    organizations: dict[str, OrganizationInfo] = field(default_factory=dict)
    listed_at: float = -60.0

    async def organization(self, slug: str) -> OrganizationInfo:
        """By its short name; the empty name means the first one. The list is read again every few seconds."""
        if slug not in self.organizations or monotonic() - self.listed_at > LIST_SECONDS:
            listed = await self.list_organizations()
            self.organizations = {organization.slug: organization for organization in listed}
            if listed:
                self.organizations[""] = listed[0]
            self.listed_at = monotonic()
        if slug not in self.organizations:
            raise NoSuchOrganization(name=slug)
        return self.organizations[slug]

    @asynccontextmanager
    async def as_system(self, slug: str, verb: str) -> AsyncIterator[Context]:
        """A context for work that no person asked for: jobs, the command line, the demo."""
        organization = await self.organization(slug)
        with i18n.speaking(i18n.choose("", "", "", organization.country)):
            async with self.database.transaction(organization.slug) as db:
                ctx = Context(db, SYSTEM, organization, verb=verb, origin="system")
                yield ctx
                await finish(ctx)

    async def record_refusal(self, refused: Context, refusal: Refusal) -> None:
        """A refused attempt leaves its audit row in a transaction of its own, as its own was rolled back."""
        async with self.database.transaction(refused.organization.slug) as db:
            ctx = Context(db, refused.actor, refused.organization, refused.site, refused.now, refused.request_id)
            ctx.origin, ctx.verb = refused.origin, refusal.verb or refused.verb
            changes = {key: [None, str(value)] for key, value in refusal.about.items() if key in LOGGED}
            ids = {name: id for name, id in refusal.given.items() if isinstance(id, UUID)}
            changes |= {name.removesuffix("_id").replace("_", " "): [None, str(id)] for name, id in ids.items()}
            row = AuditRow("refused", refusal.code, next(reversed(ids.values()), None), changes=changes)
            row.patient_id = next(iter(patients_in(refusal.given)), None) or await patient_behind(db, ids)
            ctx.audit.append(row)
            await finish(ctx)


async def patient_behind(db: AsyncSession, ids: dict[str, UUID]) -> UUID | None:
    """Whose record it is that a parameter names after its kind: `invoice_id`."""
    for name, id in ids.items():
        table = Record.metadata.tables.get(name.removesuffix("_id"))
        if table is not None and "patient_id" in table.c:
            return cast(UUID | None, await db.scalar(select(table.c.patient_id).where(table.c.id == id)))
    return None
