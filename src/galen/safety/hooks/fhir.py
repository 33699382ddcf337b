"""From FHIR R4 to what the rules look at: medicines with doses, allergies, conditions, the body. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from galen.medicines import ingredient_name, ingredient_of_code
from galen.patients import STATEMENT_CODES, says_none, says_unknown
from galen.values.search_key import search_key

from .. import findings, reading
from ..calculators import CM_PER_INCH, PER_MG_DL
from ..knowledge import Knowledge
from ..rules import Circumstances, RecordedAllergy, RegimenDrug, dosing, says_weekly
from .asked import entries

Resource = dict[str, Any]
POUND = Decimal("0.45359237")
MEASURES: dict[str, tuple[str, dict[str, Decimal]]] = {
    "29463-7": ("kg", {"kg": Decimal(1), "g": Decimal("0.001"), "[lb_av]": POUND, "lb": POUND}),
    "8302-2": ("cm", {"cm": Decimal(1), "m": Decimal(100), "[in_i]": CM_PER_INCH, "in": CM_PER_INCH}),
    "2160-0": ("creatinine", {"mg/dL": PER_MG_DL, "umol/L": Decimal(1)}),
    "14682-9": ("creatinine", {"umol/L": Decimal(1), "µmol/L": Decimal(1)}),
}  # LOINC
_STRENGTH = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(MG|MCG|UG|G|UNT|mg|mcg|g|unit)s?(?:/(\d+)?\s*(ML|mL|ACTUAT|dose))?\b")
_UNITS = {"MG": "mg", "MCG": "mcg", "UG": "mcg", "G": "g", "UNT": "unit"}
_IN = {"ML": "mL", "ACTUAT": "dose"}
_PER_DAY = {"h": Fraction(24), "d": Fraction(1), "wk": Fraction(1, 7), "mo": Fraction(1, 30), "min": Fraction(1440)}


def resources(prefetch: dict[str, Any] | None) -> Iterator[Resource]:
    """Everything that was sent along, bundles opened."""
    for resource in (prefetch or {}).values():
        if resource and resource.get("resourceType") == "Bundle":
            yield from (entry for entry in entries(resource) if entry.get("resourceType"))
        elif resource:
            yield resource


def words(concept: Any) -> str:
    """What a CodeableConcept says, in words: its text, or the first display."""
    if not isinstance(concept, dict):
        return ""
    shown = (coding.get("display") for coding in concept.get("coding") or [] if isinstance(coding, dict))
    return str(concept.get("text") or next((text for text in shown if text), ""))


def code(concept: Any) -> str:
    coding = concept.get("coding") if isinstance(concept, dict) else None
    return str(coding[0].get("code") or "") if coding and isinstance(coding[0], dict) else ""


def states_none(concept: Any) -> bool:
    """It only says that there is none, or that nobody knows: no allergy, condition or medicine of its own."""
    text, coded = words(concept), code(concept)
    return coded in STATEMENT_CODES or coded.startswith("no-") or says_none(text) or says_unknown(text)


def described(order: Resource, others: Iterable[Resource]) -> Resource:
    """The Medication that an order refers to, inside it or sent along."""
    kind, _, id = str((order.get("medicationReference") or {}).get("reference", "")).rpartition("/")
    inside = [*(order.get("contained") or []), *others]
    medications = (resource for resource in inside if resource.get("resourceType") == "Medication")
    return next((r for r in medications if r.get("id") == (id or kind).lstrip("#")), {})


def holds(order: Resource, medication: Resource) -> tuple[str, ...]:
    """What a medicine holds by its listed ingredients, else by any of its codes; nothing where these tell nothing."""
    listed = [words(part.get("itemCodeableConcept")) for part in medication.get("ingredient") or []]
    if listed and all(map(ingredient_name, listed)):
        return tuple(listed)
    concepts = (order.get("medicationCodeableConcept"), medication.get("code"))
    codings = (coding for concept in concepts if concept for coding in concept.get("coding") or [])
    coded = (ingredient_of_code(str(c.get("system") or ""), str(c.get("code") or "")) for c in codings)
    return next(filter(None, coded), ())


def medicine(order: Resource, others: Iterable[Resource]) -> str:
    """The name of the medicine that an order or statement is about, looked up where it is only referred to."""
    if name := words(order.get("medicationCodeableConcept")):
        return name
    reference = order.get("medicationReference") or {}
    return str(reference.get("display") or words(described(order, others).get("code")))


def drug(order: Resource, others: Iterable[Resource], knowledge: Knowledge, ref: str) -> RegimenDrug:
    """An order with its dose; the medicine stays unknown where nobody understands its name."""
    others = list(others)
    name = medicine(order, others) or "a medicine without a name"
    steps = [_step(step) for step in order.get("dosageInstruction") or [] if isinstance(step, dict)]
    said = " ".join(
        str(step.get("text") or "") for step in order.get("dosageInstruction") or [] if isinstance(step, dict)
    )
    ingredients = reading.ingredients(name, knowledge)
    if not all(map(knowledge.ingredients, ingredients)):
        ingredients = holds(order, described(order, others)) or ingredients
    strengths = [_strength(*found) for found in _STRENGTH.findall(name)]
    counted = "mL" if any(s.endswith("mL") for s in strengths) else "tablet"
    held = strengths if len(strengths) == len(ingredients) else []
    weekly = _weekly(steps) if says_weekly(said) is None else says_weekly(said)
    dose = dosing({"steps": steps}, held, counted) if steps else None
    return RegimenDrug(name, ingredients, reading.route(name), ref, weekly, dose)


def _strength(many: str, of: str, per: str, inside: str) -> str:
    strength = f"{many.replace(',', '')} {_UNITS.get(of, of)}"
    return f"{strength}/{f'{per} ' if per else ''}{_IN.get(inside, inside)}" if inside else strength


def _step(step: Resource) -> dict[str, Any]:
    """A FHIR Dosage in the words of a kept one; `Fraction`s as text."""
    rates = step.get("doseAndRate") or [{}]
    quantity = rates[0].get("doseQuantity") or (rates[0].get("doseRange") or {}).get("high") or {}
    high, repeat = quantity.get("value"), (step.get("timing") or {}).get("repeat") or {}
    often = _often(repeat)
    per_day = None if high is None or often is None else Fraction(str(high)) * often
    unit = search_key(str(quantity.get("unit") or "")) or str(quantity.get("code") or "").strip("{}")
    return {
        "high": high,
        "unit": {"ml": "mL", "tablets": "tablet", "capsules": "capsule", "puffs": "puff", "tab": "tablet"}.get(
            unit, unit
        ),
        "per_day": str(per_day) if per_day is not None else None,
        "often": often,
    }


def _often(repeat: Resource) -> Fraction | None:
    per = _PER_DAY.get(str(repeat.get("periodUnit") or ""))
    try:
        if per is None or not repeat.get("period"):
            return None
        times = repeat.get("frequencyMax") or repeat.get("frequency") or 1
        return Fraction(str(times)) * per / Fraction(str(repeat["period"]))
    except (ValueError, ZeroDivisionError):
        return None


def _weekly(steps: list[dict[str, Any]]) -> bool | None:
    often = [step["often"] for step in steps]
    return None if not often or None in often else all(per_day <= Fraction(1, 7) for per_day in often)


def circumstances(given: list[Resource], today: date) -> Circumstances:
    """Allergies, conditions and the body, from whatever was sent along."""
    patient = next((resource for resource in given if resource.get("resourceType") == "Patient"), {})
    allergies = [
        resource for resource in given if resource.get("resourceType") == "AllergyIntolerance" and _stands(resource)
    ]
    known = tuple(
        RecordedAllergy(words(resource.get("code")), resource.get("type") == "intolerance")
        for resource in allergies
        if words(resource.get("code")) and not states_none(resource.get("code"))
    )
    conditions = [
        (
            words(resource.get("code")),
            code(resource.get("code")),
            _day(resource.get("onsetDateTime") or resource.get("recordedDate")),
        )
        for resource in given
        if resource.get("resourceType") == "Condition" and _stands(resource) and not states_none(resource.get("code"))
    ]
    female = {"female": True, "male": False}.get(str(patient.get("gender")))
    born = _day(patient.get("birthDate"))
    told = findings.vetted(measured(given), born, female, today)
    person = findings.person(born, female, conditions, [told], today)
    return Circumstances(known if allergies else None, person)


def _stands(resource: Resource) -> bool:
    """Neither over nor a mistake."""
    over = {"resolved", "inactive", "remission", "entered-in-error", "refuted"}
    return not {code(resource.get("clinicalStatus")), code(resource.get("verificationStatus"))} & over


def measured(given: list[Resource]) -> findings.Findings:
    """The last weight, height and creatinine among the observations."""
    found: dict[str, tuple[date, Decimal]] = {}
    for resource in given:
        coded = {c.get("code") for c in (resource.get("code") or {}).get("coding") or [] if isinstance(c, dict)}
        for name, units in (MEASURES[known] for known in MEASURES if known in coded):
            day, value = _day(resource.get("effectiveDateTime")), _value(resource.get("valueQuantity") or {}, units)
            if value is not None and (name not in found or (day or date.min) >= found[name][0]):
                found[name] = (day or date.min, value)
    days = {name: None if day == date.min else day for name, (day, _) in found.items()}
    values = {name: value for name, (_, value) in found.items()}
    return findings.Findings(
        values.get("kg"), days.get("kg"), values.get("cm"), values.get("creatinine"), days.get("creatinine")
    )


def _value(quantity: Resource, units: dict[str, Decimal]) -> Decimal | None:
    factor = units.get(str(quantity.get("code") or "")) or units.get(str(quantity.get("unit") or ""))
    try:
        return None if factor is None else Decimal(str(quantity.get("value"))) * factor
    except InvalidOperation:
        return None


def _day(written: Any) -> date | None:
    """A FHIR date, of which the month or the day may be left out."""
    try:
        parts = [int(part) for part in str(written)[:10].split("-")]
        return date(*[*parts, 1, 1][:3])
    except (TypeError, ValueError):
        return None
