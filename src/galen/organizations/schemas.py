from datetime import date
from typing import Any
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from galen.core.schemas import Draft, RecordView

from .models import SiteKind


class SiteDraft(Draft):
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
    hours: dict[str, Any] = Field(default_factory=dict)

    @field_validator("zone")
    @classmethod
    def known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("is not a time zone; write one such as Australia/Sydney")
        return zone


class SiteView(RecordView, SiteDraft):
    closed: bool
