"""Opening hours: for each day of the week, from when to when."""

import re
from itertools import pairwise

from galen.i18n import N_
from galen.i18n import gettext as _

DAYS = {
    "mon": N_("Monday"),
    "tue": N_("Tuesday"),
    "wed": N_("Wednesday"),
    "thu": N_("Thursday"),
    "fri": N_("Friday"),
    "sat": N_("Saturday"),
    "sun": N_("Sunday"),
}
SPAN = r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"


def hours_fault(day: str, text: str) -> str | None:
    """The rule that a day's hours break; `08:00-12:00, 13:00-17:30` are two spans, in order."""
    if day not in DAYS:
        return _("“%(day)s” is no day; write one of %(days)s.", day=day, days=", ".join(DAYS))
    spans = [span.strip().replace("–", "-").replace(" ", "") for span in text.split(",")]
    if not all(re.fullmatch(SPAN, span) for span in spans):
        message = N_("Please write the hours of %(day)s as 08:00-17:30, or two spans with a comma between.")
        return _(message, day=_(DAYS[day]))
    times = [time for span in spans for time in span.split("-")]
    if any(later <= earlier for earlier, later in pairwise(times)):
        return _("The hours of %(day)s must go from earlier to later.", day=_(DAYS[day]))
    return None


def written(text: str) -> str:
    """The one way in which hours are kept."""
    return ", ".join(span.strip().replace("–", "-").replace(" ", "") for span in text.split(","))
