"""Organisations and their sites."""

from datetime import date
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Mapped, mapped_column

from galen.core import context
from galen.core.record import SHARED, Record
from galen.i18n import N_
from galen.i18n import gettext as _

from .rules import DAYS


class Organization(Record):
    """A clinic, a pharmacy, or a chain of both. Its data live in a schema of their own; this row only names it."""

    __table_args__ = {"schema": SHARED}
    audited, open_to = False, "everyone"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    country: Mapped[str]
    currency: Mapped[str]
    zone: Mapped[str]

    @property
    def info(self) -> context.OrganizationInfo:
        return context.OrganizationInfo(self.slug, self.name, self.country, self.currency, self.zone)


class SiteKind(Enum):
    CLINIC = "clinic"
    PHARMACY = "pharmacy"
    BOTH = "both"

    @property
    def words(self) -> str:
        """What such a site is called."""
        return _(KINDS[self])


KINDS = {
    SiteKind.CLINIC: N_("Clinic"),
    SiteKind.PHARMACY: N_("Pharmacy"),
    SiteKind.BOTH: N_("Clinic and pharmacy"),
}


class Site(Record):
    """A place where people are treated or supplied. Its zone decides what day it is there."""

    open_to = "everyone"

    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[SiteKind]
    zone: Mapped[str]
    street: Mapped[str] = mapped_column(default="")
    suburb: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    licence: Mapped[str] = mapped_column(default="")
    licence_ends: Mapped[date | None]
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    closed: Mapped[bool] = mapped_column(default=False)

    @property
    def info(self) -> context.SiteInfo:
        return context.SiteInfo(self.id, self.name, self.zone)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def address(self) -> str:
        town = " ".join(filter(None, (self.suburb, self.state, self.postcode)))
        return ", ".join(filter(None, (self.street, town)))

    @property
    def opening_hours(self) -> list[tuple[str, str | None]]:
        """Each day of the week with its hours; none when it is closed on that day."""
        return [(_(name), self.hours.get(day)) for day, name in DAYS.items()]

    def licence_ended(self, today: date) -> bool:
        return self.licence_ends is not None and self.licence_ends < today
