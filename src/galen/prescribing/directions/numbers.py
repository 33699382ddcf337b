"""Numbers as prescribers write them (`½`, `1 1/2`, `ii`, `half`) and as they are safe to print."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

WORDS = {
    word: Fraction(value)
    for word, value in (
        row.split()
        for row in """half 1/2|quarter 1/4|third 1/3|ss 1/2|a 1|an 1|one 1|two 2|three 3|four 4|five 5|six 6|seven 7
        |eight 8|nine 9
        |ten 10|eleven 11|twelve 12|fourteen 14|fifteen 15|twenty 20|thirty 30|forty 40|fifty 50|sixty 60|hundred 100
        |i 1|ii 2|iii 3|iv 4|v 5|vi 6|vii 7|viii 8|ix 9|x 10|t 1|tt 2|ttt 3|iss 3/2|iiss 5/2""".split("|")
    )
}
DIGITS = r"(?:(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,7})(?:\.\d{1,6})?|\.\d{1,6})"
_COUNTED = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|twenty|thirty|forty|fifty|sixty"
)
WHOLE = rf"(?:\d{{1,4}}|{_COUNTED})"
_ROMAN = "iiss|iss|iii|ii|iv|i|viii|vii|vi|v|ix|ttt|tt|t|ss"
# What stands first in a number, to see quickly that a word begins none.
FIRST = re.compile(rf"\.?\d.*|{_COUNTED}|half|quarter|third|an?|hundred|{_ROMAN}")
_PART = "(?:half|quarter|third)"
# In the order in which they are tried: `1 and a half`, `1 and one-half`, `1 1/2`, `1/2`, `2.5`, `half a`, `one-half`,
# `1 half`, `two`, `ii`.
NUMBER = (
    rf"(?:(?:\d{{1,3}}|{_COUNTED})(?: and| \+)? (?:a|one|1)(?: -)? (?:half|quarter)|(?:\d{{1,3}}|{_COUNTED}) "
    rf"(?:and |- |& |\+ )?[1-3] / [2348](?! /)|[1-7] / [23458](?! /)"
    rf"|(?:1|one) half|(?:3|three)(?: -)? quarters"
    rf"|{DIGITS}|(?:one |a )?(?:- )?{_PART}(?: of)?(?: an?| one)?(?! - )|one hundred|{_COUNTED}|{_ROMAN})"
)


@lru_cache(maxsize=4096)
def value(written: str) -> Fraction | None:
    """What a number written in any of these ways is worth; None when it is none."""
    text = re.sub(r"(?: of)?(?: an?| one)?$", "", written.replace(" / ", "/"))
    text = re.sub(r"(?:(?<=^)|(?<= ))(?:one|a|1) (?=(?:- )?(?:half|quarter|third|hundred))", "", text)
    text = re.sub(r"(?:(?<=^)|(?<= ))(?:and|&|\+|-)(?= )", " ", text)
    text = re.sub(r"(?:3|three) (?:- )?quarters", "3/4", text).strip(" -")
    if not text:
        return None
    total = Fraction(0)
    for part in text.split():
        if part in WORDS:
            total += WORDS[part]
            continue
        try:
            total += Fraction(part.replace(",", ""))
        except (ValueError, ZeroDivisionError):
            return None
    return total


@lru_cache(maxsize=4096)
def exact(number: Fraction | None) -> Decimal | None:
    """As a decimal, where four places say it exactly; a third of a tablet cannot be printed, and is none."""
    if number is None or number * 10_000 % 1:
        return None
    return Decimal(number.numerator) / Decimal(number.denominator)


@lru_cache(maxsize=4096)
def plain(number: Decimal) -> str:
    """A number as it is safe to print: 1 and not 1.0, 0.5 and not .5, 1,000 and not 1000 (ISMP)."""
    return f"{round(number, 4).normalize():,f}"
