"""What is wrong with a field, in a sentence that says what to write instead."""

import re
from typing import Any

from . import formats, typed
from .messages import N_, label
from .messages import gettext as _

A_DATE = N_("Enter a date, such as %(example)s.")
ISO_DATE = "2026-11-20"
A_MOMENT = N_("Enter a date and a time, such as 2026-11-20T14:30+11:00.")
A_TIME = N_("Enter a time, such as 14:30.")
A_NUMBER = N_("Enter a number.")
WHOLE = N_("Enter a whole number.")
FROM_THE_LIST = N_("Choose one from the list.")
SOME = N_("Enter some text.")
FILL_IN = N_("Please fill this in.")
YES_OR_NO = N_("Choose yes or no.")
AN_OBJECT = N_("Send an object with named fields.")
OTHERWISE = N_("Look at this again.")

QUOTED = re.compile(r"'([^']*)'")

WORDS = {
    "missing": FILL_IN,
    "extra_forbidden": N_("This field is not known here."),
    "int_from_float": WHOLE,
    "string_type": SOME,
    "string_pattern_mismatch": N_("This is not written the way it is written here. Look at the example."),
    "finite_number": A_NUMBER,
    "decimal_max_digits": N_("This number has too many digits."),
    "decimal_whole_digits": N_("This number is too large."),
    "bool_parsing": YES_OR_NO,
    "bool_type": YES_OR_NO,
    "timezone_aware": N_("Say in which time zone that is, such as 2026-11-20T14:30+11:00."),
    "json_invalid": N_("What was sent is not valid JSON."),
    "list_type": N_("Send a list."),
    "dict_type": AN_OBJECT,
    "model_type": AN_OBJECT,
    "model_attributes_type": AN_OBJECT,
}
KINDS = {
    "datetime": A_MOMENT, "date": A_DATE, "time_delta": N_("Enter a length of time."), "time": A_TIME, "int": WHOLE,
    "decimal": A_NUMBER, "float": A_NUMBER, "uuid": FROM_THE_LIST, "url": N_("Enter a web address."),
    "bytes": N_("Send a file."), "enum": FROM_THE_LIST, "literal": FROM_THE_LIST, "string": SOME,
}  # fmt: skip
LIMITS = {
    "enum": N_("Choose one of {expected}."),
    "literal_error": N_("Choose one of {expected}."),
    "greater_than": N_("Enter something above {gt}."),
    "greater_than_equal": N_("Enter {ge} or more."),
    "less_than": N_("Enter something below {lt}."),
    "less_than_equal": N_("Enter {le} or less."),
    "multiple_of": N_("Enter a multiple of {multiple_of}."),
    "string_too_short": N_("Write at least {min_length} characters."),
    "string_too_long": N_("Write at most {max_length} characters."),
    "too_short": N_("Add at least {min_length}."),
    "too_long": N_("At most {max_length} are possible."),
    "decimal_max_places": N_("Write at most {decimal_places} digits after the point."),
}


def sentence(error: Any, *, on_page: bool = False) -> str:
    """One complaint of the validator, said plainly; sentences that a rule of ours wrote stay as they are.

    `on_page` when a person wrote it on a page, where a date is written as their country writes it, and choices have
    words; a client reads what it has to send.
    """
    kind, about = str(error["type"]), dict(error.get("ctx") or {})
    if kind in ("value_error", "assertion_error"):
        return closed(str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, "))
    if kind == "string_too_short" and about.get("min_length") == 1:
        return _(FILL_IN)
    if on_page and "expected" in about:
        about["expected"] = formats.one_of(
            [label(choice) for choice in QUOTED.findall(str(about["expected"])) if choice]
        )
    if kind in LIMITS:
        return _(LIMITS[kind]).format(**{name: str(value).replace("'", "") for name, value in about.items()})
    if kind.endswith("_type") and error.get("input", "") is None:
        return _(FILL_IN)
    words = WORDS.get(kind) or next((words for of, words in KINDS.items() if kind.startswith(of)), OTHERWISE)
    return _(words, example=typed.example() if on_page else ISO_DATE) if words is A_DATE else _(words)


def closed(words: str) -> str:
    return words if words.endswith((".", "?")) else words[:1].upper() + words[1:] + "."
