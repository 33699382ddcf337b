"""The words that prescribers write and what each means, from `data/spellings.csv`. A new word is a new row there."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from .words import words


class WordMeaning(NamedTuple):
    kind: str
    key: str


Lexicon = dict[str, list[tuple[str, tuple[WordMeaning, ...]]]]
# `by oral route`, `via the sublingual route`: how the name of a route may be framed.
ROUTES = (
    "{0}",
    "{0} route",
    "by {0} route",
    "by the {0} route",
    "by {0}",
    "via {0}",
    "via {0} route",
    "via the {0} route",
    "per {0}",
)
FRAMED = frozenset({"by", "via", "per", "into", "in", "under", "through", "using", "with", "on", "onto", "to", "down"})
# `to be taken`, `should be used`: how British labels say a verb.
PASSIVE = ("{0}", "to be {0}", "is to be {0}", "are to be {0}", "should be {0}", "must be {0}", "may be {0}")


def table(name: str) -> list[list[str]]:
    """The rows of a file in `data`, without its heading."""
    text = (files(__package__) / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))[1:]


def spelled() -> list[tuple[WordMeaning, str]]:
    """Every spelling with its meaning: routes in their frames, participles as labels use them."""
    found = []
    for kind, key, spellings in table("spellings"):
        for spelling in spellings.split("|"):
            frames: tuple[str, ...] = ("{0}",)
            if kind == "route" and not FRAMED & set(spelling.split(" ")):
                frames = ROUTES
            if kind == "passive":
                frames = PASSIVE
            found += [
                (WordMeaning("verb" if kind == "passive" else kind, key), frame.format(spelling)) for frame in frames
            ]
    return found


@cache
def lexicon() -> Lexicon:
    """Every spelling by its first word, the longest first."""
    found: dict[str, list[WordMeaning]] = {}
    for meaning, spelling in spelled():
        meanings = found.setdefault(words(spelling).row, [])
        if meaning not in meanings:
            meanings.append(meaning)
    for key, text, _ in table("en"):
        if key.startswith("advice."):  # what is printed is understood
            found.setdefault(words(text.rstrip(".")).row, []).append(WordMeaning("advice", key[7:]))
    by_first: Lexicon = {}
    for text in sorted(found, key=lambda text: text.count(" "), reverse=True):
        by_first.setdefault(text.split(" ", 1)[0], []).append((text, tuple(found[text])))
    return by_first


def units() -> dict[str, str]:
    """Spelling to unit, for patterns that hold a unit."""
    return keys("unit")


def keys(kind: str) -> dict[str, str]:
    """Spelling to key of one kind."""
    return {spelling: key for k, key, spellings in table("spellings") if k == kind for spelling in spellings.split("|")}


def first_word(row: str, place: int) -> str:
    """The word that begins at a place of the row."""
    end = row.find(" ", place)
    return row[place:end] if end >= 0 else row[place:]


def phrase_at(row: str, place: int) -> tuple[str, tuple[WordMeaning, ...]] | None:
    """The longest spelling that stands at a place of the row, with its meanings."""
    for text, meanings in lexicon().get(first_word(row, place), ()):
        if row.startswith(text, place) and (place + len(text) == len(row) or row[place + len(text)] == " "):
            return text, meanings
    return None
