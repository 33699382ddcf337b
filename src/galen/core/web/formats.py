"""How values read on a page: dates, times, money, ages, in the reader's language and on the clock of the place."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from galen.i18n import formats
from galen.i18n import gettext as _
from galen.values.units import plain

from ..context import Context

__all__ = ["FORMATS", "age", "clock", "day", "money", "plain", "when"]
FORMATS = {
    "weekday": formats.weekday,
    "weekday_and_day": formats.weekday_and_day,
    "day_and_month": formats.day_and_month,
    "month_and_year": formats.month,
}
"""Filters of templates: they need no zone."""


def zone_of(ctx: Context | None) -> ZoneInfo:
    return ctx.zone if ctx else ZoneInfo("UTC")


def local(ctx: Context | None, at: datetime, place: Any) -> datetime:
    """On the clock of the site at which it happens; else on the one that it carries, or the reader's."""
    if zone := getattr(place, "zone", ""):
        return at.astimezone(ZoneInfo(zone))
    return at if isinstance(at.tzinfo, ZoneInfo) and at.tzinfo.key != "UTC" else at.astimezone(zone_of(ctx))


def when(ctx: Context | None) -> Callable[..., str]:
    """20 Nov 2026, 14:05 at its site (anything with a `zone`); one that differs from the reader's is named."""
    return lambda at, place=None: formats.when(local(ctx, at, place), zone_of(ctx)) if at else ""


def clock(ctx: Context | None) -> Callable[..., str]:
    """14:05 at its site, likewise; an hour of a timetable, which has no zone, as it is."""

    def spoken(at: datetime | time | None, place: Any = None) -> str:
        if at is None:
            return ""
        return formats.clock(local(ctx, at, place) if isinstance(at, datetime) else at, zone_of(ctx))

    return spoken


def day(ctx: Context | None) -> Callable[..., str]:
    """20 Nov 2026; of a moment, the day that it is then at its site."""

    def spoken(at: date | datetime | None, place: Any = None) -> str:
        if at is None:
            return ""
        return formats.day(local(ctx, at, place).date() if isinstance(at, datetime) else at)

    return spoken


def money(ctx: Context | None) -> Callable[[Any], str]:
    """An amount with its currency sign; a bare number is in the organisation's currency."""

    def spoken(value: Any) -> str:
        if value is None:
            return ""
        currency = getattr(value, "currency", None) or (ctx.organization.currency if ctx else "AUD")
        return formats.money(getattr(value, "amount", value), currency)

    return spoken


def age(ctx: Context | None) -> Callable[..., str]:
    """Days under four weeks, months under two years, then years: on the site's own day, or on the one named."""

    def spoken(born: date | None, on: date | None = None) -> str:
        if born is None or ctx is None:
            return _("age unknown")
        today = on or ctx.today
        months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
        return formats.age((today - born).days, months)

    return spoken
