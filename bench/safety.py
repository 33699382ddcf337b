"""bin/bench safety: how much the built-in knowledge finds, how loudly, and how fast; written to docs/accuracy.md.

Other people's tables only measure it: nothing of them is in the knowledge, and nothing of them is written anywhere.
"""

import csv
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter

from galen.safety import Imported, Knowledge, PairVerdict, Severity, built_in, verdict
from galen.safety.reading import graded, ingredients
from galen.safety.rules import Circumstances, PersonFacts, RecordedAllergy, RegimenDrug, check, dosing
from galen.safety.rules.person import Recorded

from . import accuracy

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT.parent / "shared" / "data" / "interactions"
PAIRS, ROUNDS = 160_000, 300
PATIENTS = (
    PersonFacts(months=67 * 12, female=True, kg=Decimal(64), cm=Decimal(165), creatinine=Decimal(131)),
    PersonFacts(months=31 * 12, female=True, kg=Decimal(70), cm=Decimal(168), creatinine=Decimal(62)),
    PersonFacts(months=8 * 12, female=False, kg=Decimal(26), cm=Decimal(128), creatinine=Decimal(40)),
)
"""Somebody old with weak kidneys, a woman of whom no pregnancy is excluded, and a child whose doses go by weight."""


@dataclass(frozen=True)
class Figure:
    """One measured share or time beside its goal."""

    name: str
    value: float
    goal: str
    met: bool | None
    detail: str = ""

    @property
    def row(self) -> str:
        mark = {True: "met", False: "missed", None: ""}[self.met]
        return f"| {self.name} | {self.value:.3f} | {self.goal} | {mark} | {self.detail} |"


def share(found: int, whole: int) -> float:
    return found / whole if whole else 0.0


def rows(name: str, samples: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """A sample's rows. Its lines end with LF alone: some cells hold other line separators."""
    lines = (samples / name).read_text(encoding="utf-8-sig").split("\n")
    text = [f"{line}\n" for line in lines if line]
    cells = csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE) if delimiter == "\t" else csv.reader(text)
    heads = next(cells)
    yield from (dict(zip(heads, row, strict=False)) for row in cells)


def high_priority(samples: Path, knowledge: Knowledge) -> Iterator[Figure]:
    said = [
        verdict(row["drug_a"], row["drug_b"], knowledge) for row in rows("onc_high_priority_pairs_sample.csv", samples)
    ]
    loud = sum(answer.interrupts for answer in said)
    yield Figure(
        "ONC high-priority pairs that interrupt",
        share(loud, len(said)),
        "≥ 0.98",
        share(loud, len(said)) >= 0.98,
        f"{loud} of {len(said)}",
    )


def ddinter(samples: Path, knowledge: Knowledge) -> Iterator[Figure]:
    by: dict[str, list[PairVerdict]] = defaultdict(list)
    names: set[str] = set()
    for row in rows("ddinter_sample.csv", samples):
        by[row["Level"]].append(verdict(row["Drug_A"], row["Drug_B"], knowledge))
        names |= {row["Drug_A"], row["Drug_B"]}
    for level, goals in (("Major", (0.60, None)), ("Moderate", (None, None)), ("Minor", (None, 0.03))):
        known = [answer for answer in by[level] if answer.known]
        found = [answer for answer in known if answer.severity]
        loud = sum(answer.interrupts for answer in known)
        grades = Counter(answer.severity.value for answer in found if answer.severity)
        spread = ", ".join(f"{grades[grade.value]} {grade.value}" for grade in Severity if grades[grade.value])
        least, most = goals
        yield Figure(
            f"DDInter {level} found by the built-in knowledge",
            share(len(found), len(known)),
            f"≥ {least:.2f}" if least else "",
            share(len(found), len(known)) >= least if least else None,
            f"{len(found)} of {len(known)} pairs with both names known ({len(by[level])} in all): {spread}",
        )
        yield Figure(
            f"DDInter {level} that interrupts",
            share(loud, len(known)),
            f"≤ {most:.2f}" if most else "",
            share(loud, len(known)) <= most if most else None,
            f"{loud} of {len(known)}",
        )
    known_names = sum(understood(name, knowledge) for name in names)
    yield Figure(
        "Names known (DDInter)",
        share(known_names, len(names)),
        "≥ 0.90",
        share(known_names, len(names)) >= 0.90,
        f"{known_names} of {len(names)}",
    )


def ansm(samples: Path, knowledge: Knowledge) -> Iterator[Figure]:
    """Contraindications of the French thesaurus, each class with all of its members."""
    classes: dict[str, list[str]] = defaultdict(list)
    for row in rows("ansm2016_groups.tsv", samples, "\t"):
        for key in {row["Class Name"].strip(), (row["Class Code"] or "").strip()} - {""}:
            classes[key].append(row["Drug Name"].strip())
    said: list[PairVerdict] = []
    names: set[str] = set()
    for row in rows("ansm2016_rules_part1.tsv", samples, "\t"):
        sides = [members(row, side, classes) for side in ("1", "2")]
        names.update(*sides)
        if graded(row["Severity"] or "") is Severity.CONTRAINDICATED:
            said += [verdict(a, b, knowledge) for a in sides[0] for b in sides[1] if a != b]
    known = [answer for answer in said if answer.known]
    found, loud = sum(answer.severity is not None for answer in known), sum(answer.interrupts for answer in known)
    yield Figure(
        "ANSM contraindications found",
        share(found, len(known)),
        "≥ 0.80",
        share(found, len(known)) >= 0.80,
        f"{found} of {len(known)} pairs with both names known ({len(said)} in all)",
    )
    yield Figure("ANSM contraindications that interrupt", share(loud, len(known)), "", None, f"{loud} of {len(known)}")
    known_names = sum(understood(name, knowledge) for name in names)
    yield Figure(
        "Names known (ANSM)",
        share(known_names, len(names)),
        "≥ 0.90",
        share(known_names, len(names)) >= 0.90,
        f"{known_names} of {len(names)}, typing errors of the source included",
    )


def members(row: dict[str, str], side: str, classes: dict[str, list[str]]) -> list[str]:
    name, kind, code = ((row[f"Drug {side} {part}"] or "").strip() for part in ("Name", "Class Name", "Code"))
    return [name] if name else classes.get(code) or classes.get(kind) or [kind]


def understood(name: str, knowledge: Knowledge) -> bool:
    return all(knowledge.ingredients(part) for part in ingredients(name, knowledge))


def speed() -> Iterator[Figure]:
    """Ten medicines with their doses, ten allergies, ten conditions and a body, beside a table of 160,000 pairs.

    Every medicine has a limit of its dose, so every dose is reckoned; reading the structured dose counts as well.
    """
    knowledge, chance = built_in(), random.Random(20261120)
    names = sorted(name for name in knowledge.names if knowledge.ingredients(name) == {name})
    started = perf_counter()
    loaded = knowledge.with_pairs(invented(names, chance))
    reading = perf_counter() - started
    known = {(a, b): 1 for a, others in loaded.imported.items() for b in others}
    limited = [name for name in names if any("oral" in limit.routes for limit in loaded.persons.limits.get(name, ()))]
    ours, theirs = [], []
    kinds: Counter[str] = Counter()
    for number in range(ROUNDS):
        taken, others = chance.sample(limited, 10), chance.sample(names, 10)
        prescribed = [(name, *prescription(name, loaded, chance)) for name in taken]
        patient = circumstances(PATIENTS[number % len(PATIENTS)], others, loaded, chance)
        ours.append(timed(lambda: check(regimen(prescribed), patient, loaded)))  # noqa: B023 - called at once
        theirs.append(timed(lambda: [known.get((a, b)) for a in taken + others for b in taken + others]))  # noqa: B023
        kinds.update(alert.kind for alert in check(regimen(prescribed), patient, loaded).alerts)
    mine, least = median(ours) * 1000, median(theirs) * 1000
    said = ", ".join(f"{count / ROUNDS:.1f} {kind}" for kind, count in kinds.most_common())
    detail = (
        f"p95 {sorted(ours)[int(ROUNDS * 0.95)] * 1000:.3f} ms; with dose, age, weight and kidney function; "
        f"{len(known):,} imported pairs read in {reading:.2f} s"
    )
    yield Figure("Check of 10 medicines × 10 allergies × 10 conditions, ms (median)", mine, "< 1", mine < 1, detail)
    yield Figure("The same as a multiple of 400 dict look-ups in the same run", mine / least, "", None)
    yield Figure("Alerts of such a check (mean)", kinds.total() / ROUNDS, "", None, said)


def invented(names: list[str], chance: random.Random) -> Iterator[Imported]:
    """As many pairs as a large table has, drawn from the names themselves."""
    grades, seen = list(Severity), set[tuple[str, str]]()
    while len(seen) < PAIRS:
        a, b = sorted(chance.sample(names, 2))
        if (a, b) not in seen:
            seen.add((a, b))
            yield Imported(a, b, chance.choice(grades), "Invented")


def prescription(name: str, knowledge: Knowledge, chance: random.Random) -> tuple[str, dict[str, str]]:
    """A strength and a structured dose, from a quarter of the most for adults in a day to twice as much."""
    limit = next(known for known in knowledge.persons.limits[name] if "oral" in known.routes)
    each, often = chance.choice((1, 1, 2)), chance.choice((1, 2, 3, 4))
    return f"{limit.daily / 4:f} {limit.unit}", {"high": str(each), "per_day": str(each * often), "unit": "tablet"}


def regimen(prescribed: list[tuple[str, str, dict[str, str]]]) -> list[RegimenDrug]:
    """The medicines as the check of a prescription is given them."""
    return [
        RegimenDrug(name, (name,), ref=name, dosing=dosing(dose, (strength,), "tablet"))
        for name, strength, dose in prescribed
    ]


def circumstances(
    person: PersonFacts, allergies: list[str], knowledge: Knowledge, chance: random.Random
) -> Circumstances:
    """Ten allergies, and ten coded conditions drawn from all that the knowledge has a code for."""
    coded = [
        (condition.said, code)
        for condition in knowledge.persons.names.values()
        for code in sorted(condition.snomed)[:1] or condition.icd[:1]
    ]
    conditions = tuple(Recorded(text, code) for text, code in chance.sample(coded, 10))
    return Circumstances(tuple(RecordedAllergy(name) for name in allergies), replace(person, conditions=conditions))


def timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def main(arguments: list[str]) -> None:
    samples = Path(arguments[0]) if arguments else SAMPLES
    knowledge = built_in()
    figures = [*speed()]
    if samples.is_dir():
        figures = [
            *high_priority(samples, knowledge),
            *ddinter(samples, knowledge),
            *ansm(samples, knowledge),
            *figures,
        ]
    else:
        print(f"The samples are not at {samples}: only the speed was measured. Name their folder: bin/bench safety DIR")
    for figure in figures:
        mark = {True: "met", False: "MISSED", None: ""}[figure.met]
        print(f"{figure.name:74} {figure.value:8.3f}  {figure.goal:7} {mark}")
    if samples.is_dir():
        accuracy.put(document(figures, knowledge))
    sys.exit(any(figure.met is False for figure in figures))


def document(figures: list[Figure], knowledge: Knowledge) -> str:
    lines = "\n".join(figure.row for figure in figures)
    return HEAD.format(version=knowledge.version, rules=len(knowledge.pairs.rules), lines=lines)


HEAD = """# How accurate the interaction check is

Written by `bin/bench safety`; knowledge {version}, {rules} rules for pairs. Anyone can run it again.

The knowledge is written by class and mechanism from labels and published facts. It is measured against samples of three
tables of others: the ONC high-priority list (Phansalkar 2012), DDInter, and the ANSM thesaurus of 2016. They are not
part of Galen. Gaps that a sample showed were closed by a class or a mechanism, and, for about ten, by what the label of
the medicine forbids; so the figures are of samples that were looked at: expect less on pairs that nobody has seen.
"Known" means that both names were understood in full.

| measurement | value | goal | | detail |
|---|---|---|---|---|
{lines}

What the figures do not say: sources disagree about severity. A pair that DDInter calls major may stand here as moderate
with good reason, and the other way round; "Moderate that interrupts" and "Minor that interrupts" are the price in
alarms. A pair of which nothing is known is never called safe: the answer says how many names were known.
"""
