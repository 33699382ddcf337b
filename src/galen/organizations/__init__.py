"""Organisations and their sites: who works where, under which country's rules."""

from .countries import COUNTRIES, Country, country_of
from .models import Organization, Site, SiteKind
from .schemas import SiteDraft, SiteView
from .service import (
    add_site,
    close_site,
    edit_site,
    on_its_clock,
    organization,
    pharmacies,
    place_of,
    places,
    refuse_unfit_name,
    reopen_site,
    site,
    sites,
)

__all__ = [
    "COUNTRIES",
    "Country",
    "Organization",
    "Site",
    "SiteDraft",
    "SiteKind",
    "SiteView",
    "add_site",
    "close_site",
    "country_of",
    "edit_site",
    "on_its_clock",
    "organization",
    "pharmacies",
    "place_of",
    "places",
    "refuse_unfit_name",
    "reopen_site",
    "site",
    "sites",
]
