"""Which days can be true of somebody: none before 1880, none before they were born, none still to come."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator

from galen.i18n import gettext as _

EARLIEST, LATEST = date(1880, 1, 1), date(2199, 12, 31)
IN_THE_WOMB = timedelta(days=300)
"""A condition may be found before birth; nothing is given then, and nothing reacted to."""


def possible(column: str) -> str:
    """The same bounds for the database."""
    return f"{column} BETWEEN '{EARLIEST}' AND '{LATEST}'"


def possible_at(column: str) -> str:
    """The same of a moment."""
    return f"{column} BETWEEN '{EARLIEST} 00:00Z' AND '{LATEST} 00:00Z'"


def refuse_impossible(day: date) -> date:
    """Years such as 0001, 0202 and 20206 are slips, or another system's word for not known."""
    if day < EARLIEST:
        raise ValueError(_("This day is before 1880: check the year."))
    if day > LATEST:
        raise ValueError(_("This day is after 2199: check the year."))
    return day


Day = Annotated[date, AfterValidator(refuse_impossible)]
"""A day of a draft, within the bounds of every day."""


def day_fault(day: date | None, born: date | None, today: date, *, ahead: bool = False, unborn: bool = False) -> str:
    """What is wrong with a day in a life, in one sentence; `ahead`: it may be to come; `unborn`: before birth."""
    if day is None:
        return ""
    if born and day < (born - IN_THE_WOMB if unborn else born):
        return _("This day is before the person was born.")
    if day > today and not ahead:
        return _("This day has not come yet.")
    return ""
