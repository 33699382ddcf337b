"""Words in the reader's own language: gettext, with the English sentence as the id of each message.

Code says `_("Nobody is waiting")`, a template says the same or `{% trans %}…{% endtrans %}`. Values stand in a message
by name, `_("%(count)s are waiting", count=3)`, so that a translation may move them.
"""

from . import formats, pseudo, typed
from .choosing import choose, met, offered
from .language import CURRENT, Language, current, language, speak, speaking
from .messages import N_, SPOKEN, gettext, label, markup, ngettext, nmarkup, pgettext, pmarkup, sentence_case

__all__ = [
    "CURRENT",
    "N_",
    "SPOKEN",
    "Language",
    "choose",
    "current",
    "formats",
    "gettext",
    "label",
    "language",
    "markup",
    "met",
    "ngettext",
    "nmarkup",
    "offered",
    "pgettext",
    "pmarkup",
    "pseudo",
    "sentence_case",
    "speak",
    "speaking",
    "typed",
]
