"""The days of the week by name, Monday first."""

from galen.i18n import N_
from galen.i18n import gettext as _

NAMES = [
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
]
SHORT = [N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun")]


def weekday_name(weekday: int) -> str:
    return _(NAMES[weekday])


def weekday_choices() -> list[tuple[int, str]]:
    """Each weekday with its short name."""
    return [(weekday, _(name)) for weekday, name in enumerate(SHORT)]
