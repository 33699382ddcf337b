"""What depends on the person: doses, kidneys, pregnancy, breastfeeding, conditions, ages; by ingredient."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, TypeVar

from galen.i18n import N_
from galen.values.search_key import search_key

from .terms import KnowledgeTerms, Row, several
from .words import Rule, RuleKind, Severity

Rows = Sequence[Row]
T = TypeVar("T")


class Kidney(NamedTuple):
    """Speaks below a filtration; `crcl` is mL/min (Cockcroft–Gault), `egfr` mL/min/1.73 m²."""

    rule: Rule
    below: Decimal
    measure: str


class Ages(NamedTuple):
    """Speaks from one age to below another, in months, when at least so many medicines of the rule are taken."""

    rule: Rule
    low: int
    below: int
    least: int


class Unborn(NamedTuple):
    """Speaks in a recorded pregnancy; `possible` speaks to a woman of childbearing age of whom nothing is known."""

    rule: Rule
    possible: Rule | None


class Limit(NamedTuple):
    """The most of one ingredient by some routes, once and in a day: adults, children per kg, from 65, by clearance."""

    routes: frozenset[str]
    unit: str
    single: Decimal
    daily: Decimal
    child_single: Decimal | None
    child_daily: Decimal | None
    child_from: int
    old_daily: Decimal | None
    kidney: tuple[tuple[Decimal, Decimal], ...]
    source: str


class ConditionName(NamedTuple):
    """A class of conditions: what it is called, and by which codes and words records mean it."""

    said: str
    icd: tuple[str, ...]
    snomed: frozenset[str]
    words: re.Pattern[str]


@dataclass(frozen=True, eq=False)
class Persons:
    """By ingredient, what speaks; by class, how a record says a condition."""

    kidney: Mapping[str, tuple[Kidney, ...]] = field(default_factory=dict, repr=False)
    ages: Mapping[str, tuple[Ages, ...]] = field(default_factory=dict, repr=False)
    pregnancy: Mapping[str, tuple[Unborn, ...]] = field(default_factory=dict, repr=False)
    lactation: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict, repr=False)
    conditions: Mapping[str, Mapping[str, tuple[Rule, ...]]] = field(default_factory=dict, repr=False)  # by condition
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict, repr=False)
    names: Mapping[str, ConditionName] = field(default_factory=dict, repr=False)


class PersonFiles(NamedTuple):
    """The files about the person, row by row."""

    doses: Rows = ()
    kidney: Rows = ()
    ages: Rows = ()
    pregnancy: Rows = ()
    lactation: Rows = ()
    conditions: Rows = ()
    condition_names: Rows = ()
    alternatives: Rows = ()
    products: Rows = ()


def compile_persons(said: PersonFiles, terms: KnowledgeTerms) -> Persons:
    """Rows into one index; a condition or class that nobody wrote down is refused."""
    names = {row["condition"]: _condition(row) for row in said.condition_names}
    for row in said.conditions:
        if row["condition"] not in names:
            raise ValueError(f"Rule {row['id']} names {row['condition']}, which no condition is called.")
    return Persons(
        kidney=_by_ingredient(
            said.kidney, terms, lambda row, rule: Kidney(rule, Decimal(row["below"]), row["measure"])
        ),
        ages=_by_ingredient(said.ages, terms, _ages),
        pregnancy=_by_ingredient(said.pregnancy, terms, _unborn),
        lactation=_by_ingredient(said.lactation, terms, lambda row, rule: rule),
        conditions={
            name: _by_ingredient([r for r in said.conditions if r["condition"] == name], terms, lambda row, rule: rule)
            for name in names
        },
        limits=_limits(said.doses, terms),
        names=names,
    )


KINDS = {
    "measure": RuleKind.KIDNEY,
    "least": RuleKind.AGE,
    "possible": RuleKind.PREGNANCY,
    "condition": RuleKind.CONDITION,
}


def _rule(row: Row, terms: KnowledgeTerms, severity: str = "") -> Rule:
    return Rule(
        id=row["id"],
        kind=next((kind for column, kind in KINDS.items() if column in row), RuleKind.LACTATION),
        severity=Severity(severity or row["severity"]),
        sides=(terms.covered(row["medicines"], row["id"]),),
        mechanism=row["mechanism"],
        effect=row["effect"],
        management=row["management"],
        source=row["source"],
        harm=row["id"],
        alternatives=tuple(terms.named(name) for name in several(row["alternatives"])),
        any_route=row.get("any_route") == "yes",
    )


def _by_ingredient(rows: Rows, terms: KnowledgeTerms, made: Callable[[Row, Rule], T]) -> dict[str, tuple[T, ...]]:
    index: dict[str, list[T]] = {}
    for row in rows:
        rule = _rule(row, terms)
        entry = made(row, rule)
        for name in rule.sides[0]:
            index.setdefault(name, []).append(entry)
    return {name: tuple(found) for name, found in index.items()}


def _ages(row: Row, rule: Rule) -> Ages:
    return Ages(rule, months(row["from"] or "0m"), months(row["below"] or "200y"), int(row["least"] or 1))


POSSIBLE = N_("Ask whether a pregnancy is possible, and say how to prevent one.")


def _unborn(row: Row, rule: Rule) -> Unborn:
    if not row["possible"]:
        return Unborn(rule, None)
    quiet = replace(rule, id=f"{rule.id}-possible", severity=Severity(row["possible"]), ask=POSSIBLE)
    return Unborn(rule, quiet)


def months(age: str) -> int:
    """An age as the files write it: 28d, 6m, 12y."""
    number, unit = int(age[:-1]), age[-1]
    return number * 12 if unit == "y" else number


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _limits(rows: Rows, terms: KnowledgeTerms) -> dict[str, tuple[Limit, ...]]:
    found: dict[str, list[Limit]] = {}
    for row in rows:
        limit = Limit(
            frozenset(several(row["routes"])),
            row["unit"],
            Decimal(row["single"]),
            Decimal(row["daily"]),
            _number(row["child_single_kg"]),
            _number(row["child_daily_kg"]),
            months(row["child_from"] or "0m"),
            _number(row["old_daily"]),
            tuple((Decimal(b), Decimal(d)) for b, d in (band.split(":") for band in several(row["kidney_daily"]))),
            row["source"],
        )
        found.setdefault(terms.named(row["ingredient"]), []).append(limit)
    return {name: tuple(limits) for name, limits in found.items()}


def _condition(row: Row) -> ConditionName:
    words = "|".join(re.escape(plain(word)) for word in sorted(several(row["words"]), key=len, reverse=True))
    icd = tuple(code.replace(".", "") for code in several(row["icd"]))
    return ConditionName(row["said"], icd, frozenset(several(row["snomed"])), re.compile(rf"\b(?:{words or '(?!)'})\b"))


@lru_cache(4096)
def plain(text: str) -> str:
    """Words as they are compared: hyphens part them."""
    return search_key(re.sub(r"[-‐‑–/]", " ", text))
