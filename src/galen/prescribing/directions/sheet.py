"""What a reader holds while it reads, and how it notes what is unknown or easily misread."""

from __future__ import annotations

import re
from decimal import Decimal

from .dosage import Directions, DirectionsNotice, Dose, changed
from .error_prone import ERROR_PRONE, NAKED_POINT, TRAILING_ZERO
from .numbers import exact, plain, value
from .shapes import UNIT_OF
from .steps import Step
from .words import Words, words


class ReadingSheet:
    """The text as a row of words, the step that is being read, and those before it."""

    def __init__(self, text: str, country: str, context: str = "", names: frozenset[str] = frozenset()) -> None:
        self.words: Words = words(text)
        self.country, self.context, self.names = country, context, names
        self.made, self.step, self.steps = Directions(), Step(), list[Step]()
        self.then: int | None = None  # where `then` stands, until the dose that must follow it
        self.wrote_od = self.short_course = False
        self.change: re.Match[str] | None = None
        self.pieces: list[tuple[int, int, str]] = []  # from, to, and whether it is known, unknown or quiet
        self.quiet = False  # the last piece was a word without meaning

    def _unknown(self, found: re.Match[str], end: int = 0) -> int:
        self.made.unknown.append(self.words.written(found.start(), end or found.end()))
        return end or found.end()

    def _close(self, together: bool = False) -> None:
        self.steps.append(self.step)
        self.step = Step(Dose(together=together))

    def _unit(self, written: str) -> str:
        return UNIT_OF.get(written.split(" (")[0], "")

    def _misread(self, written: str) -> None:
        if written in ERROR_PRONE and all(notice.written != written for notice in self.made.notices):
            self.made.notices.append(
                DirectionsNotice(written, ERROR_PRONE[written].sentence(written), ERROR_PRONE[written].refused)
            )

    def _numbers(self, *numbers: str) -> None:
        for number in numbers:
            if re.fullmatch(r"[\d,]+\.\d*0", number):
                self._say(number, TRAILING_ZERO.format(number, plain(exact(value(number)) or Decimal(0))))
            if number.startswith("."):
                self._say(number, NAKED_POINT.format(number, plain(exact(value(number)) or Decimal(0))))

    def _say(self, written: str, sentence: str, refused: bool = False) -> None:
        self.made.notices.append(DirectionsNotice(written, sentence, refused))

    def _put(self, found: re.Match[str], **values: object) -> int:
        self.step.dose = changed(self.step.dose, values)
        return found.end()

    def _set(self, end: int, **values: object) -> int:
        self.step.dose = changed(self.step.dose, values)
        return end
