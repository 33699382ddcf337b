"""Directions in plain words: one table of words per language in `data`, one way of putting them together."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

from .dosage import Directions, Dose, Often
from .numbers import plain
from .verbs import implied
from .vocabulary import table

LANGUAGES = {"en": "English", "es": "Español", "zh": "简体中文", "vi": "Tiếng Việt"}


@cache
def _words(language: str) -> dict[str, tuple[str, str]]:
    return {key: (single, many or single) for key, single, many in table(language)}


class LabelLanguage:
    """One language: its words, and the pieces of a sentence in its order."""

    def __init__(self, code: str) -> None:
        code = code.replace("_", "-").split("-")[0].casefold()  # zh-Hans-AU
        self.table = _words(code if code in LANGUAGES else "en")

    def word(self, key: str, *values: str, many: bool = False) -> str:
        found = self.table.get(key) or self.table.get(key.split(".")[0] + ".*")
        if found is None:
            return key.split(".", 1)[-1]
        return found[many].format(*(values or (key.split(".", 1)[-1],)))

    def number(self, low: Decimal | int, high: Decimal | int) -> str:
        least, most = plain(Decimal(low)), plain(Decimal(high))
        return most if least == most else self.word("range", least, most)

    def amount(self, low: Decimal, high: Decimal, unit: str) -> str:
        """`1 to 2 tablets`: a space before the unit, no trailing zero."""
        number = self.number(low, high)
        return self.word("amount", number, self.word(f"unit.{unit}", many=high > 1)) if unit else number

    def time(self, number: int, of: str, low: int | None = None) -> str:
        return self.word(f"time.{of}", self.number(low or number, number), many=number != 1)

    def all(self, items: list[str]) -> str:
        if len(items) < 2:
            return "".join(items)
        return self.word("and", self.table["list"][0].join(items[:-1]), items[-1])

    def often(self, often: Often) -> str:
        if often.once:
            return self.word(f"once.{often.once}")
        said = self._how_often(often)
        if often.up_to:
            said = self.word("often.up to", said)
        said = self.bound(often.loose, said)
        days = (
            self.word("on.weekdays", self.all([self.word(f"weekday.{d}") for d in often.weekdays]))
            if often.weekdays
            else ""
        )
        when = self.all([self.moment(moment) for moment in often.when])
        if often.weekdays and often.times == 1:
            said = self.word("often.week") if len(often.weekdays) == 1 else ""
        elif (
            when
            and often.times == len(often.when)
            and (often.period, often.every) == ("day", 1)
            and not (often.up_to or often.loose)
        ):
            said = ""
        return self.table["groups"][0].join(part for part in (said, days, when) if part)

    def _how_often(self, often: Often) -> str:
        times, many = self.number(often.fewest, often.times), often.times > 1
        if often.every == often.to == 1 and often.period in ("day", "week", "month"):
            return self.word(f"often.{often.period}", times, many=many)
        if (often.period, often.every, often.to) == ("day", 2, 2):
            return self.word("often.other day", times, many=many)
        single = often.every == often.to == 1
        span = self.word(f"often.each.{often.period}") if single else self.time(often.to, often.period, often.every)
        return self.word("often.every", times, span, many=many)

    def moment(self, key: str) -> str:
        lead, _, rest = key.rpartition("|")
        if not lead:
            return self.word(f"moment.{key}")
        return self.word("moment.lead", self.span(*lead.split(" ", 2)), self.word(f"moment.{rest}"))

    def span(self, many: str, of: str, bound: str = "") -> str:
        """`1 to 3 hours`, `at least 30 minutes`."""
        low, _, high = many.partition("-")
        return self.bound(bound, self.time(int(high or low), of, int(low)))

    def bound(self, bound: str, said: str) -> str:
        """What makes a number inexact, before it."""
        return self.word("often.up to" if bound == "up to" else f"bound.{bound}", said) if bound and said else said

    def pieces(self, dose: Dose) -> dict[str, str]:
        """Every part of a step that is said, under the names that the orders use."""
        said = self.amount(dose.low or dose.high, dose.high, dose.unit) if dose.high is not None else ""
        said = self.bound(dose.loose, said)
        if dose.same:
            said = f"{said} {self.word('same', self.amount(dose.same[0], dose.same[0], dose.same[1]))}"
        food, patch = self._food(dose.food), " patch" if (dose.verb, dose.unit) == ("apply", "patch") else ""
        because = self.all([self.word(f"reason.{key}") for key in dose.reason.split("|")]) if dose.reason else ""
        days = self.time(dose.days, "day", dose.fewest_days) if dose.days is not None else ""
        if dose.open_days:
            days = self.bound(dose.open_days[0], self.time(dose.open_days[1], "day"))
        conditional = dose.reason.startswith(("if ", "when "))
        return {
            "verb": self.word(f"verb.{dose.verb}{patch}") if dose.verb else "",
            "dose": said,
            "route": self.word(f"route.{dose.route}") if dose.route and dose.route != implied(dose) else "",
            "site": self.word(f"site.{dose.site}") if dose.site else "",
            "often": self.often(dose.often) if dose.often else "",
            "food": food,
            "event": self.word(f"event.{dose.event}") if dose.event else "",
            "needed": self.word("needed") if dose.needed and not conditional else "",
            "reason": because if conditional else self.word("reason.for", because) if because else "",
            "directed": f"{self.word('directed')} {dose.by}".rstrip() if dose.directed else "",
            "length": self.word("length.up to" if dose.up_to else "length", days) if days else "",
            "start": self.word("start", self.word(f"start.{dose.start}")) if dose.start else "",
        }

    def _food(self, food: str) -> str:
        side, _, rest = food.partition(" ")
        if side == "either":
            many, of, many2, of2 = rest.split(" ")
            return self.word("lead.either", self.span(many, of), self.span(many2, of2))
        if rest[:1].isdigit():
            return self.word(f"lead.{side}", self.span(*rest.split(" ", 2)))
        return self.word(f"food.{food}") if food else ""

    def most(self, dose: Dose) -> str:
        within = (
            self.time(dose.most_hours // 168, "week")
            if dose.most_hours % 168 == 0
            else self.time(dose.most_hours, "hour")
        )
        return (
            self.word("maximum", self.amount(dose.most, dose.most, dose.most_unit or dose.unit), within)
            if dose.most
            else ""
        )

    def joined(self, pieces: dict[str, str], order: str) -> str:
        groups = ([pieces[name] for name in group.split() if pieces[name]] for group in self.table[order][0].split("|"))
        said = [self.table["between"][0].join(group) for group in groups if group]
        return self.table["groups"][0].join(said)


def say(directions: Directions, language: str = "en") -> str:
    """What the patient reads; what was not understood stands at the end, in quotation marks, as it was written."""
    to = LabelLanguage(language)
    said = [_sentence(to, directions)] if directions.doses else []
    most = {to.most(dose): None for dose in directions.doses if dose.most}
    said += [to.word("repeated", to.span(str(directions.again[0]), directions.again[1]))] if directions.again else []
    said += [*most, *(to.word(f"advice.{key}") for key in directions.advice)]
    unread = [*directions.unknown, *directions.remarks]
    said += [" ".join(f"“{words}”" for words in unread)] if unread else []
    return to.table["sentences"][0].join(sentence for sentence in said if sentence)


def _without_repeats(dose: Dose, before: Dose) -> Dose:
    """A later step does not say again what the one before it said."""
    return replace(
        dose,
        verb="" if dose.verb == before.verb else dose.verb,
        route="" if dose.route == before.route else dose.route,
        site="" if dose.site == before.site else dose.site,
    )


def _sentence(to: LabelLanguage, directions: Directions) -> str:
    text, before = "", Dose()
    for step in directions.steps:
        tails = [to.joined(to.pieces(dose), "order.tail") for dose in step]
        shared = len(set(tails)) == 1
        for at, dose in enumerate(step):
            new = _without_repeats(dose, before) if text else dose
            head = to.joined(to.pieces(new), "order.head")
            tail = tails[at] if not shared or at == len(step) - 1 else ""
            part = to.table["groups"][0].join(piece for piece in (head, tail) if piece)
            text += to.word("also" if at else "then", part) if text else part
            before = dose
    return f"{text[:1].upper()}{text[1:]}{to.table['end'][0]}" if text else ""
