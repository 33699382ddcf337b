"""From signs to words: the text as one row of small words with single spaces, and where each stood in the original."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_SIGNS = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\"", " "),
    "\u2019": "'", "×": "x", "½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "μ": "µ", "\u00a0": " ",
    "º": "°", "⁄": "/",
}  # fmt: skip
_NUMBERS = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve fourteen twenty thirty".split(),
        "1 2 3 4 5 6 7 8 9 10 11 12 14 20 30".split(),
        strict=True,
    )
)
_WORD = re.compile(
    r"(?P<dotted>(?<![^\W_])[^\W\d_]\.(?:[^\W\d_]\.)*[^\W\d_](?![^\W_])\.?)"
    r"|(?P<mixed>(?=[^\W_]*\d)(?=[\d.,]*[^\W\d_])(?:\.?[^\W_]+(?:[.,]\d[^\W_]*)*))"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d.]*\d)|\d+(?:\.\d+)*|\.\d+)"
    r"|(?P<letters>[^\W\d_]+(?:'[^\W\d_]+)*)|(?P<sign>\S)"
)
_GLUED = re.compile(r"([a-z#]*?)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+)([a-zµ°]*)")
_BEFORE = frozenset(["", "x", "q", "max", "mitte", "disp", "qty", "rpt", "for", "every"])
_AFTER = frozenset(
    """
    x h hr hrs hrly hourly hour hours d day days dly w wk wks week weeks m mth mths month months min mins
    minutes am pm st nd rd th tab tabs tablet tablets cap caps capsule capsules mg mgs mcg mcgs microg
    microgram micrograms µg ug g gm ml mls cc u iu unit units puff puffs spray sprays drop drops gtt gtts
    patch patches supp sachet sachets loz neb nebs amp amps vial vials mmol meq tsp tbsp t c dose doses ftu %
    """.split()
)


@dataclass(frozen=True)
class Words:
    """`row` is what the grammar reads: `1 - 2 tab po q 4 - 6 h`; `places` are the beginnings and ends in `original`."""

    original: str
    row: str
    places: tuple[tuple[int, int], ...]

    @cached_property
    def at(self) -> dict[int, int]:
        """Which word begins (or would begin) at a place of the row."""
        found, place = {0: 0}, 0
        for number, word in enumerate(self.row.split(" "), 1):
            place += len(word) + 1
            found[place] = number
        return found

    def written(self, start: int, end: int) -> str:
        """The original of a stretch of the row."""
        first, last = self.at[start], self.at[end] if end in self.at else self.at[end + 1]
        return self.original[self.places[first][0] : self.places[last - 1][1]]


def words(text: str) -> Words:
    """The text in small letters and small words; nothing is left out but white space and quotation marks."""
    low, origin = _lowered(text)
    found: list[tuple[str, int, int]] = []
    for match in _WORD.finditer(low):
        found += _parted(match)
    found = _said_once(found)
    if not found:
        return Words(text, "", ())
    return Words(
        text, " ".join(word for word, _, _ in found), tuple((origin[a], origin[b - 1] + 1) for _, a, b in found)
    )


def _lowered(text: str) -> tuple[str, list[int]]:
    low: list[str] = []
    origin: list[int] = []
    for place, sign in enumerate(text):
        for new in _SIGNS.get(sign) or sign.lower():
            low.append(new)
            origin.append(place)
    return "".join(low), origin


def _said_once(found: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """`2 (two) times` and `two (2) times` say a number twice; when both are the same, once is enough."""
    kept: list[tuple[str, int, int]] = []
    at = 0
    while at < len(found):
        kept.append(found[at])
        first, again = found[at][0], [word for word, _, _ in found[at + 1 : at + 4]]
        at += 1
        if (
            len(again) == 3
            and again[0] == "("
            and again[2] == ")"
            and _NUMBERS.get(first, first) == _NUMBERS.get(again[1], again[1])
        ):
            at += 3
    return kept


def _parted(match: re.Match[str]) -> list[tuple[str, int, int]]:
    """`b.d.` is one word; `500mg`, `q4h`, `x5` are two or three; senseless letters and digits stay together."""
    start, end, written = match.start(), match.end(), match[0]
    if match["dotted"]:
        return [(written.replace(".", ""), start, end)]
    glued = _GLUED.fullmatch(written) if match["mixed"] else None
    if glued and glued[1] in _BEFORE and (glued[3] in _AFTER or not glued[3]):
        return [(glued[n], start + glued.start(n), start + glued.end(n)) for n in (1, 2, 3) if glued[n]]
    return _crossed(written, start, end)


def _crossed(written: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """`2xdaily`, `xdaily`, `5xday`: times a day."""
    crossed = re.fullmatch(r"(\d{0,2})(x)(daily|day|weekly|week|wk|d)", written)
    if not crossed:
        return [(written, start, end)]
    return [(crossed[n], start + crossed.start(n), start + crossed.end(n)) for n in (1, 2, 3) if crossed[n]]
