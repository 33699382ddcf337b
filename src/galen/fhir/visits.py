"""Encounters as past visits, and vital signs as measurements."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from galen.encounters import Measure, past_measure

from .elements import Element, Unreadable, concept
from .rules import Fields, Keep, ReadingContext

LOINC = "http://loinc.org"
MEASURES = {
    "8867-4": Measure.HEART_RATE, "9279-1": Measure.BREATHING_RATE, "8310-5": Measure.TEMPERATURE,
    "8331-1": Measure.TEMPERATURE, "8480-6": Measure.SYSTOLIC, "8462-4": Measure.DIASTOLIC, "59408-5": Measure.OXYGEN,
    "2708-6": Measure.OXYGEN, "8302-2": Measure.HEIGHT, "29463-7": Measure.WEIGHT, "3141-9": Measure.WEIGHT,
}  # fmt: skip
"""LOINC codes of the FHIR vital-signs profile; 85354-9 and 55284-4 are panels whose components are these."""
BMI = "39156-5"
STATUSES = "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"
OBSERVED = "registered preliminary final amended corrected cancelled entered-in-error unknown"


def read_encounter(e: Element, reading: ReadingContext) -> Fields:
    """A visit that is over, with somebody else; one to come, or going on, is none yet."""
    status = e.code("status", STATUSES)
    period = e.one("period")
    start, end = period.when("start"), period.when("end")
    if status not in ("finished", "cancelled") and not (status == "unknown" and end):
        raise Keep(f"is {status}: no visit that took place", path="status")
    start, end = reading.sound(start, "period.start"), reading.sound(end, "period.end")
    if start is None:
        raise Keep("does not say when it began", path="period.start", review=True)
    begun = start.moment(reading.zone)
    reasons = [concept(r).text for r in (*e.many("reasonCode"), *e.many("type"))]
    reasons += [e.concept("serviceType").text, e.one("class").text("display")]
    return {
        "started_at": begun,
        "ended_at": max(begun, end.moment(reading.zone)) if end else None,
        "reason": next(filter(None, reasons), "")[:300],
        "elsewhere": with_whom(e, reading),
        "cancelled": status == "cancelled",
    }


def with_whom(e: Element, reading: ReadingContext) -> str:
    """The first person named, and where."""
    people = (p.one("individual") for p in e.many("participant"))
    who = next(filter(None, (name_of(person, reading) for person in people)), "")
    return ", ".join(filter(None, (who, name_of(e.one("serviceProvider"), reading)))) or "elsewhere"


def name_of(reference: Element, reading: ReadingContext) -> str:
    """What a reference calls itself, else the name of what it refers to."""
    if words := reference.text("display"):
        return words
    found = reading.resolve(reference)
    if found.text("resourceType") == "PractitionerRole":
        return name_of(found.one("practitioner"), reading)
    if isinstance(found.body.get("name"), str):
        return found.text("name")
    for name in found.many("name"):
        return name.text("text") or " ".join([*name.words("prefix"), *name.words("given"), name.text("family")]).strip()
    return ""


@dataclass(frozen=True)
class Measured:
    """Measurements of one Observation, each in its own unit; those of one moment and encounter belong together."""

    at: datetime
    values: dict[str, Decimal]
    by: str


def read_vitals(e: Element, reading: ReadingContext) -> Measured:
    """Vital signs that there is a column for; a value that no living person has stays in the kept copy."""
    status = e.code("status", OBSERVED)
    if not e.body.get("code"):
        raise Unreadable(e.at("code"), "is required")
    categories = {code for c in e.many("category") for _, code in concept(c).codes}
    known = {code for system, code in e.concept("code").codes if system == LOINC}
    sources = [(known, e), *(({c for s, c in p.concept("code").codes if s == LOINC}, p) for p in e.many("component"))]
    ours = any(codes & (MEASURES.keys() | {BMI}) for codes, _ in sources)
    if not ours or (categories and "vital-signs" not in categories):
        raise Keep
    if status not in ("final", "amended", "corrected", "preliminary"):
        raise Keep(f"is {status}", path="status")
    values = {name: value for codes, part in sources for name, value in measured(codes, part)}
    if not values:
        raise Keep(f"has no value ({e.concept('dataAbsentReason').absent or 'no reason stated'})", path="value[x]")
    when = e.period_or_when("effective")[0] or e.when("effectiveInstant")
    when = reading.sound(when, "effective[x]")
    if when is None:
        raise Keep("does not say when it was measured", path="effective[x]", review=True)
    if {"systolic", "diastolic"} <= values.keys() and values["diastolic"] >= values["systolic"]:
        raise Keep("the diastolic pressure is not below the systolic", path="component", review=True)
    return Measured(when.moment(reading.zone), values, next((p.text("display") for p in e.many("performer")), ""))


def measured(codes: set[str], part: Element) -> list[tuple[str, Decimal]]:
    """The value of one code, when it has one."""
    quantity = part.one("valueQuantity")
    value, unit = quantity.number("value"), quantity.text("code") or quantity.text("unit")
    if value is None:
        return []
    if BMI in codes:
        return [("bmi", round(value, 1))]
    found = next((MEASURES[code] for code in sorted(codes) if code in MEASURES), None)
    if found is None:
        return []
    try:
        return [(found.value, past_measure(found, value, unit))]
    except ValueError as fault:
        raise Keep(str(fault), path=part.at("valueQuantity"), review=True) from None
