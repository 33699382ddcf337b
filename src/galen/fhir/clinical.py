"""Allergies, conditions, medicines, immunisations and coverages: from FHIR R4 to the fields of the patient's record."""

from collections.abc import Callable
from typing import Any

from galen.patients import Allergy, AllergyStatus, Condition, Coverage, CurrentMedicine, Immunisation

from .elements import Element, Unreadable, concept
from .medication import read_administration, read_dispense, read_request, read_statement
from .rules import Fields, Keep, ReadingContext, cut, refuse_statement, span, status_of

GENERIC = frozenset(
    """
    419199007 416098002 420134006 418038007 419511003 418471000 414285001 426232007 106190000 609328004 59037007
    """.split()
)
"""SNOMED CT for an allergy to nothing in particular: refuted, it says that there is none."""
UNBORN = 300  # days before birth in which a condition may have been found
LIFETIME = 120 * 366  # a family's coverage is older than its children


def read_allergy(e: Element, reading: ReadingContext) -> Fields:
    """Refuted, inactive and resolved ones no longer count; one without a substance says so."""
    code, reactions = e.concept("code"), e.many("reaction")
    told = [m for r in reactions for m in (*r.many("manifestation"), r.one("substance")) if m]
    try:
        refuse_statement(code, "allergy", otherwise=bool(told))
    except Keep as statement:
        if statement.none_known and allergy_status(e) is not AllergyStatus.ACTIVE:
            raise Keep(f"{statement.says}; that no longer holds", path=statement.path, review=True) from None
        raise
    if status_of(e, "verificationStatus") == "refuted" and {c for _, c in code.codes} & GENERIC:
        raise Keep(f"says that there is none ({code.text}, refuted)", path="verificationStatus", none_known=True)
    substances = [r.concept("substance") for r in reactions]
    meant = code if code.text or not substances else next((s for s in substances if s.text), code)
    severities = [r.code("severity", "mild moderate severe ") for r in reactions]
    noted = reading.sound(e.when("onsetDateTime"), e.at("onsetDateTime"))
    noted = noted or reading.sound(e.when("recordedDate"), e.at("recordedDate"))
    kinds = {"medication": "medicine", "biologic": "medicine", "food": "food", "environment": "environment"}
    return {
        "substance": cut(meant.words("Substance")),
        "kind": next((kinds[c] for c in e.words("category") if c in kinds), "medicine"),
        "code": meant.code,
        "system": meant.system,
        "reaction": cut(", ".join(concept(m).words("Reaction") for r in reactions for m in r.many("manifestation"))),
        "severity": next((s for s in ("severe", "moderate", "mild") if s in severities), ""),
        "noted_on": noted.first if noted else None,
        "status": allergy_status(e),
    }


def allergy_status(e: Element) -> AllergyStatus:
    if status_of(e, "verificationStatus") == "entered-in-error":
        return AllergyStatus.ENTERED_IN_ERROR
    over = status_of(e, "clinicalStatus") in ("inactive", "resolved") or status_of(e, "verificationStatus") == "refuted"
    return AllergyStatus.RESOLVED if over else AllergyStatus.ACTIVE


def read_condition(e: Element, reading: ReadingContext) -> Fields:
    """A problem. One that is over on a day nobody wrote down ends when it was last heard of."""
    code, over = e.concept("code"), status_of(e, "clinicalStatus") in ("resolved", "inactive")
    refuse_statement(code, "condition")
    if status_of(e, "verificationStatus") == "refuted":
        raise Keep("was refuted: the person does not have it", path="verificationStatus", review=True)
    since, end = (reading.sound(w, e.at("onset[x]"), unborn=UNBORN) for w in e.period_or_when("onset"))
    first, last = (reading.sound(w, e.at("abatement[x]"), unborn=UNBORN) for w in e.period_or_when("abatement"))
    until = last or first or end
    if over and until is None:
        until = reading.sound(e.when("recordedDate"), e.at("recordedDate")) or since
    return {
        "text": cut(code.words("Condition")),
        "code": code.code,
        "system": code.system,
        **span(e, since, until, "abatementDateTime", over, reading),
        "entered_in_error": status_of(e, "verificationStatus") == "entered-in-error",
    }


def read_immunisation(e: Element, reading: ReadingContext) -> Fields:
    """A vaccine given; one that was not given is no immunisation."""
    status = e.code("status", "completed entered-in-error not-done")
    if status == "not-done":
        raise Keep(
            f"was not given ({e.concept('statusReason').text or 'no reason stated'})", path="status", review=True
        )
    if not e.body.get("vaccineCode"):
        raise Unreadable(e.at("vaccineCode"), "is required")
    given = e.when("occurrenceDateTime")
    if given is None and not e.text("occurrenceString") and not e.said_absent("occurrenceDateTime"):
        raise Unreadable(e.at("occurrence[x]"), "is required")
    vaccine = e.concept("vaccineCode")
    refuse_statement(vaccine, "vaccine", "vaccineCode")
    given = reading.sound(given, e.at("occurrenceDateTime"))
    return {
        "vaccine": cut(vaccine.words("Vaccine")),
        "code": vaccine.code,
        "system": vaccine.system,
        "given_on": given.first if given else None,
        "batch": e.text("lotNumber"),
        "status": status,
    }


def read_coverage(e: Element, reading: ReadingContext) -> Fields:
    """Who pays; without a member number nobody could be asked to."""
    status = e.code("status", "active cancelled draft entered-in-error")
    payors, classes = e.many("payor"), e.many("class")
    payer = next((p.text("display") or reading.resolve(p).text("name") for p in payors), "") or e.concept("type").text
    member = e.text("subscriberId") or next((i.text("value") for i in e.many("identifier") if i.text("value")), "")
    if status == "draft" or not member or not payer:
        raise Keep("names no payer, or no member number", review=True)
    kinds = {concept(c.one("type")).code: c for c in classes}
    group, plan = kinds.get("group", Element()), kinds.get("plan", Element())
    begins, ends = (
        reading.sound(e.one("period").when(n), f"period.{n}", ahead=True, unborn=LIFETIME) for n in ("start", "end")
    )
    period = span(e, begins, ends, "period.end", False, reading)
    order = e.number("order")
    return {
        "payer": payer,
        "plan": plan.text("name") or plan.text("value"),
        "member": member,
        "group": group.text("value"),
        "valid_from": period["since"],
        "valid_until": period["until"],
        "priority": int(order) if order and 1 <= order <= 9 else 1,
        "ended": status != "active",
    }


READERS: dict[str, tuple[Any, Callable[[Element, ReadingContext], Fields]]] = {
    "AllergyIntolerance": (Allergy, read_allergy),
    "Condition": (Condition, read_condition),
    "Coverage": (Coverage, read_coverage),
    "Immunization": (Immunisation, read_immunisation),
    "MedicationAdministration": (CurrentMedicine, read_administration),
    "MedicationDispense": (CurrentMedicine, read_dispense),
    "MedicationRequest": (CurrentMedicine, read_request),
    "MedicationStatement": (CurrentMedicine, read_statement),
}
"""What becomes a record of ours, and how it is read."""
