"""Days as people type them: 31/12/2026 in Australia, 12/31/2026 in the United States, 2026-12-31 everywhere."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache

from .language import current, language_of, locale_of
from .messages import gettext as _

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


def read_day(text: str, region: str | None = None) -> date | None:
    """The day that was typed; None when it is none. What can be read in one way only is read so anywhere."""
    text = text.strip()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return made(*(int(part) for part in text.split("-")))
    if not (match := WRITTEN.fullmatch(text)):
        return None
    first, second, year = int(match[1]), int(match[2]), whole_year(match[3])
    if order(current().region if region is None else region) == "mdy":
        return made(year, first, second) or made(year, second, first)
    return made(year, second, first) or made(year, first, second)


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
