"""CDS Hooks 2.0: what is well asked is answered with cards, what is not is refused with the place of the fault."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from galen.core.context import Context
from galen.safety.hooks import CardGiven, faults

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "cds_hooks"
Open = Callable[..., Any]


def order(name: str, id: str = "one", *, high: float | None = None, times: int = 1, **more: Any) -> dict[str, Any]:
    dosage = {
        "timing": {"repeat": {"frequency": times, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": high, "unit": "tablet"}}],
    }
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        "subject": {"reference": "Patient/1"},
        **({"dosageInstruction": [dosage]} if high else {}),
        **more,
    }


def asking(*orders: dict[str, Any], hook: str = "order-sign", **prefetch: Any) -> dict[str, Any]:
    context = {
        "userId": "Practitioner/1",
        "patientId": "1",
        "draftOrders": {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": resource} for resource in orders],
        },
    }
    if hook == "order-select":
        context["selections"] = [f"MedicationRequest/{orders[0]['id']}"]
    patient = {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1951-03-02"}
    return {
        "hookInstance": str(uuid4()),
        "hook": hook,
        "context": context,
        "prefetch": {"patient": patient} | prefetch,
    }


def bundle(*found: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in found]}


async def cards(client: Any, asked: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.post(f"/cds-services/galen-{asked['hook']}", json=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cards"]
    for card in found:
        valid(card)
    return found


def valid(card: dict[str, Any]) -> None:
    """What CDS Hooks 2.0 demands of a card."""
    assert 0 < len(card["summary"]) < 140 and card["indicator"] in ("info", "warning", "critical")
    assert card["source"]["label"] and all(suggestion["label"] for suggestion in card.get("suggestions", []))
    assert "suggestions" not in card or card["selectionBehavior"] in ("any", "at-most-one")
    assert all(reason["code"] and reason["system"] and reason["display"] for reason in card.get("overrideReasons", []))


@pytest.mark.parametrize("path", ["/cds-services", "/api/v1/cds-services"])
async def test_anybody_may_see_which_services_there_are(client: Open, path: str) -> None:
    answer = await (await client()).get(path)
    found = answer.json()["services"]
    assert [service["hook"] for service in found] == ["order-select", "order-sign"]
    assert all(service["id"] and service["description"] and service["prefetch"]["patient"] for service in found)
    assert answer.headers["content-type"] == "application/json"


async def test_two_orders_that_meet_badly_are_a_card(client: Open) -> None:
    warfarin, ibuprofen = order("warfarin 5 MG Oral Tablet"), order("ibuprofen 400 MG Oral Tablet", "two")
    first, *_ = await cards(await client("ada"), asking(warfarin, ibuprofen))
    assert first["indicator"] == "warning" and "Knowledge galen-" in first["detail"]
    assert {"label": "Consider paracetamol instead"} in first["suggestions"] and first["overrideReasons"]


async def test_what_is_taken_the_allergies_conditions_kidneys_and_doses_count(client: Open) -> None:
    sent = {
        "medications": bundle(order("Fluoxetine 20 MG Oral Capsule", "old", status="active")),
        "allergies": bundle({"resourceType": "AllergyIntolerance", "code": {"text": "Penicillin"}}),
        "conditions": bundle(
            {"resourceType": "Condition", "code": {"coding": [{"code": "I50.9", "display": "Heart failure"}]}}
        ),
        "creatinine": {
            "resourceType": "Observation",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
            "effectiveDateTime": "2026-10-01",
            "valueQuantity": {"value": 2.4, "unit": "mg/dL", "code": "mg/dL"},
        },
    }
    said = {}
    for name, high in (("phenelzine 15 MG Oral Tablet", None), ("amoxicillin 500 MG Oral Capsule", None),
                       ("ibuprofen 400 MG Oral Tablet", 3.0), ("metformin 500 MG Oral Tablet", None)):  # fmt: skip
        found = await cards(await client("ada"), asking(order(name, high=high, times=4), **sent))
        said[name.split()[0]] = {card["source"]["topic"]["code"] for card in found if "topic" in card["source"]}
    assert "maoi-ssri" in said["phenelzine"]
    assert "penicillin-class" in said["amoxicillin"] or "allergy-recorded" in said["amoxicillin"]
    assert said["ibuprofen"] >= {"heart-failure-nsaid", "nsaid-kidney-severe", "dose-daily"}
    assert "metformin-severe" in said["metformin"]


async def test_only_the_selected_order_is_spoken_of(client: Open) -> None:
    selected, other = order("paracetamol 500 MG Oral Tablet"), order("ibuprofen 400 MG Oral Tablet", "two")
    heart = {"conditions": bundle({"resourceType": "Condition", "code": {"text": "Heart failure"}})}
    ada = await client("ada")
    assert [c for c in await cards(ada, asking(selected, other, hook="order-select", **heart)) if "uuid" in c] == []
    assert [c for c in await cards(ada, asking(other, selected, hook="order-select", **heart)) if "uuid" in c]


async def test_what_is_not_known_is_a_card_of_its_own(client: Open) -> None:
    *_, last = await cards(await client("ada"), asking(order("Zzyzxium 5 MG Oral Tablet")))
    assert last["indicator"] == "warning" and "0 of 1 medicines known" in last["summary"]
    assert "Nothing was sent about allergies." in last["detail"]


async def test_the_ingredients_and_codes_of_what_is_taken_count(client: Open) -> None:
    atc = {"coding": [{"system": "http://www.whocc.no/atc", "code": "C07AB02"}], "text": "Marke 17"}
    listed = {
        "resourceType": "Medication",
        "id": "m",
        "code": {"text": "Marke 18"},
        "ingredient": [{"itemCodeableConcept": {"text": "Metoprolol succinat"}}],
    }
    by_reference = {"medicationReference": {"reference": "#m"}, "contained": [listed]}
    for medicine in ({"medicationCodeableConcept": atc}, by_reference):
        taken = {"resourceType": "MedicationStatement", "id": "t", "status": "unknown", **medicine}
        asked = asking(order("Verapamil 80 mg tablet"), medications=bundle(taken))
        answered = await cards(await client("ada"), asked)
        topics = {card["source"]["topic"]["code"] for card in answered if "topic" in card["source"]}
        assert "beta-blocker-verapamil" in topics


@pytest.mark.parametrize("said", ["NKDA", "No known allergies", "unknown"])
async def test_statements_are_no_allergies_and_no_medicines(client: Open, said: str) -> None:
    allergy = {"resourceType": "AllergyIntolerance", "code": {"text": said}}
    none = {"resourceType": "MedicationStatement", "id": "t", "status": "unknown"} | {
        "medicationCodeableConcept": {"text": "No known medications"}
    }
    asked = asking(order("Paracetamol"), allergies=bundle(allergy), medications=bundle(none))
    answered = await cards(await client("ada"), asked)
    assert said not in json.dumps(answered) and "No known medications" not in json.dumps(answered)


def first(asked: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = asked["context"]["draftOrders"]["entry"][0]["resource"]
    return found


def chosen(one: str) -> dict[str, Any]:
    return spoilt(lambda a: a["context"].update(selections=[one]), "order-select")


def spoilt(change: Callable[[dict[str, Any]], Any], hook: str = "order-sign") -> dict[str, Any]:
    asked = asking(order("warfarin 5 MG Oral Tablet"), hook=hook)
    change(asked)
    return asked


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (spoilt(lambda a: a.update(hookInstance="1")), "hookInstance"),
        (spoilt(lambda a: a.update(hook="patient-view")), "hook"),
        (spoilt(lambda a: a.pop("context")), "context"),
        (spoilt(lambda a: a["context"].update(userId="1")), "context.userId"),
        (spoilt(lambda a: a["context"].update(patientId="Patient/1")), "context.patientId"),
        (spoilt(lambda a: a["context"].update(encounterId="Encounter/1")), "context.encounterId"),
        (spoilt(lambda a: a["context"].pop("draftOrders")), "context.draftOrders"),
        (spoilt(lambda a: a["context"]["draftOrders"].update(entry=[])), "context.draftOrders.entry"),
        (spoilt(lambda a: first(a).update(status="Xactive")), "entry[0].resource.status"),
        (spoilt(lambda a: first(a).pop("medicationCodeableConcept")), "medication[x]"),
        (chosen("one"), "context.selections[0]"),
        (chosen("MedicationRequest/x"), "context.selections[0]"),
        (spoilt(lambda a: a["prefetch"].update(x={"response": {}, "resource": {}})), "prefetch.x"),
        (spoilt(lambda a: a.update(fhirAuthorization={"access_token": "x"})), "fhirServer"),
        (spoilt(lambda a: a.update(fhirServer="here")), "fhirServer"),
    ],
)  # fmt: skip
async def test_a_fault_is_named_with_its_place(client: Open, asked: dict[str, Any], place: str) -> None:
    service = "galen-order-select" if "selections" in asked.get("context", {}) else "galen-order-sign"
    answer = await (await client("ada")).post(f"/cds-services/{service}", json=asked)
    assert answer.status_code == 400 and f"{place}:" in answer.json()["detail"]


async def test_without_the_patient_there_is_not_enough_to_go_by(client: Open) -> None:
    ada = await client("ada")
    asked = asking(order("warfarin 5 MG Oral Tablet")) | {"prefetch": None}
    assert (await ada.post("/cds-services/galen-order-sign", json=asked)).status_code == 412
    assert (await ada.post("/cds-services/another", json=asked)).status_code == 404
    assert (await (await client()).post("/cds-services/galen-order-sign", json=asked)).status_code == 401
    assert (await (await client("ruth")).post("/cds-services/galen-order-sign", json=asked)).status_code == 403


async def test_an_override_is_kept_with_its_reason_and_without_the_patient(client: Open, ada: Context) -> None:
    desk = await client("ada")
    first, *_ = await cards(
        desk, asking(order("warfarin 5 MG Oral Tablet"), order("ibuprofen 400 MG Oral Tablet", "b"))
    )
    reason = {"reason": {"code": "monitoring", "system": first["overrideReasons"][0]["system"]}, "userComment": "INR"}
    answer = {
        "card": first["uuid"],
        "outcome": "overridden",
        "overrideReason": reason,
        "outcomeTimestamp": "2026-11-20T00:31:00Z",
    }
    path = "/cds-services/galen-order-sign/feedback"
    assert (await desk.post(path, json={"feedback": [answer]})).status_code == 200
    given = await ada.db.scalar(select(CardGiven).where(CardGiven.id == first["uuid"]))
    assert given and (given.outcome, given.reason, given.comment) == ("overridden", "monitoring", "INR")
    assert not {"patient_id", "by_name"} & set(CardGiven.__table__.columns.keys())
    assert (await desk.post(path, json={"feedback": [answer | {"outcome": "shrugged"}]})).status_code == 400
    assert (await desk.post(path, json={"feedback": [answer | {"card": str(uuid4())}]})).status_code == 404


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample requests are not beside the repository")
@pytest.mark.parametrize("name", ["order-select", "order-sign", "patient-view", "pv"])
def test_published_samples_are_judged_as_they_are_named(name: str) -> None:
    found = sorted(SAMPLES.glob(f"cdshooks-request-{name}-*.json"))
    judged = {path.stem: faults(said := json.loads(path.read_text()), said["hook"]) == [] for path in found}
    assert found and all(fine is ("-good" in name) for name, fine in judged.items() if "extensions" not in name)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample requests are not beside the repository")
@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
async def test_published_requests_are_answered(client: Open, hook: str) -> None:
    assert await cards(await client("ada"), json.loads((SAMPLES / f"cdshooks-request-{hook}-good.json").read_text()))
