"""How many of the directions in tests/data/directions are read right: `bin/bench directions`.

Half of them were written before any result was seen, and are never used to mend the compiler: only those tell how well
it reads what nobody has shown it. Everything runs in process.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from galen.prescribing.directions import Directions, Dose, plain, quantity_for, read, say, supply_of

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "data" / "directions"
HALVES = {"shown": "looked at while the compiler was made", "held_out": "never looked at"}
RIGHT, WRONG, UNSAID = "right", "wrong", "not said"


@dataclass(frozen=True)
class Judged:
    """One row of the corpus and what was made of it."""

    row: dict[str, str]
    made: Directions
    quantity: str  # right, wrong or not said
    dosage: str

    @property
    def words(self) -> str:
        return say(self.made)


def rows(half: str) -> list[dict[str, str]]:
    with (CORPUS / f"{half}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def judged(row: dict[str, str]) -> Judged:
    """Quantity, and dose with frequency, against what is expected; an empty expectation means: must not be said."""
    country = "US" if row["style"] == "US" else "AU"
    supply = supply_of(row["drug"])
    made = read(row["sig"], country, supply)
    refused = any(notice.refused for notice in made.notices)
    needed = None if refused else quantity_for(made, int(row["days"]) if row["days"] else None, supply)
    return Judged(
        row, made, verdict(plain(needed).replace(",", "") if needed is not None else "", row["quantity"]), dosed(row, made)
    )


def dosed(row: dict[str, str], made: Directions) -> str:
    if not row["often"]:
        return RIGHT if not made.complete else UNSAID
    told = (spoken(made, amount), spoken(made, frequency))
    if not made.complete:
        return UNSAID
    return RIGHT if told == (row["dose"], row["often"]) else WRONG


def verdict(said: str, expected: str) -> str:
    if said == expected:
        return RIGHT
    return WRONG if said else UNSAID


def spoken(made: Directions, of: object) -> str:
    return " > ".join(" + ".join(of(dose) for dose in step) for step in made.steps)  # type: ignore[operator]


def amount(dose: Dose) -> str:
    if dose.high is None or dose.low is None:
        return "-"
    number = plain(dose.high) if dose.low == dose.high else f"{plain(dose.low)}-{plain(dose.high)}"
    return f"{number} {dose.unit}".rstrip()


def frequency(dose: Dose) -> str:
    if dose.often is None:
        return "-"
    return "once" if dose.often.once else str(dose.often.per_day if dose.often.per_day is not None else "-")


def main(arguments: list[str]) -> None:
    for half in HALVES:
        found = [judged(row) for row in rows(half)]
        for kind in ("plain", "hard"):
            some = [one for one in found if one.row["kind"] == kind]
            q, d = Counter(one.quantity for one in some), Counter(one.dosage for one in some)
            print(half, kind, len(some), dict(q), dict(d))
    for one in (judged(row) for row in rows("shown")):
        if "right" in arguments or one.quantity != RIGHT or one.dosage != RIGHT:
            if "wrong" in arguments and WRONG not in (one.quantity, one.dosage): continue
            print(f"{one.quantity:8} {one.dosage:8} {one.row['sig']} [{one.row['drug']}] {one.row['quantity']}\n      {one.words}  {spoken(one.made, amount)} / {spoken(one.made, frequency)} {[n.sentence for n in one.made.notices if n.refused]}")


if __name__ == "__main__":
    main(sys.argv[1:])
