"""How values read on a page: dates, times, money, ages and quantities."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_currency

from galen.values.units import plain

from ..context import Context

__all__ = ["age", "clock", "day", "money", "plain", "when"]


def zone_of(ctx: Context | None) -> ZoneInfo:
    return ctx.zone if ctx else ZoneInfo("UTC")


def when(ctx: Context | None) -> Callable[[datetime | None], str]:
    """20 Nov 2026, 14:05 in the site's zone."""
    return lambda at: f"{at.astimezone(zone_of(ctx)):%-d %b %Y, %H:%M}" if at else ""


def clock(ctx: Context | None) -> Callable[[datetime | None], str]:
    return lambda at: f"{at.astimezone(zone_of(ctx)):%H:%M}" if at else ""


def day(ctx: Context | None) -> Callable[[date | datetime | None], str]:
    def spoken(at: date | datetime | None) -> str:
        if at is None:
            return ""
        local = at.astimezone(zone_of(ctx)).date() if isinstance(at, datetime) else at
        return f"{local:%-d %b %Y}"

    return spoken


def money(ctx: Context | None) -> Callable[[Any], str]:
    """An amount with its currency sign; a bare number is in the organisation's currency."""

    def spoken(value: Any) -> str:
        if value is None:
            return ""
        currency = getattr(value, "currency", None) or (ctx.organization.currency if ctx else "AUD")
        number: Decimal = getattr(value, "amount", value)
        return format_currency(number, currency, locale="en_AU" if currency == "AUD" else "en_US")

    return spoken


def age(ctx: Context | None) -> Callable[..., str]:
    """Days under four weeks, months under two years, then years: on the site's own day, or on the one named."""

    def spoken(born: date | None, on: date | None = None) -> str:
        if born is None or ctx is None:
            return "age unknown"
        today = on or ctx.today
        days = (today - born).days
        if days < 28:
            return f"{days} days"
        months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
        return f"{months} months" if months < 24 else f"{months // 12} years"

    return spoken
