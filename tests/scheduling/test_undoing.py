"""A success speaks, and what was just done is taken back as if it had not been done."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from galen import scheduling
from galen.core.audit import AuditEntry
from galen.core.finish import finish
from galen.core.undo import TooLateToUndo, UndoDraft
from galen.scheduling import AppointmentCancelDraft, AppointmentDraft, AppointmentStatus, MoveDraft
from galen.scheduling.service import NoLongerBooked
from galen.scheduling.undoing import standing, undo

Status = AppointmentStatus
WHY = AppointmentCancelDraft(reason="Has to work")


@pytest.fixture
def book(ruth, at):
    async def booked(doctor, patient, hour, minute=0, **more):
        draft = AppointmentDraft(practitioner_id=doctor.id, patient_id=patient.id, starts=at(hour, minute), **more)
        appointment = await scheduling.book(ruth, draft)
        await finish(ruth)
        return await ruth.get(scheduling.Appointment, appointment.id)

    return booked


def way_back(ctx) -> UndoDraft:
    return UndoDraft(before=ctx.flashed.before)


async def moved_elsewhere(ruth, appointment, at, eve):
    await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(15), practitioner_id=eve.id))


async def cancelled(ruth, appointment, at, eve):
    await scheduling.cancel(ruth, appointment.id, WHY)


async def marked_absent(ruth, appointment, at, eve):
    ruth.now = at(14, 20)
    await scheduling.no_show(ruth, appointment.id)


async def left(ruth, appointment, at, eve):
    await scheduling.arrive(ruth, appointment.id)
    await finish(ruth)
    await scheduling.left(ruth, appointment.id)


@pytest.mark.parametrize("change", [moved_elsewhere, cancelled, marked_absent, left])
async def test_what_is_undone_stands_as_it_stood(ruth, mara, dr_okafor, dr_lindqvist, at, book, change):
    appointment = await book(dr_okafor, mara, 14)
    if change is left:
        await scheduling.arrive(ruth, appointment.id)
        await finish(ruth)
    before = standing(appointment)
    if change is left:
        await scheduling.left(ruth, appointment.id)
    else:
        await change(ruth, appointment, at, dr_lindqvist)
    assert standing(appointment) != before
    await finish(ruth)
    await undo(ruth, appointment.id, way_back(ruth))
    await finish(ruth)
    assert standing(appointment) == before
    assert ruth.flashed.undo == ""  # an undoing is not undone


async def test_an_undone_booking_frees_its_time(ruth, mara, tom, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    await undo(ruth, appointment.id, way_back(ruth))
    await finish(ruth)
    assert (appointment.status, appointment.ended_reason) == (Status.CANCELLED, "Undone")
    assert (await book(dr_okafor, tom, 14)).starts == at(14)


async def test_a_time_that_was_given_away_meanwhile_is_not_taken_back(client, ruth, dr_okafor):
    """The rule of the database answers, in the words that booking has for it."""
    desk, (first, second) = await client("ruth", page=True), await free_times(ruth, dr_okafor)
    mara, tom = await patients_of(ruth)
    made = await desk.post("/api/v1/appointments", json=asked(dr_okafor, mara, first))
    moved = await desk.put(f"/appointments/{made.json()['id']}/slot", json={"starts": second}, headers=HTMX)
    assert (await desk.post("/api/v1/appointments", json=asked(dr_okafor, tom, first))).status_code == 201
    answer = await desk.post(f"/appointments/{made.json()['id']}/reversal", data=hidden(moved.text), headers=HTMX)
    assert (answer.status_code, "This time has just been taken" in answer.text) == (409, True)
    stands = await desk.get(f"/api/v1/appointments/{made.json()['id']}")
    assert stands.json()["starts"] == second.replace("+00:00", "Z")


async def test_nobody_undoes_what_somebody_else_did_or_what_was_changed_since(ruth, ada, mara, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(15)))
    await finish(ruth)
    back = way_back(ruth)
    with pytest.raises(TooLateToUndo):
        await undo(ada, appointment.id, back)
    await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(16)))
    await finish(ruth)
    for draft in (back, UndoDraft(before="nonsense"), UndoDraft(before="")):
        with pytest.raises(TooLateToUndo):
            await undo(ruth, appointment.id, draft)
    assert appointment.starts == at(16)


async def test_after_ten_minutes_there_is_nothing_to_undo(ruth, mara, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(15)))
    await finish(ruth)
    ruth.now += timedelta(minutes=10, seconds=1)
    with pytest.raises(TooLateToUndo):
        await undo(ruth, appointment.id, way_back(ruth))
    assert appointment.starts == at(15)


async def test_a_cancelled_appointment_takes_no_patient_in(ruth, mara, dr_okafor, book):
    appointment = await book(dr_okafor, mara, 14)
    await scheduling.cancel(ruth, appointment.id, WHY)
    for verb in (scheduling.arrive, scheduling.begin, scheduling.complete):
        with pytest.raises(NoLongerBooked):
            await verb(ruth, appointment.id)
    assert appointment.status is Status.CANCELLED


HTMX = {"hx-request": "true", "hx-target": "button", "accept": "text/html"}


async def free_times(ctx, doctor, count=2):
    ctx.now = datetime.now(UTC)
    slots = await scheduling.free_slots(ctx, practitioner_id=doctor.id, days=14)
    return [slot.starts.isoformat() for slot in slots[:count]]


async def patients_of(ctx):
    return list(await ctx.db.scalars(select(scheduling.models.Patient.id).limit(2)))


def asked(doctor, patient_id, starts):
    return {"practitioner_id": str(doctor.id), "patient_id": str(patient_id), "starts": starts}


def hidden(html: str) -> dict[str, str]:
    """The fields of the form that takes it back."""
    line = html[html.index('class="toast-line"') :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', line))


async def test_a_move_speaks_in_the_calendar_itself_and_its_undo_draws_the_page_anew(client, ruth, dr_okafor):
    desk, (first, second) = await client("ruth", page=True), await free_times(ruth, dr_okafor)
    mara, _ = await patients_of(ruth)
    made = (await desk.post("/api/v1/appointments", json=asked(dr_okafor, mara, first))).json()
    moved = await desk.put(f"/appointments/{made['id']}/slot", json={"starts": second}, headers=HTMX)
    assert '<hx-partial hx-target="#toasts" hx-swap="afterbegin">' in moved.text
    assert re.search(r"<span>Moved to .*\d\d:\d\d\.</span>", moved.text)
    undone = await desk.post(f"/appointments/{made['id']}/reversal", data=hidden(moved.text), headers=HTMX)
    assert (undone.status_code, undone.headers["hx-refresh"]) == (200, "true")
    assert (await desk.get(f"/api/v1/appointments/{made['id']}")).json()["starts"] == made["starts"]
    row = await ruth.db.scalar(select(AuditEntry).where(AuditEntry.verb == "scheduling.undo"))
    assert row is None or str(row.subject_id) == made["id"]


async def test_without_scripts_the_next_page_says_it_once_with_a_button(client, ruth, dr_okafor):
    desk, (first, _) = await client("ruth", page=True), await free_times(ruth, dr_okafor)
    mara, _ = await patients_of(ruth)
    made = await desk.post("/appointments", data=asked(dr_okafor, mara, first))
    page = await desk.get(made.headers["location"])
    assert re.search(r'<div class="toast-line"><span>Booked for .* with Dr Ada Okafor\.</span>', page.text)
    where = {"referer": f"http://galen.test{made.headers['location']}?a=b"}
    undone = await desk.post(f"{made.headers['location']}/reversal", data=hidden(page.text), headers=where)
    assert (undone.status_code, undone.headers["location"]) == (303, f"{made.headers['location']}?a=b")
    after = await desk.get(made.headers["location"])
    assert ("The booking is undone." in after.text, "Undo</button>" in after.text) == (True, False)
    assert "The booking is undone." not in (await desk.get(made.headers["location"])).text


async def test_what_one_session_was_told_no_other_reads(client, ruth, dr_okafor):
    desk, (first, _) = await client("ruth", page=True), await free_times(ruth, dr_okafor)
    mara, _ = await patients_of(ruth)
    made = await desk.post("/appointments", data=asked(dr_okafor, mara, first))
    other = await client("max", page=True)
    for value in (desk.cookies["flash"], "nonsense", "AQ=="):
        other.cookies.set("flash", value, domain="galen.test")
        page = await other.get(made.headers["location"])
        assert (page.status_code, 'class="toast-line"' in page.text) == (200, False)
