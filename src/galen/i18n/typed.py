"""Days as people type them: 31/12/2026 in Australia, 12/31/2026 in the United States, 2026-12-31 everywhere."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache

from .language import Language, current, language_of, locale_of
from .messages import gettext as _

YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
SPELT = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th|º|\.)?[\s-]*(?:de |of )?([^\W\d_]{3,})"
    r"|([^\W\d_]{3,})\.?\s*(\d{1,2})(?!\d)(?:st|nd|rd|th)?)"
    r"[\s.,-]*(?:de |of )?(\d{4}|\d{2})"
)
WRITTEN = re.compile(r"\s*(\d{1,2})\s*[/. -]\s*(\d{1,2})\s*[/. -]\s*(\d{4}|\d{2})\s*")
DAY = "typed day"
"""Marks a text of a draft that holds a day among other things: `Annotated[str, DAY]`."""
AHEAD = 20
"""Two digits mean a year no further ahead than this."""
EXAMPLE = date(2026, 12, 31)


@lru_cache(256)
def order(region: str) -> str:
    """In which order day, month and year are written in a country: `dmy` or `mdy`; `ymd` where the year comes first."""
    pattern = str(locale_of(language_of(region) or "en", region).date_formats["short"].pattern)
    return "".join(sorted("dmy", key=lambda part: pattern.lower().index(part)))


def read_day(text: str, region: str | None = None, latest: date | None = None) -> date | None:
    """The day that was typed; None when it is none. What can be read in one way only is read so anywhere.

    A year of two digits is none that lies after `latest`: nobody was born next year.
    """
    text = text.strip()
    if match := YEAR_FIRST.fullmatch(text):
        return made(int(match[1]), int(match[3]), int(match[4]))
    if match := SPELT.fullmatch(text):
        month, day = month_named(match[2] or match[3]), int(match[1] or match[4])
        return in_time(match[5], latest, lambda full: made(full, month, day))
    if not (match := WRITTEN.fullmatch(text)):
        return None
    first, second, year = int(match[1]), int(match[2]), match[3]
    if order(current().region if region is None else region) == "mdy":
        return in_time(year, latest, lambda full: made(full, first, second) or made(full, second, first))
    return in_time(year, latest, lambda full: made(full, second, first) or made(full, first, second))


def in_time(digits: str, latest: date | None, day_in: Callable[[int], date | None]) -> date | None:
    """The day in the year that was meant; of two digits, in a century that has come."""
    day = day_in(whole_year(digits))
    late = day is not None and latest is not None and len(digits) == 2 and day > latest
    return day_in(whole_year(digits) - 100) if late else day


def read_month(text: str) -> date | None:
    """The first day of the month that was typed: 02/1988, 1988-02, Feb 1988."""
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{4})|(\d{4})[/.-](\d{1,2})", text.strip()):
        return made(int(match[2] or match[3]), int(match[1] or match[4]), 1)
    if match := re.fullmatch(r"([^\W\d_]{3,})[\s.,-]*(?:de |of )?(\d{4})", text.strip()):
        return made(int(match[2]), month_named(match[1]), 1)
    return None


def month_named(word: str) -> int:
    """The number of a month by its name or the beginning of it, in English or as the reader says it; 0 for none."""
    return next((number for number, names in months(current()) if names.startswith(word.casefold())), 0)


@lru_cache(64)
def months(to: Language) -> list[tuple[int, str]]:
    """Each month's names, its abbreviations too, as one begins them."""
    return [
        (number, name.casefold().strip("."))
        for locale in (to.locale, locale_of("en", "GB"))
        for width in ("wide", "abbreviated")
        for number, name in locale.months["format"][width].items()
    ]


def whole_year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    latest = datetime.now(UTC).year + AHEAD
    year = latest // 100 * 100 + int(digits)
    return year if year <= latest else year - 100


def made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def example(region: str | None = None) -> str:
    """31/12/2026, as it is written here."""
    parts = {"d": f"{EXAMPLE:%d}", "m": f"{EXAMPLE:%m}", "y": f"{EXAMPLE:%Y}"}
    written = order(current().region if region is None else region)
    return ("-" if written == "ymd" else "/").join(parts[part] for part in written)


def form(region: str | None = None) -> str:
    """DD/MM/YYYY: what stands in an empty field."""
    letters = {"d": _("DD"), "m": _("MM"), "y": _("YYYY")}
    written = order(current().region if region is None else region)
    return ("-" if written == "ymd" else "/").join(letters[part] for part in written)
