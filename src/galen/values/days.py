"""Days as packs and notices print them: two digits of a year, months without a day."""

from calendar import monthrange
from datetime import date


def full_year(two: int, today: date) -> int:
    """The year that two digits mean: the nearest, 49 back to 50 ahead (GS1 General Specifications 7.12)."""
    ahead = two - today.year % 100
    return today.year // 100 * 100 + two + (-100 if ahead >= 51 else 100 if ahead <= -50 else 0)


def last_of_month(year: int, month: int) -> date:
    """What expires in a month can be used through its last day (General Specifications 3.4.7; USP <7>)."""
    return date(year, month, monthrange(year, month)[1])
