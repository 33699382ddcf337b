"""Too much at once or in a day: for adults, for children by weight, for the old, and for weak kidneys.

What goes beyond a limit by a tenth shows (rounding to a measurable dose); beyond that it interrupts; five times the
limit is taken for a slip of the decimal point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from ..knowledge import RANK, Kind, Knowledge, Rule, Severity
from ..knowledge.persons import Limit
from .dosing import exact, says_dose, taken
from .person import Body, Person
from .persons import asked
from .words import Alert, Drug, Known, Situation, Tier, Unchecked, alert

ROUNDING, SLIP = Fraction(11, 10), 5
WEIGHT_DAYS = ((2 * 12, 31), (12 * 12, 92))  # below an age in months, a weight may be so many days old


@dataclass(frozen=True, slots=True)
class Most:
    """What may be taken, in the limit's unit, and why so much."""

    single: Fraction
    daily: Fraction
    unit: str
    why: str
    source: str


def doses(situation: Situation, knowledge: Knowledge) -> Iterator[Alert]:
    """Each medicine by itself, and the sum of what holds the same ingredient."""
    sums: dict[tuple[str, Most], list[tuple[Drug, Fraction]]] = {}
    singles: list[Alert] = []
    for one in situation.known:
        for name, place in _dosed(one, knowledge):
            most = _most(name, one.drug, situation, knowledge)
            if not isinstance(most, Most) or one.drug.dosing is None:
                continue
            found = taken(one.drug.dosing, place, most.unit)
            if found.single is not None and found.single > most.single:
                singles.append(_alert("single", name, (one.drug,), found.single, most.single, most, knowledge))
            if found.daily is not None:
                sums.setdefault((name, most), []).append((one.drug, found.daily))
    for (name, most), parts in sums.items():
        total = parts[0][1] if len(parts) == 1 else sum((amount for _, amount in parts), Fraction(0))
        over = [(drug, amount) for drug, amount in parts if amount > most.daily]
        for drug, amount in over:
            yield (said := _alert("daily", name, (drug,), amount, most.daily, most, knowledge))
            singles = [_beside(one, said) for one in singles]
        if total > most.daily and not over:
            yield _alert("daily", name, tuple(drug for drug, _ in parts), total, most.daily, most, knowledge)
    yield from singles


def _beside(single: Alert, daily: Alert) -> Alert:
    """One slip asks for one answer: where the day is as bad, the single dose is only listed."""
    same = single.subjects == daily.subjects and single.ingredients == daily.ingredients
    told = same and RANK[daily.severity] <= RANK[single.severity]
    return replace(single, tier=Tier.LISTED) if told else single


def not_reckoned(situation: Situation, knowledge: Knowledge) -> Iterator[Unchecked]:
    """Doses that were asked about and could not be checked, and why."""
    for one in situation.known:
        if not asked(one):
            continue
        for name, place in _dosed(one, knowledge):
            most = _most(name, one.drug, situation, knowledge)
            if isinstance(most, str):
                yield Unchecked(one.drug, most)
            elif one.drug.dosing and not says_dose(one.drug.dosing, place, most.unit):
                yield Unchecked(one.drug, "the directions say no dose that can be reckoned")
            else:
                continue
            break


def _dosed(one: Known, knowledge: Knowledge) -> Iterator[tuple[str, int]]:
    """The ingredients whose dose was asked about, each with its place in the product."""
    if one.drug.dosing is not None:
        for place, written in enumerate(one.drug.ingredients):
            for name in knowledge.ingredients(written):
                yield name, place


def _most(name: str, drug: Drug, situation: Situation, knowledge: Knowledge) -> Most | str:
    """The limit that holds for this person, or why none is known."""
    limit = next((one for one in knowledge.persons.limits.get(name, ()) if drug.route in one.routes), None)
    if limit is None:
        return "no limit of its dose is known here"
    body = situation.body
    if body is None or body.person.adult:
        return _adult(limit, body)
    return _child(limit, body.person)


def _adult(limit: Limit, body: Body | None) -> Most:
    daily, why = limit.daily, "the most for adults"
    if limit.old_daily and body and (body.person.years or 0) >= 65:
        daily, why = min(daily, limit.old_daily), "the most from 65 years"
    cleared = body.crcl if body and limit.kidney else None
    for below, most in limit.kidney if cleared else ():
        if cleared and cleared.value < below and most < daily:
            daily, why = most, f"the most with {cleared.words}"
    single = min(limit.single, daily) if daily < limit.daily else limit.single
    return Most(exact(single), exact(daily), limit.unit, why, limit.source)


def _child(limit: Limit, person: Person) -> Most | str:
    if limit.child_single is None and limit.child_daily is None:
        return "no dose for children is known here"
    if (person.months or 0) < limit.child_from:
        return f"no dose is known here below the age of {Person(months=limit.child_from).age}"
    if person.kg is None:
        return "the weight is not recorded"
    fresh = next((days for months, days in WEIGHT_DAYS if (person.months or 0) < months), None)
    if fresh and person.kg_days > fresh:
        return f"the weight is {person.kg_days} days old"
    single, daily = (
        min(most, per_kg * person.kg) if per_kg else most
        for most, per_kg in ((limit.single, limit.child_single), (limit.daily, limit.child_daily))
    )
    why = f"the most for a child of {_plain(Fraction(person.kg))} kg"
    return Most(exact(single), exact(daily), limit.unit, why, limit.source)


def _alert(
    of: str, name: str, drugs: tuple[Drug, ...], found: Fraction, most: Fraction, why: Most, knowledge: Knowledge
) -> Alert:
    slip = found >= SLIP * most
    loud = Severity.CONTRAINDICATED if slip else Severity.MAJOR if found > most * ROUNDING else Severity.MODERATE
    much, limit = f"{_plain(found)} {why.unit}", f"{_plain(most)} {why.unit}"
    when = "at once" if of == "single" else "a day"
    rule = Rule(
        id=f"dose-{of}",
        kind=Kind.DOSE,
        severity=loud,
        sides=(),
        mechanism=f"{why.why.capitalize()} is {limit} {when}.",
        effect=f"{much} of {name} {when}: {_times(found / most)} the most that is usual.",
        management="Look at the decimal point and the unit."
        if slip
        else f"Write at most {limit} {when}, or say why more.",
        source=why.source,
        harm="dose",
    )
    return alert(rule, drugs, {name}, knowledge, fact=f"the dose of {much} {when}", dose=f"{much} {when}")


def _times(share: Fraction) -> str:
    return f"{_plain(Fraction(round(share * 10), 10))} times" if share >= Fraction(3, 2) else "above"


def _plain(number: Fraction) -> str:
    """At most two decimals, without zeros behind."""
    value = round(Decimal(number.numerator) / Decimal(number.denominator), 2)
    return f"{value.normalize():,f}"
