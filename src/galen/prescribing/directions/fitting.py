"""Directions held against what is supplied: a bare number counts its units; millilitres of a tablet are refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from .dosage import Directions, Dose, Notice
from .numbers import exact
from .supplies import MEASURED, SOLID, Supply
from .verbs import verbed
from .weekly import WEEKLY_ONLY, weekly_fault

TAKEN = {"dose": "dose", "device": "dose"}  # what one says of units that are supplied under another name


def fitted(made: Directions, supply: Supply) -> Directions:
    """The same directions in the words of the product, with a refusal where they cannot be about it."""
    made.doses = tuple(_most(_counted(one, supply, made), supply) for one in made.doses)
    for complaint in dict.fromkeys(filter(None, (supply.complaint(one.unit) for one in made.doses))):
        made.notices.append(Notice("", complaint, refused=True))
    faults = (weekly_fault(name, made) for name in supply.words & WEEKLY_ONLY)
    made.notices += [Notice("", fault, refused=True) for fault in faults if fault]
    return made


def _counted(one: Dose, supply: Supply, made: Directions) -> Dose:
    if one.high is None or not supply.unit or supply.unit in MEASURED or supply.pen:
        return one
    if not one.unit:
        return verbed(replace(one, unit=TAKEN.get(supply.unit, supply.unit)))
    if {one.unit, supply.unit} == SOLID and one.unit != supply.unit:
        made.notices.append(
            Notice(one.unit, f"This is a {supply.unit}, not a {one.unit}: the directions say {supply.unit}.")
        )
        return replace(one, unit=supply.unit)
    return one


def _most(one: Dose, supply: Supply) -> Dose:
    """A maximum of 4 g of a tablet of 500 mg is 8 tablets."""
    if one.most is None or one.most_unit in ("", "dose") or one.unit not in SOLID:
        return one
    here, there = supply.held(one.unit), supply.held(one.most_unit)
    most = exact(Fraction(one.most) * here / there) if here and there else None
    return one if most is None else replace(one, most=most, most_unit="")
