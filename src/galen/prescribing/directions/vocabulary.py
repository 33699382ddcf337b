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


Lexicon = dict[str, list[tuple[tuple[str, ...], tuple[WordMeaning, ...]]]]


def table(name: str) -> list[list[str]]:
    """The rows of a file in `data`, without its heading."""
    text = (files(__package__) / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))[1:]


@cache
def lexicon() -> Lexicon:
    """Every spelling by its first word, the longest first."""
    found: dict[tuple[str, ...], list[WordMeaning]] = {}
    for kind, key, spellings in table("spellings"):
        for spelling in spellings.split("|"):
            meanings = found.setdefault(tuple(words(spelling).row.split(" ")), [])
            if WordMeaning(kind, key) not in meanings:
                meanings.append(WordMeaning(kind, key))
    for key, text, _ in table("en"):
        if key.startswith("advice."):  # what is printed is understood
            found.setdefault(tuple(words(text.rstrip(".")).row.split(" ")), []).append(WordMeaning("advice", key[7:]))
    by_first: Lexicon = {}
    for spelled in sorted(found, key=len, reverse=True):
        by_first.setdefault(spelled[0], []).append((spelled, tuple(found[spelled])))
    return by_first


def units() -> dict[str, str]:
    """Spelling to unit, for patterns that hold a unit."""
    return {
        spelling: key
        for kind, key, spellings in table("spellings")
        if kind == "unit"
        for spelling in spellings.split("|")
    }


def keys(kind: str) -> dict[str, str]:
    """Spelling to key of one kind."""
    return {spelling: key for k, key, spellings in table("spellings") if k == kind for spelling in spellings.split("|")}
