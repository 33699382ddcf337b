"""What a lot number may look like, and what only looks like one."""

import re

from galen.values.check_digits import is_gtin

from .codes import SHAPES
from .days import is_day

SHORTEST, LONGEST, WIDE = 3, 20, 500  # characters of a lot (GS1 (10) has at most 20), and lots of the widest range


def bare(text: str) -> str:
    """A code without the marks around it: footnotes, full stops, quotes."""
    return text.strip("*†‡.,:;/'\"#-?!=+_~ ")


def shape_of(text: str) -> str:
    return re.sub(r"[A-Za-z]", "A", re.sub(r"\d", "9", text))


def alike(texts: list[str]) -> bool:
    """Whether codes that stand side by side are each a lot: long enough, and of one shape."""
    long = all(len(text) >= 5 and sum(map(str.isdigit, text)) >= 3 for text in texts)
    return long and len(set(map(shape_of, texts))) == 1


def doubtful(text: str, others: set[str]) -> bool:
    """Whether a code behind the word *lot* may be something else, or more than one; `others` stand in the same text."""
    if not SHORTEST <= len(text) <= LONGEST or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9/._@#+-]*", text):
        return True
    if re.fullmatch(r"[\d.]*\.\d+|D-\d{3,4}-\d{4}|\d+(?:st|nd|rd|th)|\d{3}-\d{3}-\d{4}|0*", text, re.I):
        return True
    if re.fullmatch(r"[\d-]+", text) and tuple(map(len, text.split("-"))) in SHAPES:
        return True
    if is_gtin(text) and len(text) >= 12:
        return True
    parts = text.split("/")
    if re.fullmatch(r"\d{1,2}/\d{1,6}(?:/\d+)?", text) or any(map(is_day, (text.partition("/")[2], parts[-1]))):
        return True
    if len(parts) > 1 and min(map(len, parts)) >= 4 and len(set(map(shape_of, parts))) == 1:
        return True
    return range_of(text) is not None and not any(same_stem(text, other) for other in others)


def same_stem(text: str, other: str) -> bool:
    """Whether both have a hyphen in the same place and agree before it: then it belongs to the number."""
    return other != text and shape_of(other) == shape_of(text) and other.partition("-")[0] == text.partition("-")[0]


def range_of(text: str) -> tuple[str, str] | None:
    """First and last of what may be a range: `123-126`, `A100-A105`; one lot number with a hyphen looks the same."""
    first, _hyphen, last = text.partition("-")
    whole = re.fullmatch(r"(.*?)(\d{2,})([A-Za-z]*)", first)
    if whole is None:
        return None
    stem, number, tail = whole.groups()
    other = re.fullmatch(rf"(?:{re.escape(stem)})?(\d{{{len(number)}}}){tail}", last)
    if other and 0 < int(other[1]) - int(number) <= WIDE:
        return first, last
    return None


def looks_like_a_lot(text: str) -> bool:
    """Capitals and digits in one, long enough: perhaps a lot that no word announces."""
    return re.fullmatch(r"[A-Z0-9]{6,14}", text) is not None and sum(map(str.isdigit, text)) >= 3 and not text.isdigit()
