"""Ingredients with their amounts in one text, such as `Amoxicillin 500mg + Clavulanic Acid 125mg Tablets`. Pure."""

import re
from dataclasses import dataclass

from galen.i18n import N_

from ..naming import ingredient_name, ingredient_names
from .lines import IngredientAmount, substance
from .written import read_name

SEVERAL = re.compile(r"\s*[;+]\s*|\s+/\s+")
NUMBER = re.compile(r"\s+\d[\d.,]*$")
DEPOT = re.compile(r"\bdepot\b", re.I)
LOOSE = N_("In “%(text)s” a number has no unit. Write it as a strength, such as 5 mg, or as a pack, such as 5's.")
UNCLEAR = N_("“%(text)s” does not tell how much there is of each ingredient. Write it as 500 mg + 125 mg.")


@dataclass(frozen=True, slots=True)
class NamedAmounts:
    """What a text names, and what is wrong when its amounts cannot be given to its ingredients."""

    parts: list[IngredientAmount]
    problem: str = ""


def amounts_in(written: str, *, known: bool = False) -> NamedAmounts | None:
    """The ingredients of a text; `known` asks that each is known here, so that a brand is not taken for one."""
    read = read_name(written)
    bare = DEPOT.sub("", read.name).strip()
    names = list(ingredient_names(read.name) or ingredient_names(bare)) if bare else []
    numberless = NUMBER.sub("", bare)
    if not names and not read.strengths and numberless != bare and (names := list(ingredient_names(numberless))):
        return NamedAmounts([IngredientAmount(name, "") for name in names], problem=LOOSE)
    if not names and known:
        return None
    names = names or [substance(name) for name in SEVERAL.split(read.name) if name.strip()]
    if len(names) == 1:
        return NamedAmounts([IngredientAmount(names[0], " / ".join(read.strengths))])
    told = len(read.strengths) == len(names)
    strengths = read.strengths if told else ("",) * len(names)
    parts = [IngredientAmount(name, strength) for name, strength in zip(names, strengths, strict=True)]
    return NamedAmounts(parts, UNCLEAR if read.strengths and not told else "")


def bare_name(written: str) -> str:
    """An ingredient without the form that stands beside it; what is known as it stands stays."""
    read = read_name(written)
    return (
        read.name
        if not ingredient_name(written) and read.name and (read.form or ingredient_name(read.name))
        else written
    )
