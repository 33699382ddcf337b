"""From words to a dosage: each piece of the row is put in its place; what has none is handed back as it was written."""

from __future__ import annotations

import re
from dataclasses import replace

from .amounts import Amounts
from .dosage import Directions, Often
from .error_prone import EARS_AND_EYES, ERROR_PRONE, OD
from .finishing import finish
from .numbers import exact, value
from .places import AREA_OF_ROUTE, PER_SITE, can_stand
from .reasons import Reasons
from .remarks import remark_of
from .shapes import UNIT_OF, shapes_of
from .timing import WORDS_TOO, Timing
from .vocabulary import WordMeaning, first_word, lexicon, phrase_at

# Words that change what stands beside them: `every other night`, `Monday through Friday`, `12 hours on`.
BINDING = frozenset(
    """every each other through thru before after off than alternate alternating except between without starting half
    quarter second third hour hours hr hrs minute minutes mins day days week weeks month months times time""".split()
) | {"with snacks", "with a snack", "with each snack"}
SINGLE = frozenset("t c u cc ccs".split())  # letters that are a unit only beside their number
ABOVE = frozenset("to will can should must may might would could i we you they".split())
OPENING = frozenset(
    "put place use give massage spray rub drink swallow insert apply chew suck".split()
)  # verbs before a dose, and ordinary words after it
LATER = frozenset({"thereafter", "afterwards", "after that", "and thereafter"})


class Reader(Amounts, Timing, Reasons):
    """Reads one text. Every method of a shape says where it ended, or 0 when the piece is not its kind."""

    def read(self) -> Directions:
        row, place = self.words.row, 0
        while place < len(row):
            lost, self.quiet = len(self.made.unknown), False
            begun, place = place, self._next(row, place) + 1
            told = "unknown" if len(self.made.unknown) > lost else "quiet" if self.quiet else "known"
            self.pieces.append((begun, place - 1, told))
        self.steps.append(self.step)
        if self.wrote_od:
            self._judge_od()
        self._write_out()
        remark = remark_of(self.words, self.pieces, self.made.unknown)
        made = finish(self.made, self.steps, self.change, self._written(self.change), self._written_then(), remark)
        return self._whole(made) if any(text.casefold() in BINDING for text in made.unknown) else made

    def _write_out(self) -> None:
        """What each step was written as, from its dose to the next: to be handed back when it has no place."""
        end = len(self.words.row)
        for step in reversed(self.steps):
            if step.place is not None:
                step.written = self.words.written(step.place, end).rstrip(" ,;.")
                end = step.place - 1

    def _whole(self, made: Directions) -> Directions:
        """A word that binds others was not understood: what was made of those may be another thing than was written."""
        made.doses, made.advice, made.unknown = (), (), [" ".join(self.words.original.split())]
        return made

    def _next(self, row: str, place: int) -> int:
        for name, shape in shapes_of(first_word(row, place)):
            if (found := shape.match(row, place)) and (end := getattr(self, f"_{name}")(found)):
                return int(end)
        raise AssertionError("every piece is a word at least")

    # What stands aside of doses

    def _gap(self, found: re.Match[str]) -> int:
        self.quiet = True
        return found.end()

    def _quantity(self, found: re.Match[str]) -> int:
        many = exact(value(found["many"]))
        if self.made.quantity is not None or not many:
            return self._unknown(found)
        self.made.quantity, self.made.quantity_unit = many, UNIT_OF.get(found["unit"] or "", "")
        return found.end()

    def _repeats(self, found: re.Match[str]) -> int:
        if self.made.repeats is not None:
            return self._unknown(found)
        many = found["many"] or found["count"] or ""
        self.made.repeats = int(many) if many.isdigit() else 0
        return found.end()

    def _word(self, found: re.Match[str]) -> int:
        written = found[0]
        if written in self.names:
            self.quiet = True
            return found.end()
        if written in EARS_AND_EYES and self._names_place(found, written):
            return self._latin_place(found, written, found.end())
        self._misread(written)
        return self._unknown(found)

    def _night_on(self, found: re.Match[str]) -> int:
        """`on` for every night (omni nocte), where English has no use for it."""
        if self.step.dose.high is None:
            return 0
        self._misread("on")
        return self._moment(found, "night", found.end())

    def _clause(self, found: re.Match[str]) -> int:
        return self._unknown(found)

    def _names_place(self, found: re.Match[str], written: str) -> bool:
        """`as`, `be`, `le` are words: they name an ear or an eye only of drops, and where no sentence goes on."""
        drops = self.step.dose.unit == "drop" or self.context in ("eye", "ear")
        if not drops or not self._stands(PER_SITE.get(EARS_AND_EYES[written].split(" ")[-1].rstrip("s"), "")):
            return False
        if re.search(rf"(?:^| )(?:{'|'.join(ABOVE)}) $", found.string[: found.start()]):
            return False
        rest = found.string[found.end() + 1 :]
        known = phrase_at(rest, 0) if rest else None
        timed = known and any(meaning.kind in ("often", "moment", "once", "needed", "then") for meaning in known[1])
        return (
            not rest
            or bool(timed)
            or bool(re.match(r"[,.](?: |$)|\d|(?:q|x|every|each|once|twice|for|up|prn)(?: |$)", rest))
        )

    def _stands(self, area: str) -> bool:
        return can_stand(area, self.step.dose.unit, self.context)

    # Words of the table

    def _phrase(self, found: re.Match[str]) -> int:
        row, place = found.string, found.start()
        for text, meanings in lexicon().get(found[0], ()):
            end = place + len(text)
            if row.startswith(text, place) and (end == len(row) or row[end] == " "):
                for meaning in meanings:
                    if done := self._meaning(meaning, found, text, end):
                        return done
        return 0

    def _meaning(self, meaning: WordMeaning, found: re.Match[str], text: str, end: int) -> int:
        kind, key = meaning
        if (text in ERROR_PRONE and ERROR_PRONE[text].refused) or text in self.names or not self._counts(meaning, text):
            return 0
        if kind == "unit":
            return self._loose_unit(key, text, end)
        if kind == "reason":
            return self._bare_reason(found)
        now = self.step.dose
        match kind:
            case "often":
                if text == "od" and self._is_eye(found, end):
                    return self._latin_place(found, "od", end)
                self.wrote_od = self.wrote_od or text == "od"
                done = self._often(found, _often_of(key), end)
            case "once" if text == "once" and self._time_follows(found.string, end):
                done = end
            case "once":
                done = self._often(found, Often(once=key), end)
            case "moment":
                done = self._moment(found, key, end)
            case "weekday":
                done = self._on_weekdays(found, tuple(key.split(" ")), end)
            case "route" if not now.route:
                done = self._set(end, route=key)
            case "site" if not now.site:
                done = self._set(end, site=key)
            case "food" if not now.food:
                done = self._set(end, food=key)
            case "verb" if key == "swallow":
                done = self._set(end, verb=now.verb or "take", route=now.route or "oral")
            case "verb":
                done = self._set(end, verb=now.verb or key)
            case "event" if not now.event:
                done = self._set(end, event=key)
            case "needed" if now.often and now.often.once and found.string[: found.start()].endswith(" and "):
                done = self._unknown(found, end)  # `stat and sos`: once, and then again
            case "needed":
                done = self._set(end, needed=True)
            case "directed":
                done = self._set(end, directed=True)
            case "advice":
                self.made.advice += (key,) * (key not in self.made.advice)
                done = end
            case "then":
                done = self._then(found, end)
            case "others":
                done = self._others(found, end)
            case "stop":
                done = end if self.step.ended or self.change else 0
            case "noise":
                self.quiet, done = True, end
            case "route" | "site" | "food" | "event":
                same = {"route": now.route, "site": now.site, "food": now.food, "event": now.event}[kind] == key
                done = end if same else self._unknown(found, end)
            case _:
                return 0
        if done:
            self._misread(text)
        return done

    def _counts(self, meaning: WordMeaning, text: str) -> bool:
        """Whether a word means here what the table says: short ones only where their kind can stand."""
        kind, key = meaning
        if kind == "route" and len(text) <= 5:
            return self._stands(AREA_OF_ROUTE[key])
        if kind == "site" and " " not in text and key.split(" ")[-1].rstrip("s") not in PER_SITE:
            return self._stands("skin") or self.step.dose.verb == "inject"
        if kind == "weekday":
            return text not in WORDS_TOO
        if kind == "verb" and text in OPENING:
            return self.step.dose.high is None
        return True

    def _time_follows(self, row: str, end: int) -> bool:
        known = phrase_at(row, end + 1) if end + 1 < len(row) else None
        return bool(known and any(meaning.kind in ("moment", "often") for meaning in known[1]))

    def _loose_unit(self, key: str, text: str, end: int) -> int:
        """`1 po tab`: a unit that stands apart from its number, before anything is said of the time."""
        now = self.step
        free = now.dose.high is not None and not now.dose.unit and not now.dose.often and not now.timed
        if free and text not in SINGLE:
            self._misread(text)
            return self._set(end, unit=key)
        if now.dose.high is None and not self.steps and text in ("tab", "tabs", "tablet", "cap", "caps", "capsule"):
            self.quiet = True  # `Tab 1-0-1`
            return end
        return 0

    def _then(self, found: re.Match[str], end: int) -> int:
        later = self.steps and self.step.dose.high is not None and found.string[found.start() : end] in LATER
        if later and re.fullmatch(r"(?: [.;,])*", found.string[end:]):
            self.quiet = True
            return end
        if (self.then is not None and not self.step.ended) or self.step.empty:
            return self._unknown(found, end)
        self.then = found.start()
        self._close()
        return end

    def _others(self, found: re.Match[str], end: int) -> int:
        """`5 mg Mon Wed Fri, else 2.5 mg`, and `2.5 mg on other days`."""
        if self.step.weekdays and self.step.dose.high is not None:
            self._close(together=True)
        if not self.steps or self.step.others or self.step.weekdays:
            return self._unknown(found, end)
        self.step.others = True
        self.step.dose = replace(self.step.dose, together=True)
        return end

    def _is_eye(self, found: re.Match[str], end: int) -> bool:
        """`od` is the right eye where drops are given and something else says how often."""
        drops = (self.step.dose.unit == "drop" and self._stands("eye")) or self.context == "eye"
        rest = found.string[end:].split()
        says = any(
            m.kind in ("often", "moment")
            for word in rest
            for text, ms in lexicon().get(word, ())
            if text == word
            for m in ms
        )
        return drops and (says or "q" in rest or "every" in rest or self.step.dose.often is not None)

    def _latin_place(self, found: re.Match[str], text: str, end: int) -> int:
        if self.step.dose.site:
            return self._unknown(found, end)
        place = EARS_AND_EYES[text]
        self._say(text, f"Do not write `{text}`: it is read in several ways. Write {place}.")
        return self._set(end, site=place)

    def _judge_od(self) -> None:
        eyes = self.context == "eye" or any(
            s.dose.unit == "drop" or "eye" in s.dose.site for s in [*self.steps, self.step]
        )
        loose = all(not s.dose.unit for s in [*self.steps, self.step]) and self.context not in ("eye", "ear")
        if eyes or (self.country == "US" and loose):
            self._say("od", OD, refused=True)
        elif self.country == "US":
            self._say("od", "Do not write `od`: it is read as right eye. Write once a day.")

    def _written(self, found: re.Match[str] | None) -> str:
        return self.words.written(found.start(), found.end()) if found else ""

    def _written_then(self) -> str:
        """From a `then` that nothing has followed to the end."""
        return self.words.written(self.then, len(self.words.row)) if self.then is not None else ""


def _often_of(key: str) -> Often:
    times, every, period = key.split(" ")
    return Often(int(times), int(times), int(every), int(every), period)
