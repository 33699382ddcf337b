"""What a column of a list may mean, by the names that lists give it and by how its values look (`data/fields.csv`)."""

import csv
import re
from dataclasses import dataclass
from importlib.resources import files

from galen.values.check_digits import is_gtin


@dataclass(frozen=True, slots=True)
class Field:
    """A meaning: its label for people, the headers it is known by, and how its values look (none: anything)."""

    name: str
    label: str
    headers: tuple[str, ...]
    looks: re.Pattern[str] | None = None


def fields() -> dict[str, Field]:
    text = (files("galen.medicines.importing") / "data" / "fields.csv").read_text(encoding="utf-8")
    return {
        row["field"]: Field(
            row["field"],
            row["label"],
            tuple(row["headers"].split("|")),
            re.compile(row["looks"], re.I) if row["looks"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    }


FIELDS = fields()


NOT_KEPT = frozenset(("other", "ordered", "free", "discount", "unit_price", "unit_cost", "group"))
"""What is understood and goes nowhere, or only where something better is missing."""


def normal(header: str) -> str:
    """A header as it is compared: small letters, no punctuation, single spaces."""
    return " ".join(re.sub(r"[^a-z0-9%]+", " ", header.casefold().replace("µ", "u")).split())


KNOWN: dict[str, str] = {}
"""Headers by their first meaning; where lists use one word for two things, the look of the values decides."""
for _field in FIELDS.values():
    for _header in _field.headers:
        KNOWN.setdefault(_header, _field.name)


def is_barcode(text: str) -> bool:
    return len(text) >= 12 and is_gtin(text)
