"""The words of a notice by what they are: cues, days, quantities, things that may be lots, and all others."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .codes import NumberSpan
from .days import DAY

_NUMBER = r"(?:\s*(?:numbers?\b|nos?\b\.?|nums?\b\.?|codes?\b|id\b|#\s?'?s?\b|#|\(s\)|'s\b))*"
LOT = (
    rf"(?<![A-Za-z0-9])(?:lots?|batch(?:es)?|[l1I]0ts?(?=\s*[#:])|(?:control|ctrl)\s*(?=#|n(?:o|um)))(?![A-Za-z])"
    rf"(?:\s*/\s*(?:lots?|batch(?:es)?)\b)?{_NUMBER}"
)
EXPIRY = (
    r"(?<![A-Za-z])(?:exp(?:iry|iration|ires?|iring|d|\.)?|best[ -](?:by|before|if used by)|use[ -](?:by|before)"
    r"|beyond[ -]use|b\.?u\.?d|discard (?:after|by)|good (?:through|thru|until)|do not use after"
    r"|sell[ -]by|valid (?:until|through|thru))(?![A-Za-z])\.?"
)
ASIDE = (  # numbers of other kinds: what stands behind them is no lot
    r"(?<![A-Za-z])(?:(?:product|service|item|catalog(?:ue)?|cat|model|reorder|re-order|list|part|art|order|invoice|sku|ref"
    r"|case|customer|account|file|event|recall|complaint|report|application|license|patent|section|suite|ste|box|po|p\.o"
    r"|unit|room|formula|material|style|din|fei|a?nda|bla|registration|reference|kit|vendor|job|work order)"
    r"(?:\s*/\s*\w+)?\s*(?:codes?\b|numbers?\b|nos?\b\.?|#|:)(?:\s*(?:#|:))*"
    r"|(?:a?nda|bla|sku|suite|ste|p\.?o\.? box)(?![A-Za-z])"
    r"|(?:mfg|mfd|manufactur\w+|packag\w+|produced|repackag\w+|distribut\w+|ship\w+|dispens\w+|compound\w+|made|sold)\.?"
    r"(?:\s+(?:dates?|on|between|from|and|in|prior to|before|after|by|for|at|to))+[ :]*)"
)
ELSEWHERE = r"(?<![A-Za-z])(?:pedigrees?|serial(?:s|\s*/\s*lots?)?|udi)(?![A-Za-z])" + _NUMBER  # like lots, and none
UNIT = (
    r"(?:m?c?g|mgs|mcgs|µg|ug|kg|m?l|mls|cc|oz|fl\.? ?oz|iu|units?|mmol|m?eq|mci|mbq|%|ct|cts|count|tablets?"
    r"|tabs?|caplets?|capsules?|caps?|vials?|bottles?|boxes|box|cartons?|cases?|packs?|packages?|packets?|pouch(?:es)?|blisters?"
    r"|syringes?|bags?|kits?|doses?|tubes?|jars?|ampu?o?u?les?|pieces|pcs|rolls|drums?|strips?|products?|days?|weeks?"
    r"|months?|years?|hrs?|hours?|minutes?|inch(?:es)?|mm|cm|gallons?|lbs?|pounds?|grams?|liters?|litres?|million|billion)"
)
QUANTITY = (
    rf"(?<![\w.-])\d[\d,.]*(?:\s?[-x×/]\s?\d[\d,.]*)*(?:(?<=\d)\s+{UNIT}|-{UNIT}|(?<!\d{{5}}){UNIT})(?:\s?/\s?[\d.]*\s?{UNIT})?"
    r"(?![\w-])"
)
_IN_A_CODE = (
    r"""(?:(?!exp(?:iry|iration|ires|\.)?[\s.:\d/])(?:[^\s.,;:()\[\]{}"<>&]|\.(?=[^\s,;:)\]])|(?<=\d):(?=\d)))*"""
)
CODE = rf"{_IN_A_CODE}\d{_IN_A_CODE}"
TOKEN = re.compile(
    rf"(?P<line>\n)|(?P<space>[ ]+)|(?P<enum>(?<![\w(-])\(?(?:[a-z]|\d{{1,2}}|[ivx]{{1,4}})\)(?=\s*\S))|(?P<lot>{LOT})"
    rf"|(?P<elsewhere>{ELSEWHERE})|(?P<aside>{ASIDE})|(?P<expiry>{EXPIRY})|(?P<day>{DAY})|(?P<quantity>{QUANTITY})"
    rf"|(?P<code>{CODE})|(?P<word>[^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_]))*)|(?P<sign>.)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class NoticeToken:
    kind: str
    text: str
    start: int
    end: int


def tokens(text: str, known: Sequence[NumberSpan]) -> Iterator[NoticeToken]:
    """Every token of a text; where a number of a known kind stands, that."""
    at = 0
    for span in [*known, None]:
        until = span.start if span else len(text)
        while at < until and (found := TOKEN.match(text, at, until)):
            yield NoticeToken(kind_of(found), found[0], at, found.end())
            at = found.end()
        if span:
            yield NoticeToken(span.kind, span.text, span.start, span.end)
            at = span.end


def kind_of(found: "re.Match[str]") -> str:
    """Which alternative it was: the outermost group is the last to close."""
    return found.lastgroup or ""


CUES = re.compile(f"{LOT}|{EXPIRY}|{ELSEWHERE}", re.I)
