"""What is wrong with a field, in a sentence that says what to write instead."""

from typing import Any

A_DATE = "Enter a date, such as 2026-11-20."
A_MOMENT = "Enter a date and a time, such as 2026-11-20T14:30+11:00."
A_TIME = "Enter a time, such as 14:30."
A_NUMBER = "Enter a number."
WHOLE = "Enter a whole number."
FROM_THE_LIST = "Choose one from the list."
SOME = "Enter some text."

WORDS = {
    "missing": "Please fill this in.",
    "extra_forbidden": "This field is not known here.",
    "int_from_float": WHOLE,
    "string_type": SOME,
    "string_pattern_mismatch": "This is not written the way it is written here. Look at the example.",
    "finite_number": A_NUMBER,
    "decimal_max_digits": "This number has too many digits.",
    "decimal_whole_digits": "This number is too large.",
    "bool_parsing": "Choose yes or no.",
    "bool_type": "Choose yes or no.",
    "timezone_aware": "Say in which time zone that is, such as 2026-11-20T14:30+11:00.",
    "json_invalid": "What was sent is not valid JSON.",
    "list_type": "Send a list.",
    "dict_type": "Send an object with named fields.",
    "model_type": "Send an object with named fields.",
    "model_attributes_type": "Send an object with named fields.",
}
KINDS = {
    "datetime": A_MOMENT, "date": A_DATE, "time_delta": "Enter a length of time.", "time": A_TIME, "int": WHOLE,
    "decimal": A_NUMBER, "float": A_NUMBER, "uuid": FROM_THE_LIST, "url": "Enter a web address.",
    "bytes": "Send a file.", "enum": FROM_THE_LIST, "literal": FROM_THE_LIST, "string": SOME,
}  # fmt: skip
LIMITS = {
    "enum": "Choose one of {expected}.",
    "literal_error": "Choose one of {expected}.",
    "greater_than": "Enter something above {gt}.",
    "greater_than_equal": "Enter {ge} or more.",
    "less_than": "Enter something below {lt}.",
    "less_than_equal": "Enter {le} or less.",
    "multiple_of": "Enter a multiple of {multiple_of}.",
    "string_too_short": "Write at least {min_length} characters.",
    "string_too_long": "Write at most {max_length} characters.",
    "too_short": "Add at least {min_length}.",
    "too_long": "At most {max_length} are possible.",
    "decimal_max_places": "Write at most {decimal_places} digits after the point.",
}


def sentence(error: Any) -> str:
    """One complaint of the validator, said plainly; sentences that a rule of ours wrote stay as they are."""
    kind, about = str(error["type"]), dict(error.get("ctx") or {})
    if kind in ("value_error", "assertion_error"):
        return closed(str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, "))
    if kind == "string_too_short" and about.get("min_length") == 1:
        return WORDS["missing"]
    if kind in LIMITS:
        return LIMITS[kind].format(**{name: str(value).replace("'", "") for name, value in about.items()})
    if kind.endswith("_type") and error.get("input", "") is None:
        return WORDS["missing"]
    return WORDS.get(kind) or next((words for of, words in KINDS.items() if kind.startswith(of)), "Look at this again.")


def closed(words: str) -> str:
    return words if words.endswith((".", "?")) else words[:1].upper() + words[1:] + "."
