"""The data files that come with Galen, in the folder `catalogue`."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("galen.medicines") / "catalogue" / f"{name}.csv").read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def several(text: str) -> list[str]:
    """A list in one field, separated by bars."""
    return [part for part in text.split("|") if part]
