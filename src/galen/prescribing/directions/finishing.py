"""What can be judged only when all is read: moments with frequencies, what a later step takes over, tapers, maxima."""

from __future__ import annotations

import re
from dataclasses import replace

from .dosage import Directions, DirectionsNotice, Dose, Often
from .numbers import plain
from .steps import IN_MG, WEEK, Step
from .tapers import spelled_out
from .verbs import verbed

DAILY = DirectionsNotice("", "No frequency is written: read as once a day.")


def finish(made: Directions, steps: list[Step], change: re.Match[str] | None, changed: str, then: str) -> Directions:
    """Steps to doses. What does not fit together is handed back as it was written."""
    if then and not _follows(steps):
        made.unknown.append(then)
    if len(steps) > 1 and steps[-1].dose.high is None and not _follows(steps):
        steps = _merged(steps, made)
    _other_days(steps, made)
    doses = [_timed(step, made) for step in steps if not step.empty]
    doses = _maxima(_shared(_inherited(doses)), made)
    if change and doses:
        doses = spelled_out(doses, change) or _not_spelled(doses, changed, made)
    if len(doses) > 1 and any(_daily_meant(dose) for dose in doses):
        doses = [replace(dose, often=Often()) if _daily_meant(dose) else dose for dose in doses]
        made.notices.append(DAILY)
    made.doses = tuple(doses)
    return made


def _daily_meant(dose: Dose) -> bool:
    """`40 mg x 3 d, 30 x 3`: of several steps with a length, one without a frequency is once a day."""
    return dose.often is None and bool(dose.days and dose.high) and not (dose.needed or dose.event or dose.together)


def _follows(steps: list[Step]) -> bool:
    """Whether the last step says something that may follow the one before it."""
    last = steps[-1]
    says = last.dose.high is not None or last.dose.often or last.when or last.weekdays or last.dose.directed
    return len(steps) > 1 and bool(says) and steps[-2].ended


def _merged(steps: list[Step], made: Directions) -> list[Step]:
    """What stands after an idle `then` cannot be given a place."""
    last = steps[-1]
    if not last.empty:
        made.unknown += last.asked or ([] if last.dose.days is None else [f"{last.dose.days} days"])
    return steps[:-1]


def _other_days(steps: list[Step], made: Directions) -> None:
    for at, step in enumerate(steps):
        if step.others:
            named = {day for earlier in steps[:at] for day in earlier.weekdays}
            step.weekdays = tuple(day for day in WEEK if day not in named) if named else ()
            if not step.weekdays:
                made.unknown.append("other days")


def _timed(step: Step, made: Directions) -> Dose:
    """`bd` with `mane` and `nocte` is twice; `tds` with `mane` is a contradiction."""
    often, when = step.dose.often, tuple(step.when)
    if when:
        if often is None:
            often = Often(len(when), len(when), when=when)
        elif often.times == len(when) and often.fewest == often.times and not often.up_to:
            often = replace(often, when=when)
        else:
            made.unknown += step.asked
    if step.weekdays:
        days = len(step.weekdays)
        if often is None or (often.period == "day" and often.every == 1 and not often.once):
            often = replace(often or Often(), weekdays=step.weekdays)
        elif (
            often.period == "week"
            and often.every == often.to == 1
            and often.times == often.fewest == days
            and len(when) < 2
        ):
            often = Often(weekdays=step.weekdays, when=when)
        else:
            made.unknown.append(" ".join(step.weekdays))
    if step.bare and often and often.period == "minute":  # three doses in which time?
        made.unknown.append(step.bare)
        return replace(step.dose, often=often, most=None, most_unit="")
    return replace(step.dose, often=often)


def _inherited(doses: list[Dose]) -> list[Dose]:
    """`8 mg od 3/7 then 4`: the later step is again mg, by the same route, as often."""
    found: list[Dose] = []
    for dose in doses:
        if found:
            old = found[-1]
            if dose.high is None and not dose.directed:
                dose = replace(dose, low=old.low, high=old.high, unit=old.unit, same=old.same)
            again = old.often if not (old.often and old.often.once) and not dose.together else None
            dose = replace(
                dose,
                unit=dose.unit or old.unit,
                verb=dose.verb or old.verb,
                route=dose.route or old.route,
                site=dose.site or old.site,
                often=dose.often or (None if dose.needed or dose.directed else again),
            )
        found.append(verbed(dose))
    return found


def _shared(doses: list[Dose]) -> list[Dose]:
    """Of doses taken beside each other, the length and the relation to food hold for all; so does a unit said last."""
    found: list[Dose] = []
    for dose in reversed(doses):
        after = found[-1] if found else None
        if after and after.together:
            dose = replace(
                dose,
                days=dose.days or after.days,
                fewest_days=dose.fewest_days or after.fewest_days,
                up_to=dose.up_to or after.up_to,
                food=dose.food or after.food,
                unit=dose.unit or after.unit,
            )
        elif after and after.unit and not dose.unit and dose.high is not None:
            dose = verbed(replace(dose, unit=after.unit))
        found.append(dose)
    return found[::-1]


def _maxima(doses: list[Dose], made: Directions) -> list[Dose]:
    """A maximum in another unit of mass is converted; in another kind of unit it makes no sense without a strength."""
    found: list[Dose] = []
    for dose in doses:
        unit, most = dose.most_unit, dose.most
        if most is not None and unit:
            if unit == dose.unit:
                dose = replace(dose, most_unit="")
            elif unit in IN_MG and dose.unit in IN_MG:
                dose = replace(dose, most=most * IN_MG[unit] / IN_MG[dose.unit], most_unit="")
            elif unit != "dose" and unit not in IN_MG and dose.unit:
                made.unknown.append(f"max {plain(most)} {unit}")
                dose = replace(dose, most=None, most_unit="")
        found.append(dose)
    return found


def _not_spelled(doses: list[Dose], changed: str, made: Directions) -> list[Dose]:
    made.unknown.append(changed)
    return doses
