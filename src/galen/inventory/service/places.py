"""Which site's stock is meant, and what day it is there."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from galen.core.context import Context, SiteInfo
from galen.core.errors import Conflict
from galen.organizations import Site, SiteKind


class NoPharmacy(Conflict):
    message = "There is no pharmacy here yet. Add a site of the kind “pharmacy” first."


async def store(ctx: Context, site_id: UUID | None = None) -> SiteInfo:
    """The site named, else the one worked at."""
    if site_id is None or (ctx.site and ctx.site.id == site_id):
        return ctx.here
    return (await ctx.get(Site, site_id)).info


async def pharmacy(ctx: Context, site_id: UUID | None = None) -> SiteInfo:
    """The site named, else the one worked at when it is a pharmacy, else the first pharmacy of the organisation."""
    if site_id:
        return await store(ctx, site_id)
    query = select(Site).where(Site.kind.in_([SiteKind.PHARMACY, SiteKind.BOTH]), ~Site.closed).order_by(Site.name)
    pharmacies = list(await ctx.db.scalars(query))
    here = next((site for site in pharmacies if ctx.site and site.id == ctx.site.id), None)
    if not pharmacies:
        raise NoPharmacy
    return (here or pharmacies[0]).info


def local_day(ctx: Context, place: SiteInfo) -> date:
    """The calendar day at a site."""
    return ctx.now.astimezone(ZoneInfo(place.zone)).date()
