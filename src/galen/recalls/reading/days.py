"""Expiry days in all the ways that notices print them; a month is its last day (USP <7>)."""

import re
from datetime import date

from galen.values.days import full_year, last_of_month

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<{0}>(?:19|20)\d\d|'?\d\d)"
_GAP = r"[ ,./-]{{0,2}}"
_FORMS = (
    rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?{_GAP}{_MONTH.format('n1')}{_GAP}{_YEAR.format('y1')}",  # 31-Mar-2013
    rf"{_MONTH.format('n2')}{_GAP}(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,? ?|[-/ ])(?P<y2>(?:19|20)\d\d)",  # Mar 31, 2013
    rf"{_MONTH.format('n3')} ?(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?, ?(?P<y3>'?\d\d)",  # Mar 31, 13
    rf"{_MONTH.format('n4')}{_GAP}{_YEAR.format('y4')}",  # Mar-13
    rf"(?P<y5>(?:19|20)\d\d){_GAP}{_MONTH.format('n5')}(?:{_GAP}(?P<d5>\d{{1,2}}))?",  # 2013-MAR-31
    r"(?P<y6>(?:19|20)\d\d)(?P<s6>[-/.])(?P<m6>\d{1,2})(?:(?P=s6)(?P<d6>\d{1,2}))?",  # 2013-03-31, 2013-03
    r"(?P<a7>\d{1,2})(?P<s7> ?[-/.] ?)(?P<b7>\d{1,2})(?P=s7)(?P<y7>(?:19|20)\d\d|\d\d)",  # 3/31/2013
    r"(?P<m8>\d{1,2}) ?[-/.] ?(?P<y8>(?:19|20)\d\d)",  # 03/2013
    r"(?P<m9>\d{1,2}) ?[-/] ?(?P<y9>\d\d)",  # 03/13
)
DAY = (
    r"(?<![\w/.-])(?:" + "|".join(re.sub(r"\{\{|\}\}", lambda m: m[0][0], form) for form in _FORMS) + r")(?!\w|[-/.]\d)"
)
_DAY = re.compile(DAY, re.I)
DIGITS = re.compile(r"(?<![\w/.-])\d{4}(?:\d{2}|\d{4})?(?!\w|[-/.]\d)")  # 0526, 052026, 20260531


def read_day(text: str, today: date) -> date | None:
    """The day that a text says, or the last of its month; nothing when it is in no calendar or could be two days."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return bare_day(text.strip(), today) if DIGITS.fullmatch(text.strip()) else None
    said = {name[0]: value for name, value in found.groupdict().items() if value}
    year = int(said["y"].lstrip("'"))
    year = full_year(year, today) if year < 100 else year
    if "a" in said:
        return either_order(year, int(said["a"]), int(said["b"]))
    month = MONTHS.index(said["n"][:3].lower()) + 1 if "n" in said else int(said["m"])
    return calendar_day(year, month, int(said["d"]) if "d" in said else None)


def is_day(text: str) -> bool:
    """Whether a text is written as a day or a month, whatever its century."""
    return _DAY.fullmatch(text) is not None and read_day(text, date(2000, 1, 1)) is not None


def either_order(year: int, first: int, second: int) -> date | None:
    """Month before day, as in the United States; the other way round where only that is in the calendar."""
    return calendar_day(year, first, second) if first <= 12 else calendar_day(year, second, first)


def bare_day(digits: str, today: date) -> date | None:
    """A day in digits alone, where only one way to read it gives a day within 20 years."""
    ways = {4: ("my", "ym"), 6: ("mY", "Ym", "mdy", "dmy", "ymd"), 8: ("Ymd", "mdY", "dmY")}[len(digits)]
    days = {day for way in ways if (day := in_order(digits, way, today)) and abs(day.year - today.year) <= 20}
    return days.pop() if len(days) == 1 else None


def in_order(digits: str, way: str, today: date) -> date | None:
    said: dict[str, int] = {}
    for letter in way:
        size = 4 if letter == "Y" else 2
        said[letter.lower()] = int(digits[:size])
        digits = digits[size:]
    year = full_year(said["y"], today) if "y" in way else said["y"]
    return calendar_day(year, said["m"], said.get("d"))


def calendar_day(year: int, month: int, day: int | None) -> date | None:
    try:
        return last_of_month(year, month) if day is None else date(year, month, day)
    except ValueError:
        return None
