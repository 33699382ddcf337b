"""The verbs of organisations and sites."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.database import schema_of
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _

from .countries import Country, country_of
from .events import SitesChanged
from .models import Site, SiteKind
from .schemas import SiteDraft


class SiteNameTaken(Conflict):
    message, constraint = "There is already a site with this name.", "site_name_key"


class LastSite(Conflict):
    message = "This is the last open site. Open another one first."


class OrganizationThere(Conflict):
    message = "There is an organisation “{slug}” already. Choose another short name."


def refuse_unfit_name(slug: str, name: str, known: Collection[str] = ()) -> None:
    """A new organisation has a name, and a short name that names its schema."""
    try:
        schema_of(slug)
    except ValueError as wrong:
        raise Invalid("slug", str(wrong)) from None
    if not name.strip():
        raise Invalid("name", _("Please write the organisation's name."))
    if slug in known:
        raise OrganizationThere(slug=slug)


@dataclass
class OrganizationProfile:
    """An organisation, where it works, and under which country's rules."""

    slug: str
    name: str
    country: Country
    sites: list[Site]


@requires("organization.read")
async def organization(ctx: Context) -> OrganizationProfile:
    """The organisation itself: its country's rules, and its sites."""
    home = ctx.organization
    return OrganizationProfile(home.slug, home.name, country_of(home.country), await sites(ctx))


@requires("organization.read")
async def sites(ctx: Context, closed: bool = False) -> list[Site]:
    """The sites of the organisation, by name; closed ones only when asked for."""
    query = select(Site).order_by(Site.name)
    return list(await ctx.db.scalars(query if closed else query.where(~Site.closed)))


async def places(ctx: Context, records: Iterable[Any]) -> dict[Any, Site]:
    """The sites at which these records were made, by id, on whose clocks their times are written."""
    return await ctx.get_many(Site, {record.site_id for record in records if record.site_id})


async def place_of(ctx: Context, site_id: UUID | None) -> Site | None:
    """The site of a record, if it has one."""
    return (await ctx.get_many(Site, [site_id])).get(site_id) if site_id else None


def on_its_clock(at: datetime, place: Site | None) -> datetime:
    """A moment that carries the zone of its site."""
    return at.astimezone(place.tz) if place else at


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
    place = ctx.add(draft.into(Site))
    ctx.emit(SitesChanged(place.id))
    return place


@requires("organization.write")
async def edit_site(ctx: Context, site_id: UUID, draft: SiteDraft) -> Site:
    """The site as it shall stand: name, address, hours, licence; a field left out is emptied."""
    place = await ctx.get(Site, site_id, lock=True)
    for name, value in draft:
        setattr(place, name, value)
    ctx.emit(SitesChanged(place.id))
    return place


@requires("organization.write")
async def close_site(ctx: Context, site_id: UUID) -> Site:
    """Close a site: it keeps its history and takes no more work."""
    place = await ctx.get(Site, site_id, lock=True)
    others = select(Site.id).where(Site.id != site_id, ~Site.closed).limit(1)
    if await ctx.db.scalar(others) is None:
        raise LastSite
    place.closed = True
    ctx.emit(SitesChanged(place.id))
    return place


@requires("organization.write")
async def reopen_site(ctx: Context, site_id: UUID) -> Site:
    """Open a closed site again."""
    place = await ctx.get(Site, site_id, lock=True)
    place.closed = False
    ctx.emit(SitesChanged(place.id))
    return place
