"""Allergies, conditions, medicines, immunisations and coverages: from FHIR R4 to the fields of the patient's record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from galen.patients import Allergy, AllergyStatus, Condition, Coverage, CurrentMedicine, Immunisation

from .elements import Concept, Element, Unreadable, When, concept

Fields = dict[str, Any]
SNOMED, IPS = "http://snomed.info/sct", "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
NONE_AT_ALL = {(SNOMED, "716186003"), (IPS, "no-known-allergies")}
NOTHING = {  # statements that there is none: no entry in a list of what there is
    *NONE_AT_ALL,
    *(
        (SNOMED, code)
        for code in ["409137002", "429625007", "428607008", "160244002", "160245001", "787481004", "1234391000168107"]
    ),
    *((IPS, f"no-{what}") for what in ("allergy-info", "problem-info", "medication-info", "known-problems")),
    *((IPS, f"no-known-{what}") for what in ("medications", "medication-allergies", "food-allergies")),
    (IPS, "no-known-environmental-allergies"),
}


class Keep(Exception):
    """There is no room for this here: it is kept as it came. `review` says that somebody should read it."""

    def __init__(self, says: str = "", *, path: str = "", review: bool = False, none_known: bool = False) -> None:
        super().__init__(says)
        self.says, self.path, self.review, self.none_known = says, path, review, none_known


@dataclass(frozen=True)
class ReadingContext:
    """What a reader may ask besides the resource itself."""

    zone: ZoneInfo
    today: date
    resolve: Callable[[Element], Element]


def status_of(e: Element, name: str) -> str:
    return concept(e.one(name)).code


def refuse_nothing(code: Concept) -> None:
    if code.codes & NOTHING:
        none_known = bool(code.codes & NONE_AT_ALL)
        raise Keep(f"says that there is none ({code.text})", path="code", review=not none_known, none_known=none_known)


def read_allergy(e: Element, reading: ReadingContext) -> Fields:
    """Refuted, inactive and resolved ones no longer count; one without a substance says so."""
    code, reactions = e.concept("code"), e.many("reaction")
    refuse_nothing(code)
    substances = [r.concept("substance") for r in reactions]
    meant = code if code.text or not substances else next((s for s in substances if s.text), code)
    severities = [r.code("severity", "mild moderate severe ") for r in reactions]
    noted = e.when("onsetDateTime") or e.when("recordedDate")
    kinds = {"medication": "medicine", "biologic": "medicine", "food": "food", "environment": "environment"}
    return {
        "substance": meant.words("Substance"),
        "kind": next((kinds[c] for c in e.words("category") if c in kinds), "medicine"),
        "code": meant.code,
        "system": meant.system,
        "reaction": ", ".join(concept(m).words("Reaction") for r in reactions for m in r.many("manifestation")),
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
    refuse_nothing(code)
    if status_of(e, "verificationStatus") == "refuted":
        raise Keep("was refuted: the person does not have it")
    since, end = e.period_or_when("onset")
    first, last = e.period_or_when("abatement")
    until = last or first or end
    if over and until is None:
        until = e.when("recordedDate") or since
    return {
        "text": code.words("Condition"),
        "code": code.code,
        "system": code.system,
        **span(e, since, until, "abatementDateTime", over, reading),
        "entered_in_error": status_of(e, "verificationStatus") == "entered-in-error",
    }


def span(e: Element, since: When | None, until: When | None, end: str, over: bool, reading: ReadingContext) -> Fields:
    """From the first day that is possible to the last; what is over and has no day at all ends today."""
    begins, ends = since.first if since else None, until.last if until else (reading.today if over else None)
    if begins and ends and ends < begins:
        raise Unreadable(e.at(end), f"'{until.text if until else ends}' is before the beginning")
    return {"since": begins, "until": ends}


STOPPED = {"stopped": "Stopped", "completed": "Completed", "cancelled": "Cancelled", "not-taken": "Not taken"}


def read_request(e: Element, reading: ReadingContext) -> Fields:
    """A prescription from elsewhere is a medicine the person takes, or took."""
    status = e.code("status", "active on-hold cancelled completed entered-in-error stopped draft unknown")
    intent = e.code("intent", "proposal plan order original-order reflex-order filler-order instance-order option")
    if status == "draft" or intent in ("proposal", "plan", "option") or e.flag("doNotPerform"):
        raise Keep("is no order to take anything", path="intent")
    ordered = e.when("authoredOn")
    ended = e.one("dispenseRequest").one("validityPeriod").when("end") if status in STOPPED else None
    return medicine(e, reading, status, ordered, ended, e.many("dosageInstruction"), [e.one("statusReason")])


def read_statement(e: Element, reading: ReadingContext) -> Fields:
    """What the person said they take, or took."""
    words = "active completed entered-in-error intended stopped on-hold unknown not-taken"
    status = e.code("status", words)
    if status in ("intended", "not-taken"):
        raise Keep("is not taken", path="status")
    since, until = e.period_or_when("effective")
    return medicine(e, reading, status, since, until, e.many("dosage"), e.many("statusReason"))


def medicine(
    e: Element,
    reading: ReadingContext,
    status: str,
    since: When | None,
    until: When | None,
    dosage: list[Element],
    reasons: list[Element],
) -> Fields:
    """Stopped on a day that nobody wrote down: it ends on the day it was last heard of, and says so."""
    drug = e.concept("medicationCodeableConcept")
    if reference := e.one("medicationReference"):
        drug = reading.resolve(reference).concept("code")
        drug = drug if drug.text else Concept(reference.text("display"), absent="its description is elsewhere")
    elif not e.body.get("medicationCodeableConcept"):
        raise Unreadable(e.at("medication[x]"), "is required")
    refuse_nothing(drug)
    stopped = status in STOPPED
    over, heard = stopped and until is None, since or e.when("dateAsserted")
    why = ", ".join(filter(None, (concept(reason).text for reason in reasons)))
    return {
        "text": drug.words("Medicine"),
        "code": drug.code,
        "system": drug.system,
        "directions": "; ".join(filter(None, map(directions, dosage))),
        **span(e, since, until or (heard if over else None), "effectivePeriod.end", over, reading),
        "reason_stopped": (why or STOPPED[status] + (" (the day is not known)" if over else "")) if stopped else "",
        "entered_in_error": status == "entered-in-error",
    }


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


def read_immunisation(e: Element, reading: ReadingContext) -> Fields:
    """A vaccine given; one that was not given is no immunisation."""
    status = e.code("status", "completed entered-in-error not-done")
    if status == "not-done":
        raise Keep(f"was not given ({e.concept('statusReason').text or 'no reason stated'})", path="status")
    if not e.body.get("vaccineCode"):
        raise Unreadable(e.at("vaccineCode"), "is required")
    given = e.when("occurrenceDateTime")
    if given is None and not e.text("occurrenceString") and not e.said_absent("occurrenceDateTime"):
        raise Unreadable(e.at("occurrence[x]"), "is required")
    vaccine = e.concept("vaccineCode")
    return {
        "vaccine": vaccine.words("Vaccine"),
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
    period = span(e, e.one("period").when("start"), e.one("period").when("end"), "period.end", False, reading)
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
    "MedicationRequest": (CurrentMedicine, read_request),
    "MedicationStatement": (CurrentMedicine, read_statement),
}
"""What becomes a record of ours, and how it is read."""
