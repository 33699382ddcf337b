"""A schedule in words."""

from galen.i18n import formats, label, ngettext
from galen.i18n import gettext as _
from galen.values.schedule import DAYS, Interval, OnDayOfMonth, OnWeekdays, Schedule


def spoken(schedule: Schedule) -> str:
    """How often, and when, as a person reads it."""
    match schedule:
        case Interval(said=said):
            return every(int(said[:-1]), said[-1])
        case OnWeekdays(at=at, weekdays=days) if len(days) == len(DAYS):
            return _("every day at %(time)s", time=formats.clock(at))
        case OnWeekdays(at=at, weekdays=days):
            named = ", ".join(label(DAYS[day].capitalize()) for day in sorted(days))
            return _("%(days)s at %(time)s", days=named, time=formats.clock(at))
        case OnDayOfMonth(at=at, months=1, day=day):
            return _("each month on day %(day)s at %(time)s", day=day, time=formats.clock(at))
        case OnDayOfMonth(at=at, months=3, day=day):
            return _("each quarter on day %(day)s at %(time)s", day=day, time=formats.clock(at))
        case OnDayOfMonth(at=at, day=day):
            return _("each year on day %(day)s at %(time)s", day=day, time=formats.clock(at))
    return schedule.said


def every(count: int, unit: str) -> str:
    if unit == "s":
        return ngettext("every second", "every %(num)s seconds", count)
    if unit == "m":
        return ngettext("every minute", "every %(num)s minutes", count)
    return ngettext("every hour", "every %(num)s hours", count)
