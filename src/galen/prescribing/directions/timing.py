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
LETTERS = {
    "m": "mon",
    "tu": "tue",
    "w": "wed",
    "we": "wed",
    "th": "thu",
    "f": "fri",
    "fr": "fri",
    "sa": "sat",
    "su": "sun",
}
WORDS_TOO = frozenset({"sat", "sun", "wed"})
MEALS = {
    "breakfast": "breakfast", "morning meal": "breakfast", "lunch": "lunch", "dinner": "dinner", "supper": "dinner",
    "evening meal": "dinner", "bed": "bed", "bedtime": "bed", "going to bed": "bed", "sleep": "bed",
}  # fmt: skip
COUNTS = {"once": 1, "twice": 2, "thrice": 3}
LATIN = {"bd": 2, "bid": 2, "tds": 3, "tid": 3, "qid": 4, "qds": 4, "daily": 1, "od": 1}


AND_BEDTIME = re.compile(r" (?:and|&|\+|,) (?:hs|qhs|nocte|nightly|(?:at )?bedtime|at night)(?= |$)")
PARTS = frozenset({"morning", "midday", "afternoon", "evening", "night"})
PART_OF = {
    "breakfast": {"morning"}, "lunch": {"midday", "afternoon"}, "dinner": {"evening", "night"},
    "bed": {"evening", "night"},
}  # fmt: skip


def part_of(key: str) -> set[str]:
    """The parts of a day in which a moment lies."""
    if key in PARTS:
        return {key}
    if re.fullmatch(r"\d\d:\d\d", key):
        hour = int(key[:2])
        near = {"morning": hour < 12, "midday": 11 <= hour <= 14, "afternoon": 12 <= hour <= 18}
        return {part for part, there in {**near, "evening": hour >= 16, "night": hour >= 19}.items() if there}
    return PART_OF.get(key.split(" ")[-1], set())


class Timing(ReadingSheet):
    """The shapes of time. Every one says where it ended, or 0 when the piece is not its kind."""

    def _days(self, found: re.Match[str]) -> int:
        parts = found.groupdict()
        of = found["of"][0] if found["of"][0].isalpha() else found["of"]
        many, low = value(found["many"]), value(parts.get("low") or found["many"])
        taken = self.step.dose.days is not None or self.step.dose.open_days is not None
        if not many or not low or low > many or taken:
            return self._unknown(found)
        days = int(many) * DAYS_IN[of]
        beyond = parts.get("beyond")
        if parts.get("at_least") or beyond in (
            "or more",
            "or longer",
            "minimum",
            "at least",
            "at minimum",
            "+",
            "plus",
        ):
            return self._put(found, open_days=("at least", int(low) * DAYS_IN[of]))
        if parts.get("about") or beyond:
            return self._put(found, open_days=("about", days)) if low == many else self._unknown(found)
        self.short_course = self.short_course or found[0].startswith("x")
        fewest = int(low) * DAYS_IN[of] if low < many else None
        return self._put(found, days=days, fewest_days=fewest, up_to=bool(parts.get("up_to")))

    def _again(self, found: re.Match[str]) -> int:
        """`30 x 3` after `40 mg x 3 d`: days again."""
        if not (self.short_course and self.steps) or self.step.dose.days is not None:
            return 0
        return self._put(found, days=int(found["many"]))

    def _on_day(self, found: re.Match[str]) -> int:
        first = int(value(found["first"] or "1") or 1)
        last = int(found["last"] or first)
        return self._lasts(found, first - 1, last - first + 1)

    def _label(self, found: re.Match[str]) -> int:
        """`Week 1: … Week 2: …`: the weeks are said before what is taken in them."""
        if self.step.dose.high is not None and not self.step.ended and not found["on"]:
            return self._unknown(found)
        each = DAYS_IN[found["of"][0]]
        first = int(value(found["first"]) or 0)
        last = int(found["last"] or first)
        return self._lasts(found, (first - 1) * each, 0 if found["on"] else (last - first + 1) * each)

    def _lasts(self, found: re.Match[str], before: int, days: int) -> int:
        """These days, when they follow those of the steps before; no days: from then on."""
        now, follows = self.step, self.step.dose.high is not None and self.step.ended
        covered = sum(step.dose.days or 0 for step in [*self.steps, *([now] if follows else [])])
        if before != covered or days < 0 or (now.ended and not follows):
            return self._unknown(found)
        if follows:
            self._close()
        return self._put(found, days=days or None)

    def _often_every(self, found: re.Match[str]) -> int:
        parts = found.groupdict()
        of = "minute" if found["of"].startswith("mi") else PERIOD_OF[found["of"][0]]
        most = value(found["many"])
        least = value(parts.get("low") or found["many"])
        if not most or not least or least > most or (parts.get("of1") and parts["of1"][0] != found["of"][0]):
            return self._unknown(found)
        if "°" in found[0]:
            self._say(found[0], "Do not write `°`: it is read as 0. Write hours.")
        loose = next((name.replace("_", " ") for name in ("at_least", "about") if parts.get(name)), "")
        return self._often(found, Often(1, 1, int(least), int(most), of, loose=loose))

    def _often_times(self, found: re.Match[str]) -> int:
        parts = {key: text for key, text in found.groupdict().items() if text}
        loose = next((name.replace("_", " ") for name in ("at_least", "about") if name in parts), "")
        if "latin" in parts:
            times = LATIN[parts["latin"]]
            return self._often(found, Often(times, times, up_to=not loose, loose=loose))
        many = COUNTS.get(parts.get("count", "")) or int(value(parts["many"]) or 0)
        low = COUNTS.get(parts.get("low", "")) or int(value(parts.get("low", "")) or many)
        if not 0 < low <= many:
            return self._unknown(found)
        period, every = "week" if "week" in parts else "month" if "month" in parts else "day", 1
        if of := parts.get("of"):
            every = 2 if of == "other day" else int(value(parts.get("every", "1")) or 1)
            period = "day" if of == "other day" else "minute" if of.startswith("mi") else PERIOD_OF[of[0]]
        return self._often(found, Often(many, low, every, every, period, up_to="up_to" in parts, loose=loose))

    def _often(self, found: re.Match[str], new: Often, end: int = 0) -> int:
        if self.step.dose.days is not None and (self.step.dose.often or self.step.when) and self._after_gap(found):
            self._close()  # `at night x 3 d, bid x 3 d`
        old = self.step.dose.often
        if old is not None and old != new and not (old.once and new.once):
            return self._unknown(found, end)
        return self._set(end or found.end(), often=old if old and old.once == "now" else new)

    def _after_gap(self, found: re.Match[str]) -> bool:
        return found.string[: found.start()].endswith((", ", "; ", ". "))

    def _lead(self, found: re.Match[str]) -> int:
        half = found["many"] in ("half an", "1 / 2")
        low = "30" if half else f"{value(found['many'])}"
        many = f"{low}-{value(found['high'])}" if found["high"] else low
        of = "minute" if found["of"].startswith("mi") or half else "hour"
        bound = next((f" {name.replace('_', ' ')}" for name in ("at_least", "about") if found[name]), "")
        side = "after" if found["side"] in ("after", "pc", "following") else "before"
        what = MEALS.get(found["what"], "")
        if what == "bed":
            return self._moment(found, f"{many} {of}{bound}|{side} bed", found.end()) if side == "before" else 0
        if what:
            return self._moment(found, f"{many} {of}{bound}|{side} {what}", found.end())
        if bedtime := AND_BEDTIME.match(found.string, found.end()):
            if self.step.when or (self.step.dose.often and self.step.dose.often.times != 4):
                return self._unknown(found, bedtime.end())
            self.step.when += [
                *(f"{many} {of}{bound}|{side} {meal}" for meal in ("breakfast", "lunch", "dinner")),
                "night",
            ]
            self.step.asked.append(self.words.written(found.start(), bedtime.end()))
            return bedtime.end()
        if self.step.dose.food:
            return self._unknown(found)
        if found["what"] in ("the same meal", "same meal") and not self.step.dose.often:
            self._put(found, often=Often())
        return self._put(found, food=f"{side} {many} {of}{bound}")

    def _apart(self, found: re.Match[str]) -> int:
        """`1 hour before or 2 hours after food`."""
        before, after = (
            f"{value(found[many].replace('half an', '30').replace('1 / 2', '30'))} "
            f"{'minute' if found[of].startswith('mi') or found[many] in ('half an', '1 / 2') else 'hour'}"
            for many, of in (("many", "of"), ("many2", "of2"))
        )
        return self._unknown(found) if self.step.dose.food else self._put(found, food=f"either {before} {after}")

    def _meals(self, found: re.Match[str]) -> int:
        """`before meals and at bedtime`: at the three meals of a day, and at night."""
        side = {"ac": "before", "pc": "after", "cc": "with"}.get(found["side"], found["side"].split(" ")[0])
        if self.step.when or (self.step.dose.often and self.step.dose.often.times != 4):
            return self._unknown(found)
        self._misread(found["night"])
        self.step.when += [*(f"{side} {meal}" for meal in ("breakfast", "lunch", "dinner")), "night"]
        self.step.asked.append(self.words.written(found.start(), found.end()))
        return found.end()

    def _clock(self, found: re.Match[str]) -> int:
        parts = found.groupdict()
        hour, half = int(found["hour"]), parts.get("half") or ""
        if half in ("noon", "midday", "midnight"):
            hour = 0 if half == "midnight" else 12
        elif half:
            hour = hour % 12 + (0 if half == "am" or "morning" in half else 12)
        bare = self.step.dose.high is None and re.fullmatch(r"[1-4] (?:am|pm)", found[0])
        if (half == "at night" and hour < 17) or bare:  # `1 am 1 pm` may be one in the morning, and one at night
            return self._unknown(found)
        return self._moment(found, f"{hour:02}:{int(parts.get('minute') or 0):02}", found.end())

    def _weekdays(self, found: re.Match[str]) -> int:
        parts = found.groupdict()
        days = re.findall(r"[a-z]+", found["days"])
        named = {day for word in days if (day := DAY_OF.get(word) or LETTERS.get(word))}
        if span := re.fullmatch(r"(\w+) (?:-|to|through|thru) (?:on )?(\w+)", found["days"]):
            first, last = (WEEK.index(DAY_OF.get(word) or LETTERS[word]) for word in span.groups())
            if last <= first or len(days) < 2:
                return self._unknown(found)
            named = set(WEEK[first : last + 1])
        elif re.search(r" (?:to|through|thru) ", found["days"]) or (found["days"].count(" - ") == 1 and len(named) > 2):
            return self._unknown(found)
        if found["days"] in WORDS_TOO and not parts.get("on"):  # `sat`, `sun` and `wed` are words, too
            return 0
        return self._on_weekdays(found, tuple(d for d in WEEK if (d in named) != bool(parts.get("but"))), found.end())

    def _on_weekdays(self, found: re.Match[str], days: tuple[str, ...], end: int) -> int:
        if self.step.weekdays or not days or self.step.others:
            return self._unknown(found, end)
        self.step.weekdays = days
        self.step.asked_days = self.words.written(found.start(), end)
        return end

    def _alternate(self, found: re.Match[str]) -> int:
        """`every other night`."""
        often = self.step.dose.often
        if often is not None or self.step.when:
            return self._unknown(found)
        self._put(found, often=Often(every=2, to=2))
        when = found["when"].rstrip("s")
        return self._moment(found, "night" if when == "bedtime" else when, found.end())

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

    def _repeated(self, found: re.Match[str]) -> int:
        """`may repeat after 2 hours`."""
        many = value(found["many"])
        if self.made.again or not many or "every" in found[0]:
            return self._unknown(found)
        self.made.again = int(many), "minute" if found["of"].startswith("m") else "hour"
        return found.end()

    def _change(self, found: re.Match[str]) -> int:
        if self.change or self.step.dose.high is None:
            return self._unknown(found)
        self.change = found
        return found.end()

    def _same_part(self, found: re.Match[str], key: str) -> int | None:
        """Which moment this one only says more exactly: `every morning before breakfast` is once."""
        if not self.step.when or found.string[: found.start()].endswith((" and ", " & ", " plus ")):
            return None
        last = self.step.when[-1]
        vague = (last in PARTS) != (key in PARTS)
        return len(self.step.when) - 1 if vague and last != key and part_of(last) & part_of(key) else None

    def _moment(self, found: re.Match[str], key: str, end: int) -> int:
        often = self.step.dose.often
        if (same := self._same_part(found, key)) is not None:
            self.step.when[same] = self.step.when[same] if key in PARTS else key
            return end
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
