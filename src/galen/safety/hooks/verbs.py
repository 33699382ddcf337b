"""Discovery, the two services, and what was answered to their cards."""

import json
from typing import Any
from uuid import UUID

from galen.core.context import Context
from galen.core.errors import NotFound, Refusal
from galen.core.gate import requires
from galen.values.ids import uuid7

from .. import rules
from ..rules import Tier
from ..schemas import OverrideReason
from ..service import CURRENT, report_of
from ..tables import knowledge_of
from .asked import Fault, entries, faults, feedback_faults
from .cards import card, not_checked
from .fhir import circumstances, drug, resources, states_none
from .models import CardGiven

PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "medications": "MedicationRequest?patient={{context.patientId}}&status=active",
    "allergies": "AllergyIntolerance?patient={{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}&clinical-status=active",
    "measurements": "Observation?patient={{context.patientId}}&code=29463-7,8302-2,2160-0,14682-9&_sort=-date",
}
SERVICES = {
    "galen-order-select": ("order-select", "Medication safety while choosing", "the order selected"),
    "galen-order-sign": ("order-sign", "Medication safety before signing", "all orders together"),
}


class Malformed(Refusal):
    status, message = 400, "{faults}"


class NotEnough(Refusal):
    status, message = 412, "Send the Patient along (prefetch “patient”): without age and sex nothing can be checked."


@requires("public.cds_services")
async def services(ctx: Context) -> bytes:
    """The services for other systems, and what each wants sent along."""
    said = "Checks {what} against each other, allergies, conditions, age, pregnancy, kidneys and doses."
    listed = [
        {"hook": hook, "id": id, "title": title, "description": said.format(what=what), "prefetch": PREFETCH}
        for id, (hook, title, what) in SERVICES.items()
    ]
    return json.dumps({"services": listed}).encode()


@requires("safety.check")
async def consult(ctx: Context, service_id: str, asked: dict[str, Any]) -> bytes:
    """What speaks against the orders of another system, as cards; nothing about its patient is kept."""
    hook, *_ = _service(service_id)
    _refuse(faults(asked, hook))
    given = [*resources(asked.get("prefetch"))]
    if not any(resource["resourceType"] == "Patient" for resource in given):
        raise NotEnough
    knowledge = await knowledge_of(ctx)
    orders = [
        order for order in entries(asked["context"]["draftOrders"]) if order["resourceType"] == "MedicationRequest"
    ]
    ids = {order.get("id") for order in orders}
    chosen = set(asked["context"].get("selections") or ()) if hook == "order-select" else None
    said = [
        drug(
            order,
            given,
            knowledge,
            "" if chosen is None or f"MedicationRequest/{order.get('id')}" in chosen else CURRENT,
        )
        for order in orders
    ]
    taken = [
        drug(resource, given, knowledge, CURRENT)
        for resource in given
        if resource["resourceType"] in ("MedicationRequest", "MedicationStatement")
        and not states_none(resource.get("medicationCodeableConcept"))
        and resource.get("id") not in ids
        and resource.get("status", "active") in ("active", "intended", "on-hold", "unknown")
    ]
    about = circumstances(given, ctx.today)
    found = rules.check(said + taken, about, knowledge)
    report = report_of(found, for_patient=True, anew=True, person=about.person)
    cards = []
    for alert in report.alerts:
        if alert.tier is not Tier.LISTED:
            cards.append(card(alert, id := uuid7()))
            ctx.add(
                CardGiven(
                    id=id,
                    service=service_id,
                    rule=alert.rule,
                    kind=alert.kind.value,
                    severity=alert.severity.value,
                    knowledge=report.version,
                    at=ctx.now,
                )
            )
    last = not_checked(report)
    return json.dumps({"cards": [*cards, last] if last else cards}).encode()


@requires("safety.check")
async def feedback(ctx: Context, service_id: str, said: dict[str, Any]) -> bytes:
    """What became of the cards: accepted, or overridden and why. The last answer to a card counts."""
    _service(service_id)
    _refuse(feedback_faults(said))
    for answer in said["feedback"]:
        given = await ctx.get(CardGiven, UUID(answer["card"]), lock=True)
        why = answer.get("overrideReason") or {}
        code = str((why.get("reason") or {}).get("code") or "")
        given.outcome = answer["outcome"]
        given.reason = (
            code
            if code in set(OverrideReason)
            else OverrideReason.OTHER.value
            if answer["outcome"] == "overridden"
            else ""
        )
        given.comment = str(why.get("userComment") or "")[:500]
        given.answered_at = ctx.now
    return b"{}"


def _service(id: str) -> tuple[str, str, str]:
    if id not in SERVICES:
        raise NotFound(thing="service")
    return SERVICES[id]


def _refuse(found: list[Fault]) -> None:
    if found:
        raise Malformed(faults=" ".join(f"{place}: {sentence}" for place, sentence in found))
