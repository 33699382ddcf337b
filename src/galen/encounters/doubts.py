"""Values that are possible and hard to believe: against what is usual at that age, and against the last one. Pure.

A tenfold slip, pounds in the place of kilograms and inches in the place of centimetres become a child's dose; so such a
value is looked at again before anything is reckoned with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from galen.i18n import N_, formats
from galen.i18n import gettext as _
from galen.safety import growth
from galen.values.units import plain

from .rules import SCALES, UCUM, Measure, into_own_unit, normal_range

D = Decimal
CREATININE = "creatinine"
NAMES = {measure.value: (scale.name, scale.unit, scale.places) for measure, scale in SCALES.items()} | {
    CREATININE: (N_("creatinine"), "µmol/L", 0)
}
ADULT_DAYS = 20 * 365  # where the growth charts end
ADULTS = {Measure.WEIGHT: (D(30), D(250)), Measure.HEIGHT: (D(120), D(220))}  # wide: who is beyond is measured twice
# kg/m²: below it few live (Henry, Eur J Clin Nutr 1990; 44: 329); above it pounds are likelier than so many kilograms.
BMI = (D(12), D(50))
# Of what is normal at a child's age, the least half of it and at most so many times the most.
BY_AGE = {Measure.HEART_RATE: D(2), Measure.BREATHING_RATE: D(2), Measure.SYSTOLIC: D("1.5")}


class Change(NamedTuple):
    """How far from the last value is believed: at once, more each week, and never more than that."""

    at_once: Decimal
    weekly: Decimal
    most: Decimal


CHANGES = {
    "weight": Change(D("0.15"), D("0.01"), D("0.5")),
    "height": Change(D("0.06"), D("0.003"), D("0.2")),
    CREATININE: Change(D(7), D(0), D(7)),
}
CHILDREN = {"weight": Change(D("0.2"), D("0.02"), D("0.6")), "height": Change(D("0.08"), D("0.004"), D("0.2"))}


@dataclass(frozen=True, slots=True)
class Examined:
    """Who was measured on which day, and the last values that nobody doubts, each with its day."""

    born: date | None
    female: bool | None
    day: date
    last: Mapping[str, tuple[Decimal, date]] = field(default_factory=dict)

    @property
    def days(self) -> int | None:
        """The age on that day."""
        return (self.day - self.born).days if self.born and self.born <= self.day else None


@dataclass(frozen=True, slots=True)
class Doubt:
    """One value, and from what to what would be usual; `by` says why: WHO, CDC, adult, bmi, age or last."""

    measure: str
    value: Decimal
    least: Decimal
    most: Decimal
    by: str
    last: Decimal | None = None
    last_on: date | None = None
    meant: str = ""

    @property
    def shown(self) -> str:
        return f"{plain(self.value)} {NAMES[self.measure][1]}"

    @property
    def token(self) -> str:
        """What confirms exactly this value: another one is asked about anew."""
        return plain(self.value)

    @property
    def sentence(self) -> str:
        """The value, what would be usual, what was perhaps meant."""
        said = {
            "measure": _(NAMES[self.measure][0]),
            "value": self.shown,
            "least": plain(self.least),
            "most": f"{plain(self.most)} {NAMES[self.measure][1]}",
        }
        if self.by == "last" and self.last is not None and self.last_on is not None:
            last = f"{plain(self.last)} {NAMES[self.measure][1]}"
            usual = _(
                "The %(measure)s %(value)s is far from the last one, %(last)s on %(day)s: "
                "%(least)s to %(most)s would be usual now.",
                last=last,
                day=formats.day(self.last_on),
                **said,
            )
        elif self.by == "adult":
            usual = _(
                "The %(measure)s %(value)s is unusual for an adult: %(least)s to %(most)s would be usual.", **said
            )
        elif self.by == "bmi":
            usual = _(
                "The %(measure)s %(value)s is unusual for this height: %(least)s to %(most)s would be usual.", **said
            )
        elif self.by == "age":
            usual = _("The %(measure)s %(value)s is unusual at this age: %(least)s to %(most)s would be usual.", **said)
        else:
            usual = _(
                "The %(measure)s %(value)s is unusual at this age: %(least)s to %(most)s would be usual (%(source)s).",
                source=self.by,
                **said,
            )
        return f"{usual} {_('Was it %(meant)s?', meant=self.meant)}" if self.meant else usual

    def kept(self) -> dict[str, str]:
        """As a record keeps it; texts are made when somebody reads it."""
        last = {"last": plain(self.last), "on": self.last_on.isoformat()} if self.last and self.last_on else {}
        return {"least": str(self.least), "most": str(self.most), "by": self.by, "meant": self.meant, **last}

    @classmethod
    def read(cls, measure: str, value: Decimal, kept: Mapping[str, Any]) -> Doubt:
        last, on = (D(kept["last"]), date.fromisoformat(kept["on"])) if "last" in kept else (None, None)
        return cls(measure, value, D(kept["least"]), D(kept["most"]), kept["by"], last, on, kept["meant"])


def doubts(kept: Mapping[str, Decimal], who: Examined) -> list[Doubt]:
    """The values of one set that are hard to believe."""
    found = {doubt.measure: doubt for doubt in _by_age(kept, who)}
    for measure, value in kept.items():
        if (last := who.last.get(measure)) is None or measure not in CHANGES:
            continue
        if changed := _changed(measure, value, *last, who):
            found[measure] = changed
        elif measure in found and not found[measure].least <= last[0] <= found[measure].most:
            del found[measure]  # this person is so: the last one was, and was believed
    if (thin := _by_bmi(kept, who)) and not found.keys() & {"weight", "height"}:
        found["weight"] = thin
    return list(found.values())


def _by_age(kept: Mapping[str, Decimal], who: Examined) -> Iterator[Doubt]:
    if who.days is None or who.born is None:
        return
    for measure in Measure:
        if (value := kept.get(measure.value)) is None:
            continue
        if usual := growth.usual(measure.value, who.days, who.female):
            yield from _outside(measure, value, usual.least, usual.most, usual.source)
        elif measure in ADULTS and who.days >= ADULT_DAYS:
            yield from _outside(measure, value, *ADULTS[measure], "adult")
        elif measure in BY_AGE and who.days < 16 * 365:
            low, high = normal_range(measure, who.born, who.day)
            if low is not None and high is not None:
                yield from _outside(measure, value, low / 2, high * BY_AGE[measure], "age")


def _by_bmi(kept: Mapping[str, Decimal], who: Examined) -> Doubt | None:
    """An adult's weight against the height of the same set, or the last one."""
    height = kept.get("height") or next(iter(who.last.get("height", ())), None)
    if "weight" not in kept or not isinstance(height, Decimal) or who.days is None or who.days < 18 * 365:
        return None
    least, most = (limit * height * height / 10_000 for limit in BMI)
    return next(_outside("weight", kept["weight"], least, most, "bmi"), None)


def _changed(measure: str, value: Decimal, last: Decimal, on: date, who: Examined) -> Doubt | None:
    """Against the last value, as it would have grown since."""
    then = (on - who.born).days if who.born else None
    before = growth.usual(measure, then, who.female) if then is not None and then >= 0 else None
    now = growth.usual(measure, who.days, who.female) if who.days is not None else None
    child = before is not None and measure in CHILDREN
    grown = last
    if before is not None:
        adult = growth.usual(measure, ADULT_DAYS, who.female)
        grown = last * (now or adult or before).median / before.median
    change = CHILDREN[measure] if child else CHANGES[measure]
    weeks = D(abs((who.day - on).days)) / 7
    far = 1 + min(change.at_once + change.weekly * weeks, change.most)
    least, most = min(last, grown) / far, max(last, grown) * far
    return next(_outside(measure, value, least, most, "last", last, on), None)


def _outside(
    measure: str, value: Decimal, least: Decimal, most: Decimal, by: str, last: Decimal | None = None,
    on: date | None = None,
) -> Iterator[Doubt]:  # fmt: skip
    """A doubt where the value lies outside, with what would lie inside."""
    if not least <= value <= most:
        places = 0 if measure not in ("weight", "height") else 1
        edges = round(least, places), round(most, places)
        yield Doubt(str(measure), value, *edges, by, last, on, _meant(str(measure), value, least, most))


def _meant(measure: str, value: Decimal, least: Decimal, most: Decimal) -> str:
    """What would be usual with another unit, or with the decimal point elsewhere."""
    own = NAMES[measure][1]
    others = SCALES[Measure(measure)].others if measure in SCALES else ("mg/dL",)
    units = [
        (into_own_unit(Measure(measure), value, unit), f"{plain(value)} {unit}") for unit in others if unit in UCUM
    ]
    slips = [(value / 10, f"{plain(value / 10)} {own}"), (value * 10, f"{plain(value * 10)} {own}")]
    return next((said for meant, said in (*units, *slips) if least < meant < most), "")
