"""From the queue into the room and out again."""

from decimal import Decimal

import pytest
from sqlalchemy import select, text

from galen import billing, encounters, queue, scheduling
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid, NotFound
from galen.core.finish import finish
from galen.encounters import Visit, VisitDraft, VisitStatus, VitalsDraft
from galen.encounters.schemas import VisitCancelDraft
from galen.encounters.service.visits import AlreadyStarted, VisitOver
from galen.patients import Patient
from galen.queue import CallDraft, TokenStatus, WalkInDraft


async def called(ruth: Context, ada: Context, patient: Patient) -> queue.Token:
    own = await scheduling.practitioner_of_actor(ada)
    await queue.walk_in(ruth, WalkInDraft(patient_id=patient.id, practitioner_id=own.id))
    return await queue.call_next(ada, CallDraft())


async def invoice_of(ctx: Context, visit: Visit) -> billing.Invoice:
    query = select(billing.Invoice).where(billing.Invoice.reference_id == visit.id)
    return (await ctx.db.scalars(query)).one()


async def test_a_called_patient_enters_the_room_with_the_visit(ruth: Context, ada: Context, mara: Patient) -> None:
    token = await called(ruth, ada, mara)
    visit = await encounters.start_visit(ada, VisitDraft(token_id=token.id))
    assert (visit.patient_id, visit.status, visit.site_id) == (mara.id, VisitStatus.OPEN, ada.here.id)
    assert token.status is TokenStatus.IN_ROOM


async def test_one_token_starts_one_visit(client, ruth: Context, ada: Context, mara: Patient) -> None:
    token = await called(ruth, ada, mara)
    http = await client("ada")
    answers = [await http.post("/api/v1/visits", json={"token_id": str(token.id)}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["detail"] == str(AlreadyStarted())


async def test_a_visit_from_the_chart_takes_the_place_in_the_queue(ruth: Context, ada: Context, mara: Patient) -> None:
    token = await called(ruth, ada, mara)
    visit = await encounters.start_visit(ada, VisitDraft(patient_id=mara.id))
    assert visit.token_id == token.id


async def test_an_appointment_is_in_progress_and_then_completed(ruth: Context, ada: Context, mara: Patient) -> None:
    appointment = await booked(ruth, ada, mara)
    visit = await encounters.start_visit(ada, VisitDraft(appointment_id=appointment.id))
    await ruth.db.refresh(appointment)
    assert appointment.status == "in_progress"
    await encounters.complete_visit(ada, visit.id)
    await ruth.db.refresh(appointment)
    assert appointment.status == "completed"
    assert (await invoice_of(ada, visit)).total == appointment.price


async def booked(ruth: Context, ada: Context, patient: Patient) -> scheduling.Appointment:
    own = await scheduling.practitioner_of_actor(ada)
    slot = (await scheduling.free_slots(ruth, ruth.today, practitioner_id=own.id))[0]
    draft = scheduling.AppointmentDraft(patient_id=patient.id, practitioner_id=own.id, starts=slot.starts)
    return await scheduling.book(ruth, draft)


async def test_the_first_visit_costs_a_new_patients_fee_and_the_next_a_returning_ones(
    ada: Context, mara: Patient
) -> None:
    totals = []
    for _ in range(2):
        visit = await encounters.start_visit(ada, VisitDraft(patient_id=mara.id))
        await encounters.complete_visit(ada, visit.id)
        totals.append((await invoice_of(ada, visit)).total)
    assert totals == [Decimal(80), Decimal(50)]


async def test_a_walk_in_who_was_seen_by_appointment_before_pays_a_returning_patients_fee(
    ruth: Context, ada: Context, mara: Patient
) -> None:
    own = await scheduling.practitioner_of_actor(ada)
    slot = (await scheduling.free_slots(ruth, practitioner_id=own.id))[0]
    draft = scheduling.AppointmentDraft(practitioner_id=own.id, patient_id=mara.id, starts=slot.starts)
    appointment = await scheduling.book(ruth, draft)
    token = await queue.check_in(ruth, queue.CheckInDraft(appointment_id=appointment.id))
    await queue.call_next(ada, CallDraft())
    await queue.finish(ada, token.id)
    visit = await encounters.start_visit(ada, VisitDraft(patient_id=mara.id))
    await encounters.complete_visit(ada, visit.id)
    assert (appointment.price, (await invoice_of(ada, visit)).total) == (Decimal(80), Decimal(50))


async def test_completing_frees_the_place_in_the_queue(ruth: Context, ada: Context, mara: Patient) -> None:
    token = await called(ruth, ada, mara)
    visit = await encounters.start_visit(ada, VisitDraft(token_id=token.id))
    await encounters.complete_visit(ada, visit.id)
    assert token.status is TokenStatus.DONE
    assert visit.ended_at == ada.now


async def test_a_completed_visit_is_charged_once_and_takes_nothing_more(ada: Context, visit: Visit) -> None:
    await encounters.complete_visit(ada, visit.id)
    with pytest.raises(VisitOver, match="completed"):
        await encounters.complete_visit(ada, visit.id)
    with pytest.raises(VisitOver):
        await encounters.record_vitals(ada, visit.id, VitalsDraft(heart_rate=Decimal(70)))
    assert (await invoice_of(ada, visit)).total == Decimal(80)


async def test_a_completed_visit_is_sealed(ada: Context, visit: Visit) -> None:
    await encounters.complete_visit(ada, visit.id)
    visit.reason = "Something else"
    with pytest.raises(Conflict, match="sealed"):
        await ada.flush()


async def test_a_cancelled_visit_costs_nothing(ada: Context, visit: Visit) -> None:
    await encounters.cancel_visit(ada, visit.id, VisitCancelDraft(reason="Wrong patient opened"))
    assert visit.status is VisitStatus.CANCELLED
    query = select(billing.Invoice).where(billing.Invoice.reference_id == visit.id)
    assert (await ada.db.scalars(query)).first() is None


async def test_a_token_of_another_patient_is_refused(ruth: Context, ada: Context, mara: Patient, tom: Patient) -> None:
    token = await called(ruth, ada, mara)
    with pytest.raises(Invalid, match="another patient"):
        await encounters.start_visit(ada, VisitDraft(token_id=token.id, patient_id=tom.id))


async def test_a_visit_names_its_patient(ada: Context) -> None:
    with pytest.raises(Invalid, match="choose the patient"):
        await encounters.start_visit(ada, VisitDraft())


async def test_reception_sees_no_visits(ruth: Context, visit: Visit) -> None:
    with pytest.raises(Forbidden):
        await encounters.open_visit(ruth, visit.id)


async def test_a_visit_of_nowhere_is_not_found(ada: Context, mara: Patient) -> None:
    with pytest.raises(NotFound):
        await encounters.complete_visit(ada, mara.id)


async def test_a_visit_over_json_from_start_to_completion(client, tom: Patient) -> None:
    ada = await client("ada")
    started = await ada.post("/api/v1/visits", json={"patient_id": str(tom.id), "reason": "Check"})
    assert started.status_code == 201, started.text
    visit = started.json()["id"]
    kept = await ada.post(f"/api/v1/visits/{visit}/vitals", json={"temperature": "101.3 F", "weight": "154 lb"})
    assert kept.json()["temperature"] == "38.5"
    assert kept.json()["weight"] == "69.853"
    assert kept.json()["flags"] == {"temperature": "high"}
    note = await ada.post(f"/api/v1/visits/{visit}/notes", json={"text": "Well.", "sign": True})
    assert note.json()["status"] == "signed"
    done = await ada.post(f"/api/v1/visits/{visit}/complete")
    assert (done.status_code, done.json()["status"]) == (200, "completed")
    page = (await ada.get(f"/api/v1/visits/{visit}")).json()
    assert page["doctor"] == "Dr Ada Okafor"
    assert len(page["vitals"]) == len(page["notes"]) == 1


async def test_two_kept_measurements_stay_apart_in_the_database(ada: Context, visit: Visit) -> None:
    await encounters.record_vitals(ada, visit.id, VitalsDraft(heart_rate=Decimal(70)))
    await encounters.record_vitals(ada, visit.id, VitalsDraft(heart_rate=Decimal(72)))
    count = await ada.db.scalar(text("SELECT count(*) FROM vitals"))
    assert count == 2


async def test_why_the_patient_came_is_changed_over_json_while_the_visit_is_open(
    client, ada: Context, visit: Visit
) -> None:
    await finish(ada)
    http = await client("ada")
    changed = await http.patch(f"/api/v1/visits/{visit.id}", json={"reason": "Cough and fever"})
    assert changed.json()["reason"] == "Cough and fever"
    listed = await http.get("/api/v1/visits", params={"status": "open", "patient_id": str(visit.patient_id)})
    assert [item["id"] for item in listed.json()["items"]] == [str(visit.id)]
