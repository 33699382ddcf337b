"""What is filled in and shown of organisations and sites."""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from galen.core.schemas import Draft, RecordView, View
from galen.i18n import gettext as _

from .models import SiteKind
from .rules import hours_fault, written


class SiteDraft(Draft):
    """A site as it shall stand; `hours` by day: {"mon": "08:00-12:00, 13:00-17:30"}."""

    name: str = Field(min_length=2, max_length=80)
    kind: SiteKind = SiteKind.CLINIC
    zone: str = "Australia/Sydney"
    street: str = ""
    suburb: str = ""
    state: str = ""
    postcode: str = ""
    phone: str = ""
    email: str = ""
    licence: str = ""
    licence_ends: date | None = None
    hours: dict[str, str] = Field(default_factory=dict)

    @field_validator("zone")
    @classmethod
    def known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(_("This is not a time zone; write one such as Australia/Sydney."))
        return zone

    @field_validator("hours")
    @classmethod
    def sound_hours(cls, hours: dict[str, str]) -> dict[str, str]:
        open_days = {day: text for day, text in hours.items() if text.strip()}
        for day, text in open_days.items():
            if fault := hours_fault(day, text):
                raise ValueError(fault)
        return {day: written(text) for day, text in open_days.items()}


class SiteView(RecordView):
    name: str
    kind: SiteKind
    zone: str
    street: str
    suburb: str
    state: str
    postcode: str
    phone: str
    email: str
    licence: str
    licence_ends: date | None
    hours: dict[str, Any]
    closed: bool


class CountryView(View):
    """What holds in the country of an organisation."""

    code: str
    name: str
    currency: str
    zone: str
    tax_name: str
    tax: dict[str, Decimal]
    prices_include_tax: bool
    cash_unit: Decimal
    patient_identifiers: tuple[str, ...]
    prescriber_identifiers: tuple[str, ...]
    schedules: tuple[str, ...]
    paper: str
    phone_prefix: str


class OrganizationView(View):
    slug: str
    name: str
    country: CountryView
    sites: list[SiteView]
