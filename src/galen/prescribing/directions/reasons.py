"""Why and on what condition: reasons that the table knows, others as they were written; who directs; remarks."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from .numbers import WORDS
from .shapes import LONG, UNIT_OF, shapes_of
from .sheet import ReadingSheet
from .vocabulary import first_word, lexicon, phrase_at, spelled

JOINT = re.compile(r" (?:and|or|/|&|,|and / or) ")
# A figure in a reason: `over 140/90`, `above 38.5 °C`.
FIGURE = re.compile(
    r"(?:over|above|below|under|at least|greater than|more than|less than|higher than|lower than|exceeding|exceeds)"
    r" \d+(?:\.\d+)?(?: (?:/|-|to) \d+(?:\.\d+)?)?(?: (?:mg / dl|mmol / l|mm ?hg|bpm|°(?: [cf])?|degrees(?: [cf])?|"
    r"c|f|%))?(?= |$)"
)
# What says that more is meant than a reason: another dose, a limit, a condition upon a condition.
UNSAFE = frozenset(
    """not no never none nor without unless until till except avoid stop stopped hold withhold omit skip missed
    but instead than then else otherwise may can must should could would might repeat again increase decrease
    reduce double halve titrate taper adjust change extra additional more less fewer another each every per
    times time daily weekly monthly hourly once twice thrice after before within while whilst during between
    apart only total max maximum minimum least most exceed dose doses dosage take taken taking use give given
    apply inject insert swallow chew sliding scale day days night nights week weeks month months hour hours
    minute minutes year years morning evening noon midday afternoon bedtime breakfast lunch dinner supper
    today tomorrow tonight alternate other second half quarter strength weight kg pack""".split()
)
CLOSERS = frozenset({".", ";", ",", ")", "(", ":"})
SHORT = 4  # of so few letters another one makes another word: mood, food
STRONG = frozenset(
    """change repeated most days often_every often_times apart lead meals clock quantity repeats label on_day
    weekdays start by_whom packed""".split()
)
TELLING = frozenset({"often", "once", "moment", "needed", "directed", "advice", "then", "stop", "others", "event"})
EVERYDAY = frozenset("the your a an of to in for and or with well away out doctor low".split())
ROUTES = frozenset(
    """oral sublingual buccal subcutaneous intramuscular intravenous inhaled nebulised tube""".split()
)  # these do not stand in a reason, as `in the ear` may


class Reasons(ReadingSheet):
    """Reads reasons. Every method of a shape says where it ended, or 0 when the piece is not its kind."""

    def _bare_reason(self, found: re.Match[str]) -> int:
        """`prn pain`."""
        usable = self.step.dose.needed and not self.step.dose.reason
        end, keys = self._known(found.string, found.start()) if usable else (0, "")
        if end:
            self.step.dose = replace(self.step.dose, reason=keys)
        return end

    def _reason(self, found: re.Match[str]) -> int:
        if self.step.dose.reason:
            return 0
        row, place = found.string, found.end() + 1
        conditional = found["because"].startswith(("if", "when"))
        end, keys = self._known(row, place)
        far = self._far(row, place, conditional)
        if end and end >= far:
            self.step.dose = replace(self.step.dose, reason=keys, needed=self.step.dose.needed or conditional)
            return end
        if not far:
            return 0
        text = self._said(place, far)
        whole = found["because"] if conditional else ""
        self.step.dose = replace(
            self.step.dose, reason=f"{whole} {text}".strip(), needed=self.step.dose.needed or conditional
        )
        return far

    def _onset(self, found: re.Match[str]) -> int:
        """`at the first sign of a migraine`: when it is taken."""
        far = self._far(found.string, found.end() + 1)
        if not far or self.step.dose.event:
            return 0
        return self._set(far, event=self._said(found.start(), far))

    def _event_lead(self, found: re.Match[str]) -> int:
        """`1 hour before the procedure`, as it was written."""
        if self.step.dose.event:
            return self._unknown(found)
        return self._put(found, event=self._said(found.start(), found.end()))

    def _watered(self, found: re.Match[str]) -> int:
        """`in 8 oz of water`; `with water` says no more than that one drinks."""
        if not re.match(r"mix|diss|dilu|stir|in", found[0]):
            return 0
        self.made.advice += ("in water",) * ("in water" not in self.made.advice)
        return found.end()

    def _by_whom(self, found: re.Match[str]) -> int:
        return self._put(found, directed=True, by=found["by"])

    def _said(self, start: int, end: int) -> str:
        """As it was written; what was written in capitals only is put into small letters."""
        text = re.sub(r"\s+", " ", self.words.written(start, end))
        return text.lower() if text.isupper() else text

    def _known(self, row: str, place: int) -> tuple[int, str]:
        """Where reasons that the table knows end, one or several, and their keys."""
        keys: list[str] = []
        end = 0
        while place < len(row):
            first = first_word(row, place)
            hit = next(
                ((text, m.key) for text, ms in lexicon().get(first, ()) for m in ms
                 if m.kind == "reason" and f"{row[place:]} ".startswith(f"{text} ")), None
            )  # fmt: skip
            if hit is None:
                break
            keys += [hit[1]] * (hit[1] not in keys)
            end = place + len(hit[0])
            if not (joint := JOINT.match(row, end)):
                break
            place = joint.end()
        return end, "|".join(keys)

    def _far(self, row: str, place: int, conditional: bool = False) -> int:
        """How far plain words go that may be a reason; 0 where something among them says more than a reason."""
        begun, end = place, 0
        while place < len(row):
            word = first_word(row, place)
            if word in CLOSERS:
                break
            if figure := FIGURE.match(row, place):
                place = end = figure.end()
                place += 1
                continue
            if self._telling(row, place, word, conditional):
                break
            if (
                word in UNSAFE
                or word in UNIT_OF
                or (word in WORDS and word not in ("a", "an"))
                or not re.fullmatch(r"[a-z'/&-]+", word)
            ):
                return 0
            end = place + len(word)
            place = end + 1
        text = row[begun:end]
        return end if end and len(text.split(" ")) <= 9 and re.search(r"[a-z]{3}", text) else 0

    def _telling(self, row: str, place: int, word: str, conditional: bool) -> bool:
        """Whether directions go on here: a time, an amount, an advice. After `if`, a dose is part of the condition."""
        for name, look in shapes_of(word):
            if name in STRONG and look.match(row, place):
                return True
            if name == "dose" and not conditional and (hit := look.match(row, place)):
                return bool(hit.groupdict().get("unit") or hit.groupdict().get("unit2"))
        known = phrase_at(row, place)
        kinds = {m.kind for m in known[1]} if known else set()
        route = any(m.kind == "route" and m.key in ROUTES for m in known[1]) if known else False
        return route or bool(kinds & TELLING) or ("verb" in kinds and not conditional)


def harmless(text: str) -> bool:
    """Whether what stands behind directions cannot change them: no figure, dose, time or condition, nor a misspelt"
    " one."""
    row = re.sub(r"(?:dx|icd|icd - 10|icd 10)(?: code)?s?(?: [:=-])? [a-z]\d\w*(?:\.\w+)?", " ", text)
    row = re.sub(r"(?:dx|icd)(?: [:=-])? ", " ", row)
    found = re.findall(r"[^\W_]+(?:'[^\W_]+)*", row)
    return all(_innocent(word) for word in found) and not re.search(r"[<>%@+=#/*]", row)


def _innocent(word: str) -> bool:
    if not re.fullmatch(r"[a-z]+(?:'[a-z]+)*", word) or not re.search(r"[aeiouy]", word):
        return False
    if word in UNSAFE or word in UNIT_OF or word in mattering() or re.fullmatch(LONG, word):
        return False
    others = (other for other in mattering() | UNSAFE if abs(len(word) - len(other)) <= 1)
    return not any(near(word, other) for other in others)


@cache
def mattering() -> frozenset[str]:
    """Words that say a dose, a time, a place or a condition."""
    kinds = TELLING | {"unit", "route", "site", "weekday", "food"}
    said = {word for meaning, text in spelled() if meaning.kind in kinds for word in text.split(" ")}
    return frozenset({word for word in said if word.isalpha()} | set(WORDS)) - EVERYDAY


def near(word: str, other: str) -> bool:
    """Whether two letters exchanged, or of a longer word one letter, make one of the other."""
    if len(word) == len(other):
        apart = [at for at, (a, b) in enumerate(zip(word, other, strict=True)) if a != b]
        swapped = len(apart) == 2 and apart[1] == apart[0] + 1 and word[apart[0]] == other[apart[1]]
        return (swapped and word[apart[1]] == other[apart[0]]) or (len(apart) == 1 and len(word) > SHORT)
    short, long = sorted((word, other), key=len)
    return len(short) > SHORT and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
