"""Doses: `1-2 tab`, `2 x 500 mg tablets`, `1-0-1`, and where a second dose may stand."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from .numbers import WORDS, exact, value
from .sheet import ReadingSheet
from .steps import IN_MG

TENFOLD = 10
MOMENTS = {2: ("morning", "night"), 3: ("morning", "midday", "night"), 4: ("morning", "midday", "evening", "night")}


class Amounts(ReadingSheet):
    """The shapes of doses. Every one says where it ended, or 0 when the piece is not its kind."""

    def _dose(self, found: re.Match[str]) -> int:
        parts = found.groupdict()
        low, high = value(found["low"]), value(parts.get("high") or found["low"])
        if low and high and low > high and "-" in found[0] and (parts.get("high") or "").endswith("/ 2"):
            low = high = low + high  # US 1-1/2
        unit = parts.get("unit2") or parts.get("unit") or ""
        amounts = exact(low), exact(high)
        if not amounts[0] or not amounts[1] or amounts[0] > amounts[1]:
            return self._unknown(found)
        if parts.get("high") and amounts[1] >= TENFOLD * amounts[0] and "-" in found[0]:
            return self._unknown(found)  # `1 - 60 mg`: one of 60 mg rather than 1 to 60
        same: tuple[Decimal, str] | None = None
        if other := parts.get("other"):
            number = exact(value(other))
            same = (number, self._unit(parts["other_unit"])) if number else None
            if same is None:
                return self._unknown(found)
        if not self._room(found):
            return self._no_room(found)
        self._numbers(found["low"], parts.get("high") or "")
        for written in (parts.get("unit"), parts.get("unit2"), found["low"] if found["low"] in WORDS else None):
            self._misread((written or "").split(" (")[0])
        least, most, of = amounts[0], amounts[1], self._unit(unit)
        if same and of in IN_MG and same[1] not in IN_MG and least == most:
            least, most, of, same = same[0], same[0], same[1], (most, of)
        loose = next((name.replace("_", " ") for name in ("at_least", "about", "up_to") if parts.get(name)), "")
        self.step.dose = replace(self.step.dose, low=least, high=most, unit=of, same=same, loose=loose)
        self.step.place = found.start()
        return found.end()

    def _packed(self, found: re.Match[str]) -> int:
        """`2 x 500 mg tablets` is two tablets, 1,000 mg."""
        many, size, mass, unit = (
            exact(value(found["many"])),
            exact(value(found["size"])),
            self._unit(found["mass"]),
            self._unit(found["unit"]),
        )
        if not many or not size or (found["dash"] and size < TENFOLD * many) or not self._room(found):
            return self._unknown(found)  # `5 - 10 mg tablet` may be a range
        self._numbers(found["size"])
        self.step.dose = replace(self.step.dose, low=many, high=many, unit=unit, same=(many * size, mass))
        self.step.place = found.start()
        return found.end()

    def _grid(self, found: re.Match[str]) -> int:
        """`1-0-1`: morning, (midday,) evening and night."""
        amounts = [exact(value(found[name])) for name in ("first", "second", "third", "fourth") if found[name]]
        unit = self._unit(found["unit"] or "")
        if None in amounts or not any(amounts) or self.step.dose.high is not None or self.steps:
            return self._unknown(found)
        begun = self.step.dose
        pairs = [(amount, when) for amount, when in zip(amounts, MOMENTS[len(amounts)], strict=True) if amount]
        for amount in dict.fromkeys(taken for taken, _ in pairs):
            if self.step.dose.high is not None:
                self._close(together=True)
                self.step.dose = replace(begun, together=True)
            self.step.dose = replace(self.step.dose, low=amount, high=amount, unit=unit)
            self.step.when = [when for taken, when in pairs if taken == amount]
        return found.end()

    def _room(self, found: re.Match[str]) -> bool:
        """Whether a dose may stand here: the first, one that follows `then` or a length, or at another time of day."""
        now = self.step
        if now.dose.high is None and not now.dose.directed:
            if self.then is not None and not (self.steps[-1].ended or self.steps[-1].timed):
                return False
            if self.then is not None and not self.steps[-1].ended:  # `1 mane then 2 nocte`: then is and
                self.step.dose = replace(now.dose, together=True)
            self.then = None
            return True
        if now.ended:
            self._close()
            return True
        if now.timed or self._beside(found.string, found.start()):
            self._close(together=True)
            return True
        return False

    def _beside(self, row: str, place: int) -> bool:
        """`twice a day, 1 at 8 and 1 at 3`, `daily and 2 on Sundays`: what may be told apart by time only later."""
        often = self.step.dose.often
        joined = re.search(r"(?:^| )(?:and|,|&|plus|except(?: for)?|but|:|\(|;|-)(?: take)? $", row[:place])
        return bool(often and not often.once and joined and often.period in ("day", "week") and not often.loose)

    def _no_room(self, found: re.Match[str]) -> int:
        """A dose that has no place: after a `then` without a length before it, all that follows is not understood."""
        if self.then is None:
            return self._unknown(found)
        self.made.unknown.append(self.words.written(self.then, len(found.string)))
        self.then = None
        return len(found.string)
