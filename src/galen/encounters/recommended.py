"""Tests that guidelines recommend for a diagnosis: `data/tests.csv`, in our own words; sources in `data/README.md`."""

import csv
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple


class Recommended(NamedTuple):
    """One test: for which codes (their beginnings), why, how often, and who says so."""

    codes: tuple[str, ...]
    test: str
    loinc: str
    why: str
    when: str
    source: str

    @property
    def key(self) -> str:
        """What names it among all rows."""
        return f"{self.codes[0]} {self.test}"

    @property
    def wording(self) -> str:
        """A line of the plan."""
        return f"- {self.test}: {self.when} ({self.source})"


@lru_cache(1)
def table() -> tuple[Recommended, ...]:
    """All rows of the file, in its order."""
    text = (files("galen.encounters") / "data" / "tests.csv").read_text(encoding="utf-8")
    return tuple(
        Recommended(tuple(row["codes"].split()), row["test"], row["loinc"], row["why"], row["when"], row["source"])
        for row in csv.DictReader(text.splitlines())
    )


def recommended_for(codes: Iterable[str]) -> list[Recommended]:
    """The tests for these diagnoses, in the order of the file; one that several of them ask for stands once."""
    asked = [code.upper() for code in codes]
    found: dict[str, Recommended] = {}
    for row in table():
        if any(code.startswith(row.codes) for code in asked):
            found.setdefault(row.test, row)
    return list(found.values())


def named(key: str) -> Recommended | None:
    """The row of this key."""
    return next((row for row in table() if row.key == key), None)
