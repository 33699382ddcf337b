"""When and how long: `q4-6h`, `twice a week on Mondays`, `at 8 am`, `x5/7`, `max 8/24h`, `reduce by …`."""

from __future__ import annotations

import re

from .dosage import Often
from .numbers import exact, value
from .shapes import DAY_OF
from .sheet import ReadingSheet
from .steps import WEEK

DAYS_IN = {"d": 1, "n": 1, "w": 7, "m": 30, "f": 14, "7": 1, "52": 7, "12": 30}
PERIOD_OF = {"h": "hour", "°": "hour", "/": "hour", "d": "day", "w": "week", "m": "month"}
COUNTS = {"once": 1, "twice": 2, "thrice": 3}
LATIN = {"bd": 2, "bid": 2, "tds": 3, "tid": 3, "qid": 4, "qds": 4, "daily": 1, "od": 1}


class Timing(ReadingSheet):
    """The shapes of time. Every one says where it ended, or 0 when the piece is not its kind."""

    def _days(self, found: re.Match[str]) -> int:
        parts = found.groupdict()
        of = found["of"][0] if found["of"][0].isalpha() else found["of"]
        many, low = value(found["many"]), value(parts.get("low") or found["many"])
        if not many or not low or low > many or self.step.dose.days is not None:
            return self._unknown(found)
        self.short_course = self.short_course or found[0].startswith("x")
        fewest = int(low) * DAYS_IN[of] if low < many else None
        return self._put(found, days=int(many) * DAYS_IN[of], fewest_days=fewest, up_to=bool(parts.get("up")))

    def _again(self, found: re.Match[str]) -> int:
        """`30 x 3` after `40 mg x 3 d`: days again."""
        if not (self.short_course and self.steps) or self.step.dose.days is not None:
            return 0
        return self._put(found, days=int(found["many"]))

    def _on_day(self, found: re.Match[str]) -> int:
        first, last = int(found["first"] or 1), int(found["last"] or found["first"] or 1)
        before = sum(step.dose.days or 0 for step in self.steps)
        if first != before + 1 or last < first or self.step.dose.days is not None:
            return self._unknown(found)
        return self._put(found, days=last - first + 1)

    def _often_every(self, found: re.Match[str]) -> int:
        parts = found.groupdict()
        of = "minute" if found["of"].startswith("mi") else PERIOD_OF[found["of"][0]]
        most = value(found["many"])
        least = value(parts.get("low") or found["many"])
        if not most or not least or least > most or (parts.get("of1") and parts["of1"][0] != found["of"][0]):
            return self._unknown(found)
        if "°" in found[0]:
            self._say(found[0], "Do not write `°`: it is read as 0. Write hours.")
        return self._often(found, Often(1, 1, int(least), int(most), of))

    def _often_times(self, found: re.Match[str]) -> int:
        parts = {key: text for key, text in found.groupdict().items() if text}
        if "latin" in parts:
            return self._often(found, Often(LATIN[parts["latin"]], LATIN[parts["latin"]], up_to=True))
        many = COUNTS.get(parts.get("count", "")) or int(value(parts["many"]) or 0)
        low = COUNTS.get(parts.get("low", "")) or int(value(parts.get("low", "")) or many)
        if not 0 < low <= many:
            return self._unknown(found)
        period, every = "week" if "week" in parts else "month" if "month" in parts else "day", 1
        if of := parts.get("of"):
            every = 2 if of == "other day" else int(value(parts.get("every", "1")) or 1)
            period = "day" if of == "other day" else "minute" if of.startswith("mi") else PERIOD_OF[of[0]]
        return self._often(found, Often(many, low, every, every, period, up_to="up" in parts))

    def _often(self, found: re.Match[str], new: Often, end: int = 0) -> int:
        old = self.step.dose.often
        if old is not None and old != new and not (old.once and new.once):
            return self._unknown(found, end)
        return self._set(end or found.end(), often=old if old and old.once == "now" else new)

    def _lead(self, found: re.Match[str]) -> int:
        many = value(found["many"].replace("half an", "30").replace("1 / 2", "30"))
        of = "minute" if found["of"].startswith("mi") or found["many"] in ("half an", "1 / 2") else "hour"
        side = "after" if found["side"] == "after" else "before"
        what = found["what"]
        if what in ("breakfast", "lunch", "dinner", "bed", "bedtime"):
            if what.startswith("bed"):
                return self._unknown(found)
            return self._moment(found, f"{many} {of}|{side} {what}", found.end())
        return self._put(found, food=f"{side} {many} {of}") if not self.step.dose.food else self._unknown(found)

    def _clock(self, found: re.Match[str]) -> int:
        parts = found.groupdict()
        hour = (
            int(found["hour"]) % 12 + (12 if parts.get("half") == "pm" else 0)
            if parts.get("half")
            else int(found["hour"])
        )
        return self._moment(found, f"{hour:02}:{int(parts.get('minute') or 0):02}", found.end())

    def _weekdays(self, found: re.Match[str]) -> int:
        days = re.findall(r"[a-z]+", found["days"])
        named = {DAY_OF[day] for day in days if day in DAY_OF}
        if "-" in found["days"] and len(named) == 2:
            return 0
        return self._on_weekdays(found, tuple(d for d in WEEK if (d in named) != bool(found["but"])), found.end())

    def _on_weekdays(self, found: re.Match[str], days: tuple[str, ...], end: int) -> int:
        if self.step.weekdays or not days or self.step.others:
            return self._unknown(found, end)
        self.step.weekdays = days
        return end

    def _start(self, found: re.Match[str]) -> int:
        return (
            self._put(found, start=found["when"].replace(" ", "")) if not self.step.dose.start else self._unknown(found)
        )

    def _most(self, found: re.Match[str]) -> int:
        written = found["unit"] or ""
        most = exact(value(found["most"]))
        hours = (
            {"d": 24, "w": 168, "2": 24}.get((found["span"] or "d")[0], 1) * int(found["within"] or 1)
            if not found["daily"]
            else 24
        )
        if self.step.dose.most is not None or not most or not hours:
            return self._unknown(found)
        self._numbers(found["most"])
        if not (found["span"] or found["daily"]):
            self.step.bare = self.words.written(found.start(), found.end())
        unit = "dose" if written in ("time", "times", "x") else self._unit(written)
        return self._put(found, most=most, most_unit=unit, most_hours=hours)

    def _change(self, found: re.Match[str]) -> int:
        if self.change or self.step.dose.high is None:
            return self._unknown(found)
        self.change = found
        return found.end()

    def _moment(self, found: re.Match[str], key: str, end: int) -> int:
        often = self.step.dose.often
        if key in self.step.when or (often and (often.period in ("hour", "minute") or often.once)):
            return self._unknown(found, end)
        if (
            often
            and often.times < len(self.step.when) + 1
            and not (often.times == often.every == 1 and often.period == "day")
        ):
            return self._unknown(found, end)
        self.step.when.append(key)
        self.step.asked.append(self.words.written(found.start(), end))
        return end
