"""One text in, everything out: what the command line and other programs ask for."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from .dosage import Directions
from .fitting import fitted, placed
from .grammar import Reader
from .quantity import counted_in, course, days_supply, quantity_for
from .structure import exact, steps_of
from .supplies import Supply, supply_of
from .text import say


def read(text: str, country: str = "AU", supply: Supply | None = None) -> Directions:
    """Understand directions. `country` and what is supplied decide what `od` means and what a bare number counts."""
    made = read_once(text, country, supply)
    return replace(made, unknown=[*made.unknown], remarks=[*made.remarks], notices=[*made.notices])


@lru_cache(4096)
def read_once(text: str, country: str, supply: Supply | None) -> Directions:
    """The same line is read when it is drafted, signed, verified and handed over."""
    made = Reader(text, country, supply.place if supply else "", supply.words if supply else frozenset()).read()
    return fitted(made, supply) if supply else placed(made)


def compiled(
    text: str, drug: str = "", days: int | None = None, country: str = "AU", language: str = "en"
) -> dict[str, Any]:
    """Plain text, dosage, quantity and days' supply. `days` is the period where the directions name none.

    Quantity and days' supply are None where they cannot be known: something is not understood or refused, no dose,
    no length, a dose in mg of a medicine of unknown strength, a cream.
    """
    supply = supply_of(drug) if drug.strip() else None
    said = read(text, country, supply)
    refused = any(notice.refused for notice in said.notices)
    needed = None if refused else quantity_for(said, days, supply)
    written = said.quantity if said.complete else None
    quantity = written if written is not None else needed
    lasts = course(said) if said.complete else None
    if written is not None:
        lasts = days_supply(written, said, supply)
    elif needed is not None:
        lasts = course(said, days)
    return {
        "sig": text,
        "drug": drug,
        "text": say(said, language),
        "doses": steps_of(said, exact),
        "quantity": exact(quantity) if quantity is not None else None,
        "quantity_unit": (said.quantity_unit or counted_in(said, supply) or None) if quantity is not None else None,
        "days_supply": lasts,
        "repeats": said.repeats,
        "unknown": [*said.unknown, *said.remarks],
        "remarks": said.remarks,
        "advice": list(said.advice),
        "warnings": [notice.sentence for notice in said.notices],
        "refused": refused,
        "complete": said.complete and not said.remarks,
    }


def in_language(printed: str, language: str) -> str:
    """Plain English directions, as a prescription keeps them, in the patient's language.

    Made by reading them again, so that what was signed decides. Directions that Galen did not print stay as they are.
    """
    said = read(printed)
    return say(said, language) if say(said) == printed else printed
