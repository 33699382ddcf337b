"""Words in the reader's own language: gettext, with the English sentence as the id of each message.

Code says `_("Nobody is waiting")`, a template says the same or `{% trans %}…{% endtrans %}`. Values stand in a message
by name, `_("%(count)s are waiting", count=3)`, so that a translation may move them.
"""

from contextvars import ContextVar
from enum import Enum
from gettext import NullTranslations
from typing import Any

CURRENT: ContextVar[NullTranslations] = ContextVar("translations", default=NullTranslations())  # noqa: B039 read only


def gettext(message: str, /, **values: Any) -> str:
    """A message in the current language, its named values filled in."""
    said = CURRENT.get().gettext(message)
    return said % values if values else said


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> str:
    """The form that this number asks for; the number itself is `%(num)s`."""
    return CURRENT.get().ngettext(singular, plural, num) % {"num": num, **values}


def pgettext(context: str, message: str, /, **values: Any) -> str:
    """A short word that means different things in different places: `pgettext("till", "Open")`."""
    said = CURRENT.get().pgettext(context, message)
    return said % values if values else said


def N_(message: str, /) -> str:
    """Marks a message that is kept now and translated when it is shown, by `_(message)`."""
    return message


def label(value: Any) -> str:
    """The word for a state or a choice, as a person reads it: `no_show` is "no show"."""
    text = str(value.value if isinstance(value, Enum) else value).replace("_", " ")
    return CURRENT.get().gettext(text) if text else ""
