"""What is wrong with a request of CDS Hooks: each fault with the place where it stands, in words. Pure."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

HOOKS = ("order-select", "order-sign", "patient-view")
PEOPLE = ("Practitioner", "PractitionerRole", "Patient", "RelatedPerson")
ORDERS = frozenset(
    """
    Appointment DeviceRequest CommunicationRequest MedicationRequest NutritionOrder ServiceRequest Task
    VisionPrescription ImmunizationRecommendation
    """.split()
)
STATUS = frozenset("active on-hold cancelled completed entered-in-error stopped draft unknown".split())
INTENT = frozenset(
    "proposal plan order original-order reflex-order filler-order instance-order option".split()
)  # FHIR R4 code systems medicationrequest-status and -intent
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
Fault = tuple[str, str]


def faults(asked: Any, hook: str) -> list[Fault]:
    """Everything that the standard does not allow, or nothing."""
    if not isinstance(asked, dict):
        return [("body", "The request must be a JSON object.")]
    return [*_envelope(asked, hook), *_context(asked.get("context"), hook), *_prefetch(asked.get("prefetch"))]


def _envelope(asked: dict[str, Any], hook: str) -> Iterator[Fault]:
    if not _UUID.fullmatch(_text(asked.get("hookInstance"))):
        yield "hookInstance", "It must be a UUID, one for each time the hook is triggered."
    if asked.get("hook") != hook:
        yield "hook", f"This service answers {hook}, not “{_text(asked.get('hook'))}”."
    server = asked.get("fhirServer")
    if server is not None and urlsplit(_text(server)).scheme not in ("http", "https"):
        yield "fhirServer", "It must be the address of a FHIR server, beginning with https."
    if (access := asked.get("fhirAuthorization")) is not None:
        yield from _authorization(access, server)


def _authorization(access: Any, server: Any) -> Iterator[Fault]:
    if not isinstance(access, dict):
        yield "fhirAuthorization", "It must be an object with access_token, token_type, expires_in, scope and subject."
        return
    if server is None:
        yield "fhirServer", "It is needed where fhirAuthorization is given."
    for name in ("access_token", "scope", "subject"):
        if not _text(access.get(name)):
            yield f"fhirAuthorization.{name}", "Please fill this in."
    if access.get("token_type") != "Bearer":
        yield "fhirAuthorization.token_type", "It must be Bearer."
    if not isinstance(access.get("expires_in"), int) or isinstance(access.get("expires_in"), bool):
        yield "fhirAuthorization.expires_in", "It must be a number of seconds."


def _context(context: Any, hook: str) -> Iterator[Fault]:
    if not isinstance(context, dict):
        yield "context", "It must be an object with userId and patientId."
        return
    kind, _, id = _text(context.get("userId")).partition("/")
    if kind not in PEOPLE or not _ID.fullmatch(id):
        yield "context.userId", "It must be a reference such as Practitioner/123."
    for name in ("patientId", "encounterId"):
        value = context.get(name)
        if (name == "patientId" or value is not None) and not _ID.fullmatch(_text(value)):
            yield f"context.{name}", "It must be the bare id, without the type before it."
    if hook.startswith("order-"):
        yield from _orders(context.get("draftOrders"))
    if hook == "order-select":
        yield from _selections(context)


def _orders(bundle: Any) -> Iterator[Fault]:
    place = "context.draftOrders"
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        yield place, "It must be a FHIR Bundle of the orders."
        return
    if not (orders := entries(bundle)):
        yield f"{place}.entry", "It must hold at least one order."
    for at, order in enumerate(orders):
        here = f"{place}.entry[{at}].resource"
        if order.get("resourceType") not in ORDERS:
            yield f"{here}.resourceType", f"“{_text(order.get('resourceType'))}” is no kind of order."
        elif order["resourceType"] == "MedicationRequest":
            yield from _order(order, here)


def _order(order: dict[str, Any], here: str) -> Iterator[Fault]:
    for name, codes in (("status", STATUS), ("intent", INTENT)):
        if order.get(name) not in codes:
            yield f"{here}.{name}", f"“{_text(order.get(name))}” is no {name} of a MedicationRequest."
    if not isinstance(order.get("medicationCodeableConcept") or order.get("medicationReference"), dict):
        yield f"{here}.medication[x]", "It must say which medicine."
    if not isinstance(order.get("subject"), dict):
        yield f"{here}.subject", "It must say for whom."


def _selections(context: dict[str, Any]) -> Iterator[Fault]:
    chosen, bundle = context.get("selections"), context.get("draftOrders")
    if not isinstance(chosen, list) or not chosen:
        yield "context.selections", "It must name at least one of the orders."
        return
    orders = entries(bundle) if isinstance(bundle, dict) else []
    there = {f"{order.get('resourceType')}/{order.get('id')}" for order in orders}
    for at, reference in enumerate(chosen):
        if "/" not in _text(reference):
            yield f"context.selections[{at}]", "It must be a reference such as MedicationRequest/123."
        elif reference not in there:
            yield f"context.selections[{at}]", f"{reference} is not among the draft orders."


def _prefetch(prefetch: Any) -> Iterator[Fault]:
    if prefetch is not None and not isinstance(prefetch, dict):
        yield "prefetch", "It must be an object of FHIR resources by their keys."
        return
    for name, resource in (prefetch or {}).items():
        if resource is not None and (
            not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str)
        ):
            yield f"prefetch.{name}", "It must be a FHIR resource or null."


OUTCOMES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "accepted": lambda answer: isinstance(answer.get("acceptedSuggestions"), list),
    "overridden": lambda answer: True,
}


def feedback_faults(said: Any) -> list[Fault]:
    """What is wrong with an answer to cards."""
    answers = said.get("feedback") if isinstance(said, dict) else None
    if not isinstance(answers, list) or not answers or not all(isinstance(answer, dict) for answer in answers):
        return [("feedback", "It must be a list with at least one answer to a card.")]
    found = []
    for at, answer in enumerate(answers):
        if not _UUID.fullmatch(_text(answer.get("card"))):
            found.append((f"feedback[{at}].card", "It must be the UUID of a card."))
        if answer.get("outcome") not in OUTCOMES:
            found.append((f"feedback[{at}].outcome", "It must be accepted or overridden."))
        elif not OUTCOMES[answer["outcome"]](answer):
            found.append((f"feedback[{at}].acceptedSuggestions", "It must say which suggestions were accepted."))
        if not _text(answer.get("outcomeTimestamp")):
            found.append((f"feedback[{at}].outcomeTimestamp", "It must say when."))
    return found


def entries(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources of a bundle; what is no resource counts as an empty one, and so as a fault."""
    rows = bundle.get("entry")
    rows = rows if isinstance(rows, list) else []
    found = [row.get("resource") if isinstance(row, dict) else None for row in rows]
    return [resource if isinstance(resource, dict) else {} for resource in found]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
