"""Opening hours: for each day of the week, from when to when."""

import re
from itertools import pairwise

DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
SPAN = r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"


def hours_fault(day: str, text: str) -> str | None:
    """The rule that a day's hours break; `08:00-12:00, 13:00-17:30` are two spans, in order."""
    if day not in DAYS:
        return f"“{day}” is no day; write one of {', '.join(DAYS)}."
    spans = [span.strip().replace("–", "-").replace(" ", "") for span in text.split(",")]
    if not all(re.fullmatch(SPAN, span) for span in spans):
        return f"Please write the hours of {DAYS[day]} as 08:00-17:30, or two spans with a comma between."
    times = [time for span in spans for time in span.split("-")]
    if any(later <= earlier for earlier, later in pairwise(times)):
        return f"The hours of {DAYS[day]} must go from earlier to later."
    return None


def written(text: str) -> str:
    """The one way in which hours are kept."""
    return ", ".join(span.strip().replace("–", "-").replace(" ", "") for span in text.split(","))
