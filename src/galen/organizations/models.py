from datetime import date
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Mapped, mapped_column

from galen.core import context
from galen.core.record import SHARED, Record


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
        return ", ".join(
            p for p in (self.street, " ".join(filter(None, (self.suburb, self.state, self.postcode)))) if p
        )
