"""Messages in the current language, for Python and for templates."""

from enum import Enum
from typing import Any

from markupsafe import Markup

from .language import CURRENT

SPOKEN = frozenset({"thing", "was", "now"})
"""Values of refusals that are words themselves: names of records, states."""


def gettext(message: str, /, **values: Any) -> str:
    """A message in the current language, its named values filled in."""
    text = CURRENT.get().text(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> str:
    """The form that this number asks for; the number itself is `%(num)s`."""
    return CURRENT.get().number(singular, plural, num) % {"num": num, **values}


def pgettext(context: str, message: str, /, **values: Any) -> str:
    """A short word that means different things in different places: `pgettext("till", "Open")`."""
    text = CURRENT.get().text(message, context)
    return text % values if values else text


def N_(message: str, /) -> str:
    """Marks a message that is kept now and translated when it is shown, by `_(message)`."""
    return message


def label(value: Any) -> str:
    """The word for a state or a choice, as a person reads it: `no_show` is "no show"."""
    text = str(value.value if isinstance(value, Enum) else value).replace("_", " ")
    return CURRENT.get().text(text) if text else ""


def sentence_case(words: str) -> str:
    """The first letter tall, the others as they are."""
    return words[:1].upper() + words[1:]


def markup(message: str, /, **values: Any) -> Markup:
    """`_` of templates: a constant message is trusted, its values are not. `%%` is a percent sign."""
    to = CURRENT.get()
    if values:
        return Markup(to.text(message)) % values  # noqa: S704 messages are ours
    if (text := to.markups.get(message)) is None:
        text = to.markups[message] = Markup(to.text(message)) % {}  # noqa: S704 messages are ours
    return text


def pmarkup(context: str, message: str, /, **values: Any) -> Markup:
    """`pgettext` of templates."""
    text = Markup(CURRENT.get().text(message, context))  # noqa: S704 messages are ours
    return text % values


def nmarkup(singular: str, plural: str, num: int, /, **values: Any) -> Markup:
    """`ngettext` of templates."""
    text = Markup(CURRENT.get().number(singular, plural, num))  # noqa: S704 messages are ours
    return text % {"num": num, **values}
