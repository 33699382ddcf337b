"""The calendar as a table, and the pages people work on."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from galen import scheduling
from galen.core.errors import Forbidden, NotFound
from galen.scheduling import AppointmentCancelDraft, AppointmentDraft, SlotsDraft
from galen.scheduling.booking_form import new_appointment
from galen.scheduling.calendar import calendar
from galen.scheduling.desk import appointment, own_day
from galen.scheduling.service import appointments, day_list, on_timeline

MONDAY = date(2026, 11, 23)


@pytest.fixture
def book(ruth, at):
    async def booked(doctor, patient, hour, minute=0, day=23, **more):
        draft = AppointmentDraft(
            practitioner_id=doctor.id, patient_id=patient.id, starts=at(hour, minute, day=day), **more
        )
        return await scheduling.book(ruth, draft)

    return booked


def covered(shown):
    """How many rows each column's cells cover."""
    return {
        key: sum(slot.span for (column, _), slot in shown.slots.items() if column == key) for key, _ in shown.columns
    }


async def test_a_day_of_everybody_is_a_table_without_holes(ruth, mara, dr_okafor, dr_lindqvist, book):
    await book(dr_okafor, mara, 9, 30)
    shown = await calendar(ruth, MONDAY)
    assert [title for _, title in shown.columns] == ["Dr Ada Okafor", "Dr Eve Lindqvist"]
    assert set(covered(shown).values()) == {len(shown.times)}
    cell = shown.slots[f"{dr_okafor.id} {MONDAY}", (9, 0, 30)]
    assert ([appointment.patient_id for appointment in cell.appointments], cell.free) == ([mara.id], False)
    free = shown.slots[f"{dr_okafor.id} {MONDAY}", (9, 0, 0)]
    assert (free.free, free.values["practitioner_id"]) == (True, str(dr_okafor.id))


async def test_overbooked_appointments_share_a_cell(ruth, mara, tom, dr_okafor, book):
    await book(dr_okafor, mara, 9)
    await book(dr_okafor, tom, 9, 10, minutes=10, overbook_reason="Urgent")
    shown = await calendar(ruth, MONDAY, practitioner_id=dr_okafor.id)
    cell = shown.slots[f"{dr_okafor.id} {MONDAY}", (9, 0, 0)]
    assert [appointment.patient_id for appointment in cell.appointments] == [mara.id, tom.id]
    assert set(covered(shown).values()) == {len(shown.times)}


async def test_a_week_of_one_doctor(ruth, dr_okafor):
    shown = await calendar(ruth, date(2026, 11, 25), "week", dr_okafor.id)
    assert [title for _, title in shown.columns] == [
        "Mon, 23 Nov",
        "Tue, 24 Nov",
        "Wed, 25 Nov",
        "Thu, 26 Nov",
        "Fri, 27 Nov",
    ]
    assert set(covered(shown).values()) == {len(shown.times)}


async def test_a_cancelled_appointment_gives_its_cell_back(ruth, mara, dr_okafor, book):
    made = await book(dr_okafor, mara, 9)
    await scheduling.cancel(ruth, made.id, AppointmentCancelDraft(reason="Better now"))
    shown = await calendar(ruth, MONDAY, practitioner_id=dr_okafor.id)
    assert shown.slots[f"{dr_okafor.id} {MONDAY}", (9, 0, 0)].free


async def test_a_doctors_calendar_is_her_own(eve, mara, dr_okafor, dr_lindqvist, book):
    await book(dr_okafor, mara, 9)
    shown = await calendar(eve, MONDAY, practitioner_id=dr_okafor.id)
    assert [doctor.id for doctor in shown.practitioners] == [dr_lindqvist.id]
    assert not [appointment for slot in shown.slots.values() for appointment in slot.appointments]


@pytest.mark.parametrize("day, hours, rows", [(date(2027, 4, 4), 25, 100), (date(2026, 10, 4), 23, 92)])
async def test_the_day_the_clocks_change_shows_its_real_hours(max, ruth, dr_okafor, day, hours, rows):
    ruth.now = datetime(2026, 9, 1, tzinfo=UTC)
    draft = SlotsDraft(practitioner_id=dr_okafor.id, site_id=max.here.id, days=[day], start=time(0), end=time(0))
    await scheduling.add_slots(max, draft)
    shown = await calendar(ruth, day, practitioner_id=dr_okafor.id)
    assert (shown.hours, len(shown.times), set(covered(shown).values())) == (hours, rows, {rows})
    assert ("02:30 again" in [row.label for row in shown.times]) is (hours == 25)


async def test_lists_show_a_doctor_her_own_and_the_desk_all(ruth, ada, eve, mara, tom, dr_okafor, dr_lindqvist, book):
    one, two = await book(dr_okafor, mara, 10), await book(dr_lindqvist, tom, 9)
    assert [a.id for a in (await appointments(ruth, day=MONDAY)).items] == [two.id, one.id]
    assert [a.id for a in (await appointments(ada)).items] == [one.id]
    assert [a.id for a in await day_list(eve, dr_lindqvist.id, MONDAY)] == [two.id]
    assert await day_list(eve, dr_okafor.id, MONDAY) == []


async def test_a_patient_sees_and_books_only_their_own(ruth, mara, tom, dr_okafor, at, book):
    await book(dr_okafor, tom, 9)
    own = await book(dr_okafor, mara, 10)
    words = frozenset({"appointment.read", "appointment.book", "practitioner.read", "patient.read"})
    ruth.actor = type(ruth.actor)(mara.id, "Mara", "patient", words, ("patient",), mara.id)
    assert [a.id for a in (await appointments(ruth)).items] == [own.id]
    made = await scheduling.book(ruth, AppointmentDraft(practitioner_id=dr_okafor.id, starts=at(11, day=23)))
    assert (made.patient_id, made.price) == (mara.id, Decimal(80))
    with pytest.raises(NotFound):
        draft = AppointmentDraft(patient_id=tom.id, practitioner_id=dr_okafor.id, starts=at(12, day=23))
        await scheduling.book(ruth, draft)
    form = await new_appointment(ruth)
    assert [doctor.name for doctor in form.practitioners] == ["Dr Ada Okafor", "Dr Eve Lindqvist"]
    with pytest.raises(Forbidden):
        await calendar(ruth, MONDAY)
    ruth.now += timedelta(days=5)
    with pytest.raises(scheduling.booking.SlotPast):
        await scheduling.cancel(ruth, own.id, AppointmentCancelDraft(reason="Too late"))


async def test_the_booking_form_knows_what_was_clicked(ruth, dr_okafor, mara, at, book):
    form = await new_appointment(ruth, dr_okafor.id, starts=at(9, 15, day=23), patient_id=mara.id)
    assert (form.day, form.practitioner.id, form.patient.id) == (MONDAY, dr_okafor.id, mara.id)
    assert form.starts.isoformat() in [offer.value for offer in form.offers]
    moving = await new_appointment(ruth, appointment_id=(await book(dr_okafor, mara, 9)).id)
    assert (moving.moving.patient.name, moving.day) == ("QUILL, Mara", MONDAY)


async def test_an_appointments_page_carries_the_banner(ruth, mara, dr_okafor, book):
    shown = await appointment(ruth, (await book(dr_okafor, mara, 9)).id)
    assert (shown.banner.family, shown.appointment.practitioner.name) == ("Quill", "Dr Ada Okafor")


async def test_the_doctors_day_and_the_patients_story(ada, mara, dr_okafor, book):
    made = await book(dr_okafor, mara, 14, day=20, reason="Cough")
    day = await own_day(ada)
    assert ([appointment.id for appointment in day.appointments], day.booked, day.seen) == ([made.id], 1, 0)
    (entry,) = await on_timeline(ada, mara.id)
    assert (entry.title, entry.detail) == ("Appointment with Dr Ada Okafor", "booked, Cough")


PAGES = [
    "/calendar",
    "/calendar?view=week",
    "/appointments",
    "/appointments/new",
    "/practitioners",
    "/queue",
    "/queue/walk-in",
    "/",
]


@pytest.mark.parametrize("path", PAGES)
async def test_the_desks_pages_open(client, path):
    answer = await (await client("ruth", page=True)).get(path)
    assert answer.status_code == 200, answer.text


async def test_a_booking_over_the_api_and_its_loser(client, ruth, mara, tom, dr_okafor):
    desk = await client("ruth")
    slots = (await desk.get(f"/api/v1/appointments/availabilities?practitioner_id={dr_okafor.id}&days=7")).json()
    draft = {"practitioner_id": str(dr_okafor.id), "starts": slots[-1]["starts"], "patient_id": str(mara.id)}
    made = await desk.post("/api/v1/appointments", json=draft)
    assert (made.status_code, made.json()["status"]) == (201, "booked")
    lost = await desk.post("/api/v1/appointments", json={**draft, "patient_id": str(tom.id)})
    assert (lost.status_code, lost.json()["code"]) == (409, "slot_taken")
    appointment_id = made.json()["id"]
    moved = await desk.put(f"/api/v1/appointments/{appointment_id}/slot", json={"starts": slots[-2]["starts"]})
    assert moved.json()["starts"] == slots[-2]["starts"]
    gone = await desk.put(f"/api/v1/appointments/{appointment_id}/cancellation", json={"reason": "Better now"})
    assert (gone.json()["status"], gone.json()["ended_reason"]) == ("cancelled", "Better now")


async def test_the_form_books_and_goes_on_to_the_appointment(client, mara, dr_okafor):
    desk = await client("ruth", page=True)
    slots = (await (await client("ruth")).get("/api/v1/slots?days=7")).json()
    fields = {
        "practitioner_id": slots[-1]["practitioner_id"],
        "starts": slots[-1]["starts"],
        "patient_id": str(mara.id),
    }
    answer = await desk.post("/appointments", data=fields)
    assert answer.status_code == 303, answer.text
    shown = await desk.get(answer.headers["location"])
    assert "Allergies not asked" in shown.text or "Allergic to" in shown.text
    assert "Cancel this appointment" in shown.text


async def test_a_patient_who_opens_the_calendar_finds_their_own_appointments(client, mara, dr_okafor, book):
    await book(dr_okafor, mara, 9)
    browser = await client("mara", page=True)
    answer = await browser.get("/calendar")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/patients/{mara.id}/appointments")
    page = (await browser.get(answer.headers["location"])).text
    assert "Okafor" in page and "09:00" in page
    assert 'href="/calendar"' in (await browser.get("/")).text
