"""One patient's whole journey over the interface: every role does only its part, and everything is on record."""

from decimal import Decimal

import pytest

from bench.journey import Journey, Staff, StaffClient


@pytest.fixture
async def journey(live):
    staff = await Staff.at(live)
    made = Journey(staff)
    yield made
    for desk in (staff.ruth, staff.ada, staff.ben, staff.kim):
        await desk.client.aclose()


async def refused(desk: StaffClient, method: str, path: str, status: int, body: dict | None = None) -> dict:
    return await desk.ask(method, path, body, expected=(status,))


async def test_a_patient_goes_through_the_whole_clinic(journey, live):
    staff, said = journey.staff, journey.records

    await journey.register()
    patient = said["patient"]["id"]
    body = {"substance": "penicillin", "reaction": "rash", "severity": "moderate"}
    await staff.ada.post(f"/patients/{patient}/allergies", body)
    await refused(staff.ruth, "POST", f"/patients/{patient}/allergies", 403, body)

    await journey.book()
    twice = {"patient_id": patient, "practitioner_id": staff.doctor, "starts": said["appointment"]["starts"]}
    await refused(staff.ruth, "POST", "/appointments", 409, twice)

    await journey.check_in()
    await refused(staff.ruth, "POST", "/queue/next", 403, {})
    called = await staff.ada.post("/queue/next", {})
    assert called["id"] == said["token"]["id"]

    await journey.visit()
    assert said["vitals"]["flags"]["systolic"] == "high"
    visit = said["visit"]["id"]
    found = await staff.ada.ask("GET", "/icd?q=acute tonsillitis")
    code = next(row["code"] for row in found if row["billable"])
    await staff.ada.post(f"/visits/{visit}/diagnoses", {"code": code})
    await staff.ada.post(f"/visits/{visit}/notes", {"text": "Sore throat for three days.", "sign": True})

    # amoxicillin meets the penicillin allergy: the alert interrupts, and a reason goes on record
    await journey.prescribe()
    prescription = said["prescription"]["id"]
    alerts = [a for a in said["prescription"]["report"]["alerts"] if a["tier"] == "interrupts"]
    assert any("penicillin" in str(a).casefold() for a in alerts)
    await refused(staff.ada, "PUT", f"/prescriptions/{prescription}/signature", 409, {"password": "try-galen-today"})
    wrong = {"password": "not my password"}
    await refused(staff.ada, "PUT", f"/prescriptions/{prescription}/signature", 403, wrong)
    overrides = [{"key": a["key"], "reason": "tolerated", "comment": "Tolerated last year"} for a in alerts]
    body = {"password": "try-galen-today", "overrides": overrides}
    signed = await staff.ada.ask("PUT", f"/prescriptions/{prescription}/signature", body)
    assert signed["status"] == "signed"

    await journey.complete()
    await journey.invoice()
    invoice = said["invoice"]
    due = Decimal(invoice["total"]["amount"])
    await staff.ruth.post(f"/billing/{invoice['id']}/pay", {"method": "cash", "amount": "30.00", "tendered": "50.00"})
    rest = await staff.ruth.post(f"/billing/{invoice['id']}/pay", {"method": "card"})
    assert Decimal(rest["amount"]["amount"]) == due - 30
    paid = await staff.ruth.ask("GET", f"/billing/{invoice['id']}")
    assert paid["status"] == "paid"

    # the pharmacy verifies with the overridden alert before its eyes; another pharmacist dispenses
    work = await staff.ben.post("/dispensing", {"prescription_id": prescription})
    desk = await staff.ben.ask("GET", f"/dispensing/{work['id']}")
    questions = [{"key": q["key"], "reason": "accepted", "comment": "Asked Dr Okafor"} for q in desk["questions"]]
    assert questions
    await staff.ben.post(f"/dispensing/{work['id']}/verification", {"answers": questions})
    await staff.kim.post(f"/dispensing/{work['id']}/claim", {"over": True})
    given = await staff.kim.post(f"/dispensing/{work['id']}/supply", {})
    assert given["status"] == "dispensed"
    label = await staff.kim.client.get(f"/dispensing/{work['id']}/labels")
    assert label.content.startswith(b"%PDF")

    # each sees on the timeline what they may see
    for desk, words in ((staff.ada, ("Appointment", "Visit", "Prescription", "Dispensed")), (staff.ruth, ("Invoice",))):
        story = await desk.ask("GET", f"/patients/{patient}/timeline")
        told = " ".join(entry["title"] for entry in story["entries"])
        assert [word for word in words if word not in told] == [], told

    iris = await StaffClient.of(live, "iris")
    rows = (await iris.ask("GET", f"/audit?patient_id={patient}"))["items"]
    await iris.client.aclose()
    verbs = {row["verb"] for row in rows}
    assert {"patients.register", "prescribing.sign", "dispensing.dispense"} <= verbs
