"""Names as people type them: one key to search by, one to listen by, and an order of likeness."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from unicodedata import category, normalize

from jellyfish import jaro_winkler_similarity, metaphone

# Letters that carry their stroke inside, so that taking accents away does not reach it.
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŧ": "t"}
)
_SILENT = dict.fromkeys(map(ord, "'’‘‛`´ʼʻʹʾʿ′＇.-‐‑‒–—―−­"))
_SPACED = dict.fromkeys(_SILENT, " ")
_ASCII = {code: None if code in _SILENT else chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
# Accents of Latin, Greek and Cyrillic letters; the vowel signs of other scripts are letters of the name and stay.
_ACCENTS = dict.fromkeys([*range(0x300, 0x370), *range(0x1AB0, 0x1B00), *range(0x1DC0, 0x1E00)])


def search_key(name: str) -> str:
    """A name without case, accents, apostrophes and hyphens: `Ó Súilleabháin-Łuksza` is `o suilleabhainluksza`."""
    if name.isascii():  # the same, several times as fast
        return " ".join(name.translate(_ASCII).split())
    name = normalize("NFKD", name.translate(_SILENT).casefold()).casefold().translate(_ACCENTS).translate(_PLAIN)
    name = normalize("NFKC", name)
    kept = "".join(sign if _belongs(sign) else " " for sign in name.translate(_SILENT).casefold())
    return " ".join(kept.split())


def opened(name: str) -> str:
    """The same with a space for each apostrophe and hyphen, so that every part counts: `o suilleabhain luksza`."""
    return search_key(name.translate(_SPACED))


def sounds_like(name: str) -> str:
    """How each word sounds (Metaphone): Catherine and Katherine share a key; words of other scripts stay."""
    return " ".join(_sound(word) for word in search_key(name).split())


def likeness(query: str, name: str) -> float:
    """0 to 1: each word of the query against the word of the name that suits it best, in any order."""
    wanted, words = search_key(query).split(), search_key(name).split()
    if not wanted or not words:
        return 0.0
    return sum(max(_near(word, other) for other in words) for word in wanted) / len(wanted)


def rank(query: str, names: Iterable[str]) -> list[tuple[str, float]]:
    """Names with their likeness to what was typed, the likest first; equals by length, then alphabet."""
    scored = [(name, likeness(query, name)) for name in names]
    return sorted(scored, key=lambda match: (-match[1], len(match[0]), search_key(match[0]), match[0]))


def _near(typed: str, word: str) -> float:
    if word.startswith(typed):
        return 1.0 if word == typed else 0.95
    alike = jaro_winkler_similarity(typed, word)
    return max(alike, 0.9) if alike > 0.6 and _sound(typed) == _sound(word) else min(alike, 0.94)


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    return (metaphone(word) if word.isascii() else "") or word


def _belongs(sign: str) -> bool:
    return sign.isalnum() or category(sign)[0] == "M"
