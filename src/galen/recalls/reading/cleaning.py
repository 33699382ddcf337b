"""A notice's text as people typed it, without what spreadsheets and web pages put into it."""

import html
import re

_SIGNS = str.maketrans(
    {**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"), **dict.fromkeys("\u2018\u2019", "'")}
    | dict.fromkeys("\u00a0\u2007\u202f\u3000\t\x0b\x0c", " ")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", None)
    | dict.fromkeys("\u201c\u201d", '"')
)
MOST = 50_000  # characters of the longest text that is read


def clean(text: str) -> str:
    """Spaces, dashes and line ends written one way; nothing that is printed is lost."""
    text = html.unescape(text[:MOST]) if "&" in text else text[:MOST]
    text = re.sub(r"(?i)<(?:br|/?p|/?li|/?td|/?tr)\b[^>]{0,40}>", "\n", text)
    text = re.sub(r"_x000[Dd]_\n?|\r\n?|\u2028|\u2029|\x85", "\n", text)
    return re.sub(r"(?i)((?<![a-z])exp(?:iry|iration|ires?)?[.:-]?)(?=\d)", r"\1 ", text.translate(_SIGNS))
