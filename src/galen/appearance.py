"""How states and severities appear, and small pieces of text that templates need made: templates compute nothing."""

from typing import Any, NamedTuple

from galen.i18n import N_, label, sentence_case
from galen.i18n import gettext as _

FIXED = "\u00a0"


class Appearance(NamedTuple):
    """A word with its colour and its shape, so that neither alone carries the meaning."""

    tone: str
    shape: str
    word: str


STATUS = {
    ("mute", "hollow"): "draft",
    ("info", "hollow"): "open booked",
    ("ok", "disc"): "active",
    ("mute", "bar"): "inactive cancelled no_show closed",
    ("info", "disc"): "confirmed called in_progress running",
    ("ok", "half"): "arrived",
    ("caution", "half"): "waiting queued pending requested",
    ("info", "half"): "partly_dispensed",
    ("ok", "check"): "signed checked verified done completed finished dispensed collected paid received sent ok",
    ("caution", "diamond"): "held overdue expiring on_hold note ask",
    ("danger", "octagon"): "stop",
    ("danger", "triangle"): "failed recalled expired",
}
APPEARANCES = {name.replace("_", " "): appearance for appearance, names in STATUS.items() for name in names.split()}
SEVERITY = {
    "contraindicated": Appearance("danger", "octagon", N_("Contraindicated")),
    "severe": Appearance("danger", "octagon", N_("Severe")),
    "high": Appearance("danger", "octagon", N_("High")),
    "major": Appearance("danger", "triangle", N_("Major")),
    "serious": Appearance("danger", "triangle", N_("Serious")),
    "moderate": Appearance("caution", "diamond", N_("Moderate")),
    "medium": Appearance("caution", "diamond", N_("Medium")),
    "minor": Appearance("info", "disc", N_("Minor")),
    "mild": Appearance("info", "disc", N_("Mild")),
    "low": Appearance("info", "disc", N_("Low")),
    "info": Appearance("info", "disc", N_("For information")),
    "none": Appearance("ok", "check", N_("None")),
}


def status_appearance(state: Any, tone: str = "", word: str = "") -> Appearance:
    """How a state looks; one that is not known here is a plain grey word."""
    text = str(getattr(state, "value", None) or state).replace("_", " ").replace("-", " ")
    usual, shape = APPEARANCES.get(text.lower(), ("mute", "hollow"))
    return Appearance(tone or usual, shape, word or sentence_case(label(text)))


def severity_appearance(level: Any) -> Appearance:
    """How a severity looks; one that is not known here says so by its shape."""
    known = SEVERITY.get(str(level).lower())
    return known._replace(word=_(known.word)) if known else Appearance("mute", "unknown", sentence_case(label(level)))


NOTICE_ICONS = {"info": "info-circle", "ok": "circle-check", "caution": "alert-circle", "danger": "alert-octagon"}


def field_name(name: str) -> str:
    """The name of a field in a complaint: `lines.0.product_id` is "Product"."""
    return sentence_case(label(name.split(".")[-1].removesuffix("_id")))


def unparted(text: Any) -> str:
    """A number and its unit never part at the end of a line."""
    return str(text).replace(" ", FIXED)


def bound(text: Any) -> str:
    """A number stays with the word after it: "amlodipine 5 mg" may break before the 5, never after it."""
    words = str(text).split(" ")
    ends = [FIXED if word[-1:].isdigit() else " " for word in words[:-1]]
    return "".join(word + end for word, end in zip(words, [*ends, ""], strict=True))
