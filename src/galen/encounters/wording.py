"""What people say for a diagnosis, beside what ICD-10-CM calls it: everyday words, abbreviations, British spellings.

The table `said.csv` is our own: the commonest diagnosis that each saying stands for comes first. Its codes are those
of ICD-10-CM (NCHS).
"""

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from galen.values.search_key import search_key

SHORTEST, OFFERED = 3, 3  # letters after which a saying is guessed, and how many guesses are offered
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# British spellings as the classification writes them, longest first; each also in the middle of a word.
AMERICAN = (
    ("rrhoea", "rrhea"), ("gynaec", "gynec"), ("caesar", "cesar"), ("paraesth", "paresth"), ("leuc", "leuk"),
    ("sulph", "sulf"), ("tumour", "tumor"), ("isation", "ization"), ("ising", "izing"), ("ised", "ized"),
    ("ise", "ize"), ("yse", "yze"), ("our", "or"), ("manoeuv", "maneuv"), ("ae", "e"), ("oe", "e"), ("fibre", "fiber"),
    ("centre", "center"), ("litre", "liter"), ("metre", "meter"), ("neurone", "neuron"), ("mould", "mold"),
    ("grey", "gray"), ("aluminium", "aluminum"), ("plough", "plow"), ("practise", "practice"),
)  # fmt: skip


class Saying(NamedTuple):
    """One thing people say, the codes it may stand for, and the words the classification has for it."""

    codes: tuple[str, ...]
    classified: tuple[str, ...]


@lru_cache(1)
def sayings() -> dict[str, Saying]:
    text = (files("galen.encounters") / "data" / "said.csv").read_text(encoding="utf-8")
    known: dict[str, Saying] = {}
    for row in csv.DictReader(text.splitlines()):
        saying = Saying(tuple(row["codes"].split()), tuple(search_key(row["classified"]).split()))
        for said in map(search_key, row["said"].split("|")):
            known[said] = known[american(said)] = saying
    return known


@lru_cache(1)
def longest() -> int:
    return max(len(said.split()) for said in sayings())


def american(words: str) -> str:
    """`haematemesis` as `hematemesis`: words in the spelling of the classification. Short ones (toe) are no such."""
    return re.sub(r"\w{5,}|\b(?:[ao]|ha|fa|pa)e\w*", lambda word: respelt(word[0]), words)


def respelt(word: str) -> str:
    for british, spelt in AMERICAN:
        word = word.replace(british, spelt)
    return word


def spellings(word: str) -> list[str]:
    """A word as typed, and as the classification may write it."""
    return list(dict.fromkeys((word, american(word))))


def meant(key: str) -> tuple[str, ...]:
    """The codes that what was typed stands for: the saying itself, one of a letter more or less, or begun so."""
    known = sayings()
    for said in spellings(key):
        if said in known:
            return known[said].codes
    if len(key) < SHORTEST:
        return ()
    begun = sorted((said for said in known if said.startswith(key)), key=lambda said: (len(said), said))
    if begun:
        return tuple(dict.fromkeys(known[said].codes[0] for said in begun))[:OFFERED]
    return next((known[near].codes for near in one_letter_off(key) if near in known), ()) if len(key) > SHORTEST else ()


def expanded(words: list[str]) -> Iterator[list[list[str]]]:
    """What each part of a question may be called: a saying inside it stands for the words it is classified by.

    Each part is a list of ways to say it, each way a list of words that all have to be there.
    """
    at = 0
    parts: list[list[list[str]]] = []
    while at < len(words):
        for size in range(min(longest(), len(words) - at), 0, -1):
            said = sayings().get(" ".join(words[at : at + size]))
            if said and said.classified:
                parts.append([words[at : at + size], list(said.classified)])
                at += size
                break
        else:
            parts.append([[words[at]]])
            at += 1
    yield from parts


def one_letter_off(word: str) -> Iterator[str]:
    """Every text that a single slip of a key would make of this one."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1 and tail[0] != tail[1]:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in LETTERS:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]


def slips(word: str) -> list[str]:
    """The same without what no word has, each once; short words and numbers are taken as they are."""
    if len(word) <= SHORTEST or not re.fullmatch("[a-z]+", word):
        return [word]
    return list(dict.fromkeys([word, *one_letter_off(word)]))
