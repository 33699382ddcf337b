"""What a person takes: from orders, reports, hand-overs and administrations to the list that safety checks read."""

from dataclasses import dataclass
from datetime import timedelta

from galen.medicines import ingredient_name, ingredient_names, ingredient_of_code

from .elements import Concept, Element, Unreadable, When, concept
from .rules import Fields, Keep, ReadingContext, cut, refuse_statement, span, states_none

STOPPED = {"stopped": "Stopped", "completed": "Completed", "cancelled": "Cancelled", "not-taken": "Not taken"}
SUPPLY = 100  # days for which a hand-over tells of present use where it does not say how long it lasts
GIVEN = 30  # days for which a dose that was given still counts


def read_request(e: Element, reading: ReadingContext) -> Fields:
    """A prescription from elsewhere is a medicine the person takes, or took; so is a plan that tells what they report.

    US Core records what a patient says they take as a request with `intent` plan and `reported[x]`.
    """
    status = e.code("status", "active on-hold cancelled completed entered-in-error stopped draft unknown")
    intent = e.code("intent", "proposal plan order original-order reflex-order filler-order instance-order option")
    reported = is_reported(e)
    if e.flag("doNotPerform"):
        raise Keep("says what is not to be taken", path="doNotPerform", review=True)
    if status == "draft":
        raise Keep("is a draft: no order to take anything", path="status", review=True)
    if intent in ("proposal", "plan", "option") and not reported:
        raise Keep(f"is no order to take anything, and nobody reports it ({intent})", path="intent", review=True)
    ordered = reading.sound(e.when("authoredOn"), e.at("authoredOn"))
    valid = e.one("dispenseRequest").one("validityPeriod")
    ended = reading.sound(valid.when("end"), valid.at("end"), ahead=True) if status in STOPPED else None
    return medicine(e, reading, status, ordered, ended, e.many("dosageInstruction"), [e.one("statusReason")], reported)


def is_reported(e: Element) -> bool:
    """Somebody reports it, or the person ordered it for themselves."""
    told = e.flag("reportedBoolean") or bool(e.one("reportedReference"))
    categories = {code for c in e.many("category") for _, code in concept(c).codes}
    requester = e.one("requester")
    themselves = requester.text("type") or requester.text("reference").rpartition("/")[0].rpartition("/")[2]
    return told or "patientspecified" in categories or themselves in ("Patient", "RelatedPerson")


def read_statement(e: Element, reading: ReadingContext) -> Fields:
    """What somebody said the person takes, or took; where the state is not known or on hold, it counts."""
    status = e.code("status", "active completed entered-in-error intended stopped on-hold unknown not-taken")
    if status in ("intended", "not-taken"):
        refuse_statement(named(e, reading).concept, "medicine", "medication[x]")
        raise Keep(f"is not taken ({status})", path="status", review=True)
    since, until = e.period_or_when("effective")
    since = reading.sound(since, e.at("effective[x]"))
    until = reading.sound(until, e.at("effectivePeriod.end"), ahead=True)
    return medicine(e, reading, status, since, until, e.many("dosage"), e.many("statusReason"), True)


def read_dispense(e: Element, reading: ReadingContext) -> Fields:
    """What was handed over and should still be there is taken, where no order is in these files that says so."""
    words = "preparation in-progress cancelled on-hold completed entered-in-error stopped declined unknown"
    status = e.code("status", words)
    if status in ("preparation", "cancelled", "declined", "stopped"):
        raise Keep(f"was not handed over ({status})", path="status", review=True)
    if any(reading.resolve(order).text("resourceType") for order in e.many("authorizingPrescription")):
        raise Keep("belongs to a prescription that is read itself")
    handed = e.when("whenHandedOver") or e.when("whenPrepared")
    since = reading.sound(handed, e.at("whenHandedOver"))
    days = e.one("daysSupply").number("value")
    lasts = timedelta(min(int(days), 1000) if days is not None and days > 0 else SUPPLY)
    if status != "entered-in-error" and since and since.last + lasts < reading.today:
        raise Keep(f"tells of no present use (handed over on {since.text[:10]})", path="whenHandedOver", review=True)
    state = "entered-in-error" if status == "entered-in-error" else "active"
    return medicine(e, reading, state, since, None, e.many("dosageInstruction"), [])


def read_administration(e: Element, reading: ReadingContext) -> Fields:
    """What is being given is taken; a dose given in the last weeks counts until it is over."""
    status = e.code("status", "in-progress not-done on-hold completed entered-in-error stopped unknown")
    if status == "not-done":
        raise Keep("was not given", path="status", review=True)
    first, last = e.period_or_when("effective")
    since = reading.sound(first, e.at("effective[x]"))
    ended = reading.sound(last, e.at("effectivePeriod.end"), ahead=True) or since
    ended = ended if status in ("completed", "stopped", "unknown") else None
    if status not in ("in-progress", "on-hold", "entered-in-error"):
        if ended is None or ended.last + timedelta(GIVEN) < reading.today:
            raise Keep("tells of no present use", path="effective[x]", review=True)
        day = ended.last + timedelta(GIVEN)
        ended = When(day.isoformat(), day, day)
    state = "entered-in-error" if status == "entered-in-error" else "active"
    dose = e.one("dosage")
    said = [Element({"text": dose.text("text"), "doseAndRate": [{"doseQuantity": dose.body.get("dose") or {}}]})]
    return medicine(e, reading, state, since, ended, said if dose else [], [])


def medicine(
    e: Element,
    reading: ReadingContext,
    status: str,
    since: When | None,
    until: When | None,
    dosage: list[Element],
    reasons: list[Element],
    reported: bool = False,
) -> Fields:
    """Stopped on a day that nobody wrote down: it ends on the day it was last heard of, and says so."""
    drug = named(e, reading)
    refuse_statement(drug.concept, "medicine", "medication[x]")
    stopped = status in STOPPED
    over, heard = stopped and until is None, since or reading.sound(e.when("dateAsserted"), e.at("dateAsserted"))
    why = ", ".join(filter(None, (concept(reason).text for reason in reasons)))
    return {
        "text": cut(drug.concept.words("Medicine")),
        "ingredient": cut(" + ".join(drug.ingredients)),
        "code": drug.concept.code,
        "system": drug.concept.system,
        "directions": cut("; ".join(filter(None, map(directions, dosage)))),
        "reported": reported,
        **span(e, since, until or (heard if over else None), "effectivePeriod.end", over, reading),
        "reason_stopped": (why or STOPPED[status] + (" (the day is not known)" if over else "")) if stopped else "",
        "entered_in_error": status == "entered-in-error",
    }


@dataclass(frozen=True)
class NamedMedicine:
    """What a medicine is called, and what it holds as far as that can be told."""

    concept: Concept
    ingredients: tuple[str, ...]


def named(e: Element, reading: ReadingContext) -> NamedMedicine:
    """By its own concept, the Medication it refers to (contained, in a bundle, from before), and its display."""
    own, reference = e.concept("medicationCodeableConcept"), e.one("medicationReference")
    if not reference and not e.body.get("medicationCodeableConcept"):
        raise Unreadable(e.at("medication[x]"), "is required")
    described = reading.resolve(reference) if reference else Element()
    display = reference.text("display")
    concepts = [c for c in (own, described.concept("code")) if c.text or c.code or c.absent]
    best = next((c for c in concepts if c.texts), next(iter(concepts), Concept(absent="its description is elsewhere")))
    parts = [part for part in parts_of(described, reading) if part]
    texts = [*(t for c in concepts for t in c.texts), *([display] if display else [])]
    codes = [pair for c in concepts for pair in sorted(c.codes)]
    if not best.texts and (display or parts):
        words = display or " + ".join(parts)
        best = Concept(words, best.code, best.system, "", best.codes, (words,), best.stated)
    return NamedMedicine(best, () if states_none(best) else holds(parts, texts, codes))


def holds(parts: list[str], texts: list[str], codes: list[tuple[str, str]]) -> tuple[str, ...]:
    """Those listed, else what any name or code means; one that nobody knows keeps the name it was given."""
    found = [ingredient_name(part) for part in parts]
    if parts and all(found):
        return tuple(dict.fromkeys(filter(None, found)))
    told = next(filter(None, map(ingredient_names, texts)), ())
    told = told or next(filter(None, (ingredient_of_code(*pair) for pair in codes)), ())
    return told or tuple(dict.fromkeys(known or part for known, part in zip(found, parts, strict=True)))


def parts_of(described: Element, reading: ReadingContext, deep: int = 2) -> list[str]:
    """What a Medication holds, by concept, Substance or another Medication; carriers only where nothing else."""
    listed = described.many("ingredient")
    active = [part for part in listed if "isActive" not in part.body or part.flag("isActive")] or listed
    names: list[str] = []
    for part in active:
        item, reference = part.concept("itemCodeableConcept"), part.one("itemReference")
        thing = reading.resolve(reference) if reference and deep else Element()
        code = thing.concept("code")
        words = [*item.texts, *code.texts, *([reference.text("display")] if reference else [])]
        coded = [name for pair in sorted(item.codes | code.codes) for name in ingredient_of_code(*pair)]
        known = next(filter(ingredient_name, filter(None, words)), "") or " + ".join(coded[:1])
        if thing and not known and (inner := parts_of(thing, reading, deep - 1)):
            names += inner
        elif name := known or next(filter(None, words), ""):
            names.append(name)
    return names


PERIODS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}


def directions(e: Element) -> str:
    """The words; where there are none, the dose and how often, said plainly."""
    if words := e.text("text") or e.text("patientInstruction"):
        return words
    repeat, said = e.one("timing").one("repeat"), []
    for rate in e.many("doseAndRate")[:1]:
        quantity = rate.one("doseQuantity")
        if (dose := quantity.number("value")) is not None:
            said.append(f"dose {dose.normalize():f} {quantity.text('unit')}".strip())
    often, period, unit = repeat.number("frequency"), repeat.number("period"), repeat.text("periodUnit")
    if often and period and unit in PERIODS:
        every = f"a {PERIODS[unit]}" if period == 1 else f"every {period.normalize():f} {PERIODS[unit]}s"
        said.append(f"{often.normalize():f} × {every}")
    return ", ".join([*said, *(["as needed"] if e.flag("asNeededBoolean") else [])])
