"""What a logger was read out to, as times and temperatures: which columns they stand in, and in which unit."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from galen.core.errors import Invalid
from galen.i18n import gettext as _
from galen.i18n import typed

HEAD = 60  # lines in which the titles stand, behind what a logger says of itself
WHEN = re.compile(r"\b(date|time|timestamp|datum|zeit|fecha|hora|when|datetime)\b", re.I)
HOW_WARM = re.compile(r"temp|celsius|fahrenheit|°\s*[cf]\b|\(\s*[cf]\s*\)|^\s*[cf]\s*$", re.I)
FAHRENHEIT = re.compile(r"fahrenheit|°\s*f\b|\(\s*f\s*\)|^\s*f\s*$", re.I)
CELSIUS = re.compile(r"celsius|°\s*c\b|\(\s*c\s*\)|^\s*c\s*$", re.I)
NOT_IT = re.compile(r"humid|dew|alarm|limit|set\s*point|max|min|\brh\b", re.I)
CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*(am|pm)?", re.I)
NOTHING = {"", "-", "--", "---", "n/a", "nan", "null", "err", "error"}


@dataclass(frozen=True, slots=True)
class LoggedRow:
    """One line of a logger's file."""

    number: int
    at: datetime
    value: Decimal
    unit: str  # empty where the file does not say


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the time and the temperature stand; a day and a clock may stand apart."""

    when: tuple[int, ...]
    warm: int
    unit: str


def logged(rows: Sequence[tuple[int, list[Any]]], zone: ZoneInfo) -> Iterator[LoggedRow]:
    """Each line that holds a temperature; a line that cannot be read stops it all, and is named."""
    place, columns = titles(rows)
    for number, cells in rows[place + 1 :]:
        warm = cells[columns.warm] if columns.warm < len(cells) else None
        if warm is None or str(warm).strip().casefold() in NOTHING:
            continue
        times = [cells[column] for column in columns.when if column < len(cells)]
        at = moment_of(times, zone)
        if at is None:
            said = " ".join(str(cell) for cell in times)[:60]
            raise Invalid("file", _("Line %(number)s has no time that can be read: %(said)s", number=number, said=said))
        value, unit = degrees_of(warm)
        if value is None:
            said = str(warm)[:60]
            raise Invalid("file", _("Line %(number)s has no temperature: %(said)s", number=number, said=said))
        yield LoggedRow(number, at, value, unit or columns.unit)


def titles(rows: Sequence[tuple[int, list[Any]]]) -> tuple[int, Columns]:
    """The line of the titles: the first that names a time and a temperature in two columns."""
    for place, (_number, cells) in enumerate(rows[:HEAD]):
        words = [str(cell or "") for cell in cells]
        when = [n for n, word in enumerate(words) if WHEN.search(word) and not HOW_WARM.search(word)]
        warm = [n for n, word in enumerate(words) if HOW_WARM.search(word) and not NOT_IT.search(word)]
        if when and warm:
            title = words[warm[0]]
            unit = "F" if FAHRENHEIT.search(title) else "C" if CELSIUS.search(title) else ""
            return place, Columns(tuple(when[:2]), warm[0], unit)
    raise Invalid("file", _("No columns for the time and the temperature were found. Export the readings with titles."))


def degrees_of(cell: Any) -> tuple[Decimal | None, str]:
    """5.3, 5,3, 41.5 °F: the number, and the unit where it stands beside it."""
    text = str(cell).strip()
    unit = "F" if re.search(r"°?\s*F$", text, re.I) else "C" if re.search(r"°?\s*C$", text, re.I) else ""
    try:
        return Decimal(re.sub(r"\s*°?\s*[CF]$", "", text, flags=re.I).replace(",", ".")), unit
    except InvalidOperation:
        return None, ""


def moment_of(cells: Sequence[Any], zone: ZoneInfo) -> datetime | None:
    """2026-11-20T00:30:00Z, 20/11/2026 11:30, or a day and a clock apart: on the site's clock where no zone stands."""
    text = " ".join(words_of(cell) for cell in cells).strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None:
        clock = next((match for match in CLOCK.finditer(text) if int(match[1]) < 24 and int(match[2]) < 60), None)
        day = typed.read_day((text[: clock.start()] + text[clock.end() :]).strip(" ,T")) if clock else None
        if clock is None or day is None:
            return None
        hour = int(clock[1]) % 12 + (12 if clock[4].casefold() == "pm" else 0) if clock[4] else int(clock[1])
        at = datetime.combine(day, time(hour, int(clock[2]), int(clock[3] or 0)))
    elif len(text) < 12:
        return None  # a day without a clock
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def words_of(cell: Any) -> str:
    """A cell of a spreadsheet holds a day of its own kind."""
    if isinstance(cell, dict):
        return str(cell.get("day", ""))
    return cell.isoformat() if isinstance(cell, date) else str(cell if cell is not None else "").strip()
