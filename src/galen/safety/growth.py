"""What a body of an age usually weighs and measures, by the growth standards. Pure; kg, cm, ages in days.

L, M and S are parameters of WHO's Child Growth Standards (2006) to 24 months and of CDC's growth charts (2000) to 20
years, as CDC advises; between two ages they are interpolated.
"""

import csv
from bisect import bisect_right
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

MONTH, GROWN = Decimal("30.4375"), 240  # days in a month; the last month of the charts
FAR = 4  # standard deviations beyond which a value is looked at again; CDC flags weights at −5 and +8, too late for lb


class Growth(NamedTuple):
    """At one age: how skew the values are (L), their median (M) and their spread (S); who says so."""

    months: Decimal
    skew: Decimal
    median: Decimal
    spread: Decimal
    source: str

    def at(self, deviations: int) -> Decimal:
        """The value so many standard deviations from the median (Cole and Green 1992)."""
        return self.median * (1 + self.skew * self.spread * deviations) ** (1 / self.skew)


class Usual(NamedTuple):
    """From the least to the most that is usual at an age, what lies in the middle, and who says so."""

    least: Decimal
    median: Decimal
    most: Decimal
    source: str


@cache
def charts() -> dict[tuple[str, bool], list[Growth]]:
    """Read once: by measure, and whether it is a girl's, the ages upwards."""
    found: dict[tuple[str, bool], list[Growth]] = {}
    text = (files("galen.safety") / "knowledge" / "growth.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        months, skew, median, spread = (Decimal(row[name]) for name in ("months", "l", "m", "s"))
        point = Growth(months, skew, median, spread, row["source"])
        found.setdefault((row["measure"], row["sex"] == "female"), []).append(point)
    return found


def usual(measure: str, days: int, female: bool | None) -> Usual | None:
    """What is usual for weight or height at that age; nothing from 20 years on. Of an unknown sex, of either.

    Above the median half the way to two deviations counts as one (CDC's modified z-score): a skew tail has no end.
    """
    months = Decimal(days) / MONTH
    at = [found for sex in ((True, False) if female is None else (female,)) if (found := chart(measure, sex, months))]
    if not at:
        return None
    return Usual(
        min(growth.at(-FAR) for growth in at),
        sum((growth.median for growth in at), Decimal(0)) / len(at),
        max(growth.median + FAR * (growth.at(2) - growth.median) / 2 for growth in at),
        at[0].source,
    )


def chart(measure: str, female: bool, months: Decimal) -> Growth | None:
    """The parameters at an age, between those of the ages before and after it."""
    points = charts().get((measure, female), [])
    if not points or not 0 <= months <= GROWN:
        return None
    after = min(bisect_right(points, months, key=lambda point: point.months), len(points) - 1)
    low, high = points[after - 1], points[after]
    share = (months - low.months) / (high.months - low.months)
    skew, median, spread = (a + (b - a) * share for a, b in zip(low[1:4], high[1:4], strict=True))
    return Growth(months, skew or Decimal("0.0001"), median, spread, low.source)


def heaviest(days: int, female: bool | None) -> Decimal | None:
    """The most that a child of this age usually weighs: what a dose is held against while the weight is not known."""
    found = usual("weight", days, female)
    return None if found is None else round(found.most, 1)
