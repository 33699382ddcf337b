"""The verbs of organisations and sites."""

from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context, requires
from galen.core.errors import Conflict

from .models import Site, SiteKind
from .schemas import SiteDraft


class SiteNameTaken(Conflict):
    message, constraint = "There is already a site with this name.", "site_name_key"


@requires("organization.read")
async def sites(ctx: Context, closed: bool = False) -> list[Site]:
    """The sites of the organisation, by name; closed ones only when asked for."""
    query = select(Site).order_by(Site.name)
    return list(await ctx.db.scalars(query if closed else query.where(~Site.closed)))


@requires("organization.read")
async def pharmacies(ctx: Context) -> list[Site]:
    """The sites that are, or contain, a pharmacy."""
    query = select(Site).where(Site.kind.in_([SiteKind.PHARMACY, SiteKind.BOTH]), ~Site.closed)
    return list(await ctx.db.scalars(query.order_by(Site.name)))


@requires("organization.read")
async def site(ctx: Context, site_id: UUID) -> Site:
    """One site."""
    return await ctx.get(Site, site_id)


@requires("organization.write")
async def add_site(ctx: Context, draft: SiteDraft) -> Site:
    """Open a clinic or a pharmacy."""
    return ctx.add(draft.into(Site))


@requires("organization.write")
async def edit_site(ctx: Context, site_id: UUID, draft: SiteDraft) -> Site:
    """Change a site's name, address, hours, licence."""
    return draft.onto(await ctx.get(Site, site_id, lock=True))


@requires("organization.write")
async def close_site(ctx: Context, site_id: UUID) -> Site:
    """Close a site: it keeps its history and takes no more work."""
    place = await ctx.get(Site, site_id, lock=True)
    place.closed = True
    return place
