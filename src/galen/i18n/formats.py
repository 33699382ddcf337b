"""Dates, times, numbers, money and ages, written as the current language writes them.

Doses, strengths and quantities of stock are no numbers of this kind: they are read aloud and compared with a box, so
they stay in plain digits with a point, never grouped (`schemas.plain`).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from .language import Language, current
from .messages import gettext as _
from .messages import ngettext


def day(on: date) -> str:
    """20 Nov 2026."""
    return _date(on, "medium", current())


def clock(at: time | datetime, reader: ZoneInfo | None = None) -> str:
    """14:05: a clinic's clock has 24 hours everywhere. On a clock that is not the reader's: 14:05 (Perth time)."""
    return _with_zone(_clock(at.hour, at.minute, current()), at, reader)


def when(at: datetime, reader: ZoneInfo | None = None) -> str:
    """20 Nov 2026, 14:05; where the reader's clock is another one: 20 Nov 2026, 14:05 (Perth time)."""
    written = str(current().locale.datetime_formats["medium"]).format(clock(at), day(at.date()))
    return _with_zone(written, at, reader)


def zone_name(zone: ZoneInfo) -> str:
    """Perth, New York: the town by which a zone is known; Etc/GMT+5 has none and is called what it is."""
    return _zone(zone.key, current())


def weekday(on: date) -> str:
    """Friday."""
    return _date(on, "EEEE", current())


def weekday_and_day(on: date) -> str:
    """Fri 20 Nov."""
    return _skeleton(on, "MMMEd", current())


def day_and_month(on: date) -> str:
    """20 Nov."""
    return _skeleton(on, "MMMd", current())


def month(on: date) -> str:
    """Nov 2026."""
    return _skeleton(on, "yMMM", current())


def number(value: Decimal | int) -> str:
    """A count or a figure in prose: 12,345.6."""
    return str(format_decimal(value, locale=current().locale))


def percent(share: Decimal) -> str:
    """A share of one: 12.5 %."""
    return str(format_percent(share, format="#,##0.##\u00a0%", locale=current().locale))


def money(amount: Decimal, currency: str) -> str:
    """An amount with its currency sign."""
    return _money(amount, currency, current())


def age(days: int, months: int) -> str:
    """Days under four weeks, months under two years, then years."""
    if days < 28:
        return ngettext("%(num)s day", "%(num)s days", days)
    if months < 24:
        return ngettext("%(num)s month", "%(num)s months", months)
    return ngettext("%(num)s year", "%(num)s years", months // 12)


def one_of(words: Sequence[str]) -> str:
    """Choices in a sentence: card, cash or transfer."""
    return str(format_list(words, "or", locale=current().locale))


def _with_zone(written: str, at: time | datetime, reader: ZoneInfo | None) -> str:
    """Of two hours that read alike, when clocks go back, each is named with its distance from Greenwich."""
    if reader is None or not isinstance(at, datetime) or not isinstance(at.tzinfo, ZoneInfo):
        return written
    twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset() and exists(at)
    if at.tzinfo.key == reader.key and not twice:
        return written
    if twice:
        offset = f"UTC{at:%z}"
        return _("%(time)s (%(place)s time, %(offset)s)", time=written, place=zone_name(at.tzinfo), offset=offset)
    return _("%(time)s (%(place)s time)", time=written, place=zone_name(at.tzinfo))


def exists(at: datetime) -> bool:
    """Whether the clock of its zone ever shows this time."""
    return at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) == at.replace(tzinfo=None)


@lru_cache(1024)
def _zone(key: str, to: Language) -> str:
    if "/" not in key or key.startswith("Etc/"):
        return key
    return str(get_timezone_location(ZoneInfo(key), to.locale, return_city=True))


@lru_cache(8192)
def _date(on: date, shape: str, to: Language) -> str:
    return str(format_date(on, shape, to.locale))


@lru_cache(4096)
def _skeleton(on: date, shape: str, to: Language) -> str:
    return str(format_skeleton(shape, on, locale=to.locale))


@lru_cache(4096)
def _clock(hour: int, minute: int, to: Language) -> str:
    return str(format_time(time(hour, minute), "HH:mm", locale=to.locale))


@lru_cache(4096)
def _money(amount: Decimal, currency: str, to: Language) -> str:
    return str(format_currency(amount, currency, locale=to.locale))
