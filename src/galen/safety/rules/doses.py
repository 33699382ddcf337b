"""Too much at once or in a day: for adults, for children by weight, for the old, and for weak kidneys.

What goes beyond a limit by a tenth shows (rounding to a measurable dose); beyond that it interrupts; five times the
limit is taken for a slip of the decimal point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from galen.i18n import N_
from galen.i18n import gettext as _

from ..knowledge import RANK, Knowledge, Rule, RuleKind, Severity
from ..knowledge.persons import Limit
from .dosing import exact, says_dose, taken
from .person import Body, PersonFacts
from .persons import asked
from .words import KnownDrug, RegimenDrug, RuleAlert, Situation, Tier, Unchecked, alert

ROUNDING, SLIP = Fraction(11, 10), 5


@dataclass(frozen=True, slots=True)
class Most:
    """What may be taken, in the limit's unit, and why so much."""

    single: Fraction
    daily: Fraction
    unit: str
    why: str
    source: str


def doses(situation: Situation, knowledge: Knowledge) -> Iterator[RuleAlert]:
    """Each medicine by itself, and the sum of what holds the same ingredient."""
    sums: dict[tuple[str, Most], list[tuple[RegimenDrug, Fraction]]] = {}
    singles: list[RuleAlert] = []
    for medicine in situation.known:
        for name, place in _dosed(medicine, knowledge):
            most, _gap = _most(name, medicine.drug, situation, knowledge)
            if most is None or medicine.drug.dosing is None:
                continue
            found = taken(medicine.drug.dosing, place, most.unit)
            if found.single is not None and found.single > most.single:
                singles.append(_alert("single", name, (medicine.drug,), found.single, most.single, most, knowledge))
            if found.daily is not None:
                sums.setdefault((name, most), []).append((medicine.drug, found.daily))
    for (name, most), parts in sums.items():
        total = parts[0][1] if len(parts) == 1 else sum((amount for _, amount in parts), Fraction(0))
        over = [(drug, amount) for drug, amount in parts if amount > most.daily]
        for drug, amount in over:
            yield (said := _alert("daily", name, (drug,), amount, most.daily, most, knowledge))
            singles = [_beside(single, said) for single in singles]
        if total > most.daily and not over:
            yield _alert("daily", name, tuple(drug for drug, _ in parts), total, most.daily, most, knowledge)
    yield from singles


def _beside(single: RuleAlert, daily: RuleAlert) -> RuleAlert:
    """One slip asks for one answer: where the day is as bad, the single dose is only listed."""
    same = single.subjects == daily.subjects and single.ingredients == daily.ingredients
    told = same and RANK[daily.severity] <= RANK[single.severity]
    return replace(single, tier=Tier.LISTED) if told else single


def not_reckoned(situation: Situation, knowledge: Knowledge) -> Iterator[Unchecked]:
    """Doses that were asked about and could not be checked, and why."""
    for medicine in situation.known:
        if not asked(medicine):
            continue
        for name, place in _dosed(medicine, knowledge):
            most, gap = _most(name, medicine.drug, situation, knowledge)
            if gap or most is None:
                yield Unchecked(medicine.drug, gap)
            elif medicine.drug.dosing and not says_dose(medicine.drug.dosing, place, most.unit):
                yield Unchecked(medicine.drug, _("the directions say no dose that can be reckoned"))
            else:
                continue
            break


def _dosed(medicine: KnownDrug, knowledge: Knowledge) -> Iterator[tuple[str, int]]:
    """The ingredients whose dose was asked about, each with its place in the product."""
    if medicine.drug.dosing is not None:
        for place, written in enumerate(medicine.drug.ingredients):
            for name in knowledge.ingredients(written):
                yield name, place


def _most(name: str, drug: RegimenDrug, situation: Situation, knowledge: Knowledge) -> tuple[Most | None, str]:
    """The limit that holds for this person, and what about it nobody can say."""
    limit = next((entry for entry in knowledge.persons.limits.get(name, ()) if drug.route in entry.routes), None)
    if limit is None:
        return None, _("no limit of its dose is known here")
    body = situation.body
    if body is None or body.person.adult:
        return _adult(limit, body), ""
    return _child(limit, body)


def _adult(limit: Limit, body: Body | None) -> Most:
    daily, why = limit.daily, _("the most for adults")
    if limit.old_daily and body and (body.person.years or 0) >= 65:
        daily, why = min(daily, limit.old_daily), _("the most from 65 years")
    cleared = body.crcl if body and limit.kidney else None
    for below, most in limit.kidney if cleared else ():
        if cleared and cleared.value < below and most < daily:
            daily, why = most, _("the most with %(filtration)s", filtration=cleared.words)
    single = min(limit.single, daily) if daily < limit.daily else limit.single
    return Most(exact(single), exact(daily), limit.unit, why, limit.source)


def _child(limit: Limit, body: Body) -> tuple[Most, str]:
    """By the weight, as long as it is believed and fresh; until then by the heaviest weight usual at that age.

    No child takes more than an adult, and none younger than the limit is for takes more than it allows.
    """
    person, gap = body.person, ""
    if limit.child_single is None and limit.child_daily is None:
        return _adult(limit, body), _("no dose for children is known here")
    if (person.months or 0) < limit.child_from:
        gap = _("no dose is known here below the age of %(age)s", age=PersonFacts(months=limit.child_from).age)
    kg = person.kg
    if kg is None or person.weight_is_old:
        kg, gap = person.heaviest, gap or person.old_weight or _("the weight is not recorded")
    if kg is None:
        return _adult(limit, body), gap
    single, daily = (
        min(most, per_kg * kg) if per_kg else most
        for most, per_kg in ((limit.single, limit.child_single), (limit.daily, limit.child_daily))
    )
    weight = _plain(Fraction(kg))
    if kg is person.kg:
        why = _("the most for a child of %(weight)s kg", weight=weight)
    else:
        why = _("the most for a child of %(weight)s kg, the heaviest usual at this age,", weight=weight)
    return Most(exact(single), exact(daily), limit.unit, why, limit.source), gap


class Messages(NamedTuple):
    """What is said of one dose, or of a day."""

    when: str  # in a key, which stays as it is in every language
    mechanism: str
    above: str
    times: str
    management: str
    fact: str


SAID = {
    "single": Messages(
        "at once",
        N_("%(why)s is %(limit)s at once."),
        N_("%(amount)s of %(ingredient)s at once: above the most that is usual."),
        N_("%(amount)s of %(ingredient)s at once: %(times)s times the most that is usual."),
        N_("Write at most %(limit)s at once, or say why more."),
        N_("the dose of %(amount)s at once"),
    ),
    "daily": Messages(
        "a day",
        N_("%(why)s is %(limit)s a day."),
        N_("%(amount)s of %(ingredient)s a day: above the most that is usual."),
        N_("%(amount)s of %(ingredient)s a day: %(times)s times the most that is usual."),
        N_("Write at most %(limit)s a day, or say why more."),
        N_("the dose of %(amount)s a day"),
    ),
}
SLIPPED = N_("Look at the decimal point and the unit.")


def _alert(
    of: str, name: str, drugs: tuple[RegimenDrug, ...], found: Fraction, most: Fraction, why: Most, knowledge: Knowledge
) -> RuleAlert:
    slip, share, said = found >= SLIP * most, found / most, SAID[of]
    loud = Severity.CONTRAINDICATED if slip else Severity.MAJOR if found > most * ROUNDING else Severity.MODERATE
    amount = f"{_plain(found)} {why.unit}"
    rule = Rule(
        id=f"dose-{of}",
        kind=RuleKind.DOSE,
        severity=loud,
        sides=(),
        mechanism=said.mechanism,
        effect=said.times if share >= Fraction(3, 2) else said.above,
        management=SLIPPED if slip else said.management,
        source=why.source,
        harm="dose",
        values={
            "why": why.why[:1].upper() + why.why[1:],
            "limit": f"{_plain(most)} {why.unit}",
            "amount": amount,
            "ingredient": name,
            "times": _plain(Fraction(round(share * 10), 10)),
        },
    )
    return alert(
        rule, drugs, {name}, knowledge, fact=_(said.fact, amount=amount), dose=f"{amount} {said.when}", on=_plain(most)
    )


def _plain(number: Fraction) -> str:
    """At most two decimals, without zeros behind."""
    value = round(Decimal(number.numerator) / Decimal(number.denominator), 2)
    return f"{value.normalize():,f}"
