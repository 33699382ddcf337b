"""What can be judged only when all is read: moments with frequencies, what a later step takes over, tapers, maxima."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from .dosage import Directions, DirectionsNotice, Dose, Often
from .numbers import plain
from .steps import IN_MG, WEEK, Step
from .tapers import spelled_out
from .verbs import verbed

REMARK = "“{0}” was not understood: it is printed as it is written."
SPAT_OUT = "swish and spit"
DAILY = DirectionsNotice("", "No frequency is written: read as once a day.")


def finish(
    made: Directions, steps: list[Step], change: re.Match[str] | None, changed: str, then: str, remark: str
) -> Directions:
    """Steps to doses. What does not fit together is handed back as it was written."""
    if then and not _follows(steps):
        made.unknown = [*(text for text in made.unknown if text not in then), then]
        steps = steps[:-1] if len(steps) > 1 else steps
    elif len(steps) > 1 and steps[-1].dose.high is None and not _follows(steps):
        steps = _merged(steps, made)
    steps = _beside(steps, made)
    _other_days(steps, made)
    doses = [_timed(step, made) for step in steps if not step.empty]
    doses = _maxima(_shared(_inherited(doses)), made)
    if change and doses:
        doses = spelled_out(doses, change) or _not_spelled(doses, changed, made)
    if len(doses) > 1 and any(_daily_meant(dose) for dose in doses):
        doses = [replace(dose, often=Often()) if _daily_meant(dose) else dose for dose in doses]
        made.notices.append(DAILY)
    if SPAT_OUT in made.advice:  # nobody takes it
        doses = [replace(dose, verb="use") if dose.verb == "take" else dose for dose in doses]
    made.doses = tuple(doses)
    if remark and made.doses and all(dose.told for dose in made.doses) and not made.unknown:
        made.remarks.append(remark)
        made.notices.append(DirectionsNotice(remark, REMARK.format(remark)))
    elif remark:
        made.unknown.append(remark)
    return made


def _beside(steps: list[Step], made: Directions) -> list[Step]:
    """Doses beside each other are told apart by their time; what is not is a summary, or not understood."""
    found: list[Step] = []
    for step in steps:
        if not step.dose.together:
            found.append(step)
            continue
        first = next(earlier for earlier in reversed(found) if not earlier.dose.together)
        group = found[found.index(first) :]
        if (step.timed and all(earlier.timed for earlier in group)) or (
            not first.timed and not first.ended and (_fits(first, step) or _between_meals(first, step))
        ):
            found.append(step)
        else:
            hand_back([step], made)
    return _summed(found, made)


def hand_back(steps: list[Step], made: Directions) -> None:
    """Steps that have no place, as they were written; what is unknown within them is said with them."""
    for step in steps:
        made.unknown = [*(text for text in made.unknown if text not in step.written), step.written]


def _fits(first: Step, step: Step) -> bool:
    """Whether a dose may stand beside one that has a frequency and no time: `daily`, `3 days a week`."""
    often, again = first.dose.often, step.dose.often
    if often is None or often.up_to or first.dose.vague:
        return False
    if often.period == "week":
        return again is not None and again.period == "week" and often.every == again.every == 1 and not step.timed
    return step.timed and (again is None or again == often)


def _between_meals(first: Step, step: Step) -> bool:
    """`3 capsules 3 times a day with meals and 1 twice a day with snacks`: each so often a day as is written."""
    times = [each.dose.often for each in (first, step)]
    daily = all(often and not often.once and (often.period, often.every) == ("day", 1) for often in times)
    return daily and not step.timed and (first.dose.food, step.dose.food) == ("with food", "with snack")


def _summed(steps: list[Step], made: Directions) -> list[Step]:
    """`twice a day, 1 at 8 and 1 at 3`; `3 daily: 2 in the morning and 1 at night`; `daily and 2 on Sundays`."""
    found: list[Step] = []
    at = 0
    while at < len(steps):
        first, at = steps[at], at + 1
        parts: list[Step] = []
        while at < len(steps) and steps[at].dose.together:
            parts.append(steps[at])
            at += 1
        often = first.dose.often
        if parts and first.timed and often and _told_apart(often, [first, *parts]):
            first.dose = replace(first.dose, often=None)
        if not parts or first.timed or often is None or any(_between_meals(first, step) for step in parts):
            found += [first, *parts]
            continue
        if often.period == "week":
            times = sum(step.dose.often.times for step in [first, *parts] if step.dose.often)
            if times > len(WEEK):
                hand_back(parts, made)
                parts = []
            found += [first, *parts]
            continue
        moments = [moment for step in parts for moment in step.when]
        taken = sum((step.dose.high or Decimal(0)) * len(step.when) for step in parts)
        on_days = all(step.weekdays and not step.when for step in parts)
        exact = first.dose.low == first.dose.high and not any(step.weekdays or step.others for step in parts)
        if on_days and often == Often():
            named = {day for step in parts for day in step.weekdays}
            first.weekdays = tuple(day for day in WEEK if day not in named)
            found += [first, *parts]
        elif exact and often.times == len(moments) and all(_same(first, step) for step in parts) and not often.up_to:
            first.when = moments
            first.asked += [asked for step in parts for asked in step.asked]
            found.append(first)
        elif exact and often == Often() and taken == first.dose.high and all(_same_unit(first, step) for step in parts):
            rest = [replace(step.dose, unit=step.dose.unit or first.dose.unit) for step in parts]
            parts[0].dose = replace(
                first.dose, low=rest[0].low, high=rest[0].high, unit=rest[0].unit, same=rest[0].same, often=None
            )
            found += parts
        else:
            hand_back(parts, made)
            found.append(first)
    return found


def _told_apart(often: Often, steps: list[Step]) -> bool:
    """`twice a day, 1 in the morning and 1 at 3`: each of so many times a day has its dose."""
    moments = sum(len(step.when) for step in steps)
    plain = often == Often(moments, moments) and not any(step.weekdays or step.others for step in steps)
    return plain and all(step.when for step in steps) and not any(step.dose.often for step in steps[1:])


def _same(first: Step, step: Step) -> bool:
    same = (step.dose.low, step.dose.high) == (first.dose.low, first.dose.high)
    return same and _same_unit(first, step) and bool(step.when)


def _same_unit(first: Step, step: Step) -> bool:
    return step.dose.unit in ("", first.dose.unit)


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
            made.unknown.append(step.asked_days or " ".join(step.weekdays))
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
                unit=dose.unit or ("" if after.unit in IN_MG else after.unit),
                open_days=dose.open_days or after.open_days,
            )
        elif after and after.unit and after.unit not in IN_MG and not dose.unit and dose.high is not None:
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
