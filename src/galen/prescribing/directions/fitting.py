"""Directions held against what is supplied: a bare number counts its units; millilitres of a tablet are refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from .dosage import Directions, DirectionsNotice, Dose
from .numbers import exact
from .places import misplaced
from .supplies import MEASURED, SOLID, Supply
from .verbs import verbed
from .weekly import WEEKLY_ONLY, weekly_fault

TAKEN = {"dose": "dose", "device": "dose"}  # what one says of units that are supplied under another name


def fitted(made: Directions, supply: Supply) -> Directions:
    """The same directions in the words of the product, with a refusal where they cannot be about it."""
    made.doses = tuple(_most(_counted(dose, supply, made), supply) for dose in made.doses)
    for complaint in dict.fromkeys(filter(None, (supply.complaint(dose.unit) for dose in made.doses))):
        made.notices.append(DirectionsNotice("", complaint, refused=True))
    placed(made, supply)
    faults = (weekly_fault(name, made) for name in supply.words & WEEKLY_ONLY)
    made.notices += [DirectionsNotice("", fault, refused=True) for fault in faults if fault]
    return made


def placed(made: Directions, supply: Supply | None = None) -> Directions:
    """The same directions, refused where their form cannot go where they put it."""
    fitting = (dose for dose in made.doses if not (supply and supply.complaint(dose.unit)))
    for complaint in dict.fromkeys(filter(None, (misplaced(dose, supply) for dose in fitting))):
        made.notices.append(DirectionsNotice("", complaint, refused=True))
    return made


def _counted(dose: Dose, supply: Supply, made: Directions) -> Dose:
    if dose.high is None or not supply.unit or supply.unit in MEASURED or supply.pen:
        return dose
    if not dose.unit:
        return verbed(replace(dose, unit=TAKEN.get(supply.unit, supply.unit)))
    if {dose.unit, supply.unit} == SOLID and dose.unit != supply.unit:
        made.notices.append(
            DirectionsNotice(
                dose.unit, f"This is a {supply.unit}, not a {dose.unit}: the directions say {supply.unit}."
            )
        )
        return replace(dose, unit=supply.unit)
    return dose


def _most(dose: Dose, supply: Supply) -> Dose:
    """A maximum of 4 g of a tablet of 500 mg is 8 tablets."""
    if dose.most is None or dose.most_unit in ("", "dose") or dose.unit not in SOLID:
        return dose
    here, there = supply.held(dose.unit), supply.held(dose.most_unit)
    most = exact(Fraction(dose.most) * here / there) if here and there else None
    return dose if most is None else replace(dose, most=most, most_unit="")
