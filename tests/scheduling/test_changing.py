"""Moving, cancelling, not coming: each frees or keeps the time as it should."""

from datetime import timedelta

import pytest

from galen import scheduling
from galen.core.errors import Forbidden, NotFound
from galen.core.state import CannotBecome
from galen.scheduling import AppointmentCancelDraft, AppointmentDraft, AppointmentStatus, MoveDraft
from galen.scheduling.booking import CannotMove, NotYours, PatientBusy, SlotPast, SlotTaken
from galen.scheduling.schemas import AppointmentChange
from galen.scheduling.service import TooEarly, amend

Status = AppointmentStatus
WHY = AppointmentCancelDraft(reason="Has to work")


@pytest.fixture
def book(ruth, at):
    async def booked(doctor, patient, hour, minute=0, **more):
        draft = AppointmentDraft(practitioner_id=doctor.id, patient_id=patient.id, starts=at(hour, minute), **more)
        return await scheduling.book(ruth, draft)

    return booked


async def test_moving_frees_the_old_time_and_takes_the_new(ruth, mara, tom, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    moved = await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(15)))
    assert (moved.starts, moved.ends) == (at(15), at(15, 15))
    assert (await book(dr_okafor, tom, 14)).starts == at(14)
    with pytest.raises(SlotTaken):
        await book(dr_okafor, tom, 15)


async def test_moving_to_another_doctor_takes_their_slot_length_room_and_fee(
    ruth, mara, dr_okafor, dr_lindqvist, at, book
):
    appointment = await book(dr_okafor, mara, 14)
    moved = await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(15), practitioner_id=dr_lindqvist.id))
    assert (moved.practitioner_id, moved.ends, moved.room, moved.price) == (dr_lindqvist.id, at(15, 25), "Room 2", 120)


async def test_moving_onto_another_booking_is_refused(ruth, mara, tom, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    await book(dr_okafor, tom, 15)
    with pytest.raises(SlotTaken):
        await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(15)))
    assert appointment.starts == at(14)


async def test_moving_beside_another_booking_needs_a_reason(ruth, mara, tom, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    await book(dr_okafor, tom, 15)
    moved = await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(15), overbook_reason="Fever"))
    assert (moved.starts, moved.overbooked) == (at(15), True)


async def test_moving_away_again_ends_the_overbooking(ruth, mara, tom, dr_okafor, at, book):
    await book(dr_okafor, tom, 15)
    appointment = await book(dr_okafor, mara, 15, overbook_reason="Fever")
    moved = await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(16)))
    assert (moved.overbooked, moved.overbook_reason, moved.room) == (False, "", "Room 1")


async def test_moving_onto_the_patients_other_appointment_is_refused(ruth, mara, dr_okafor, dr_lindqvist, at, book):
    appointment = await book(dr_okafor, mara, 14)
    await book(dr_lindqvist, mara, 15)
    with pytest.raises(PatientBusy):
        await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(15), overbook_reason="Both"))
    assert appointment.starts == at(14)


async def test_nothing_moves_into_the_past(ruth, mara, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    with pytest.raises(SlotPast):
        await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(9)))
    assert appointment.starts == at(14)


async def test_what_has_begun_stays_where_it_is(ruth, mara, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    await scheduling.begin(ruth, appointment.id)
    with pytest.raises(CannotMove, match="This appointment is in progress"):
        await scheduling.reschedule(ruth, appointment.id, MoveDraft(starts=at(15)))
    assert appointment.starts == at(14)


async def test_a_doctor_neither_sees_nor_moves_a_colleagues_appointment(ruth, eve, mara, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    with pytest.raises(NotFound):
        await scheduling.reschedule(eve, appointment.id, MoveDraft(starts=at(15)))
    with pytest.raises(NotFound):
        await scheduling.cancel(eve, appointment.id, WHY)
    assert (appointment.starts, appointment.status) == (at(14), Status.BOOKED)


async def test_a_doctor_hands_nobody_to_a_colleague(ada, mara, dr_okafor, dr_lindqvist, at, book):
    appointment = await book(dr_okafor, mara, 14)
    with pytest.raises(NotYours):
        await scheduling.reschedule(ada, appointment.id, MoveDraft(starts=at(15), practitioner_id=dr_lindqvist.id))
    assert appointment.practitioner_id == dr_okafor.id


async def test_cancelling_frees_the_time_and_keeps_why(ruth, mara, tom, dr_okafor, at, book):
    appointment = await book(dr_okafor, mara, 14)
    gone = await scheduling.cancel(ruth, appointment.id, WHY)
    assert (gone.status, gone.ended_reason) == (Status.CANCELLED, "Has to work")
    assert (await book(dr_okafor, tom, 14)).starts == at(14)


async def test_a_cancelled_appointment_stays_cancelled(ruth, mara, dr_okafor, book):
    appointment = await book(dr_okafor, mara, 14)
    await scheduling.cancel(ruth, appointment.id, WHY)
    with pytest.raises(CannotBecome):
        await scheduling.arrive(ruth, appointment.id)
    assert appointment.status is Status.CANCELLED


async def test_cancelling_twice_keeps_the_first_reason(ruth, mara, dr_okafor, book):
    appointment = await book(dr_okafor, mara, 14)
    await scheduling.cancel(ruth, appointment.id, WHY)
    with pytest.raises(CannotBecome):
        await scheduling.cancel(ruth, appointment.id, AppointmentCancelDraft(reason="Something else"))
    assert (appointment.status, appointment.ended_reason) == (Status.CANCELLED, WHY.reason)


async def test_not_coming_is_known_only_after_the_time_has_begun(ruth, mara, dr_okafor, book):
    appointment = await book(dr_okafor, mara, 14)
    with pytest.raises(TooEarly):
        await scheduling.no_show(ruth, appointment.id)
    assert appointment.status is Status.BOOKED
    ruth.now += timedelta(hours=3)
    assert (await scheduling.no_show(ruth, appointment.id)).status is Status.NO_SHOW


async def test_coming_late_leaving_and_not_coming_are_three_things(ruth, mara, dr_okafor, book):
    appointment = await book(dr_okafor, mara, 14)
    ruth.now += timedelta(hours=3)
    await scheduling.no_show(ruth, appointment.id)
    late = await scheduling.arrive(ruth, appointment.id)
    assert (late.status, late.arrived_at) == (Status.ARRIVED, ruth.now)
    assert (await scheduling.left(ruth, appointment.id)).status is Status.LEFT


async def test_who_comes_late_finds_the_time_given_away_and_stands_beside(ruth, mara, tom, dr_okafor, book):
    appointment = await book(dr_okafor, mara, 11, 30)
    await scheduling.no_show(ruth, appointment.id)
    await book(dr_okafor, tom, 11, 30)
    late = await scheduling.arrive(ruth, appointment.id)
    await ruth.flush()
    assert (late.overbooked, late.overbook_reason) == (True, "Came after being marked absent")


async def test_a_doctor_marks_nobody_absent_at_the_desk(ada, mara, dr_okafor, book):
    appointment = await book(dr_okafor, mara, 14)
    with pytest.raises(Forbidden):
        await scheduling.no_show(ada, appointment.id)
    assert appointment.status is Status.BOOKED


async def test_the_reason_can_be_changed_and_the_room_by_the_desk_only(ruth, ada, mara, dr_okafor, book):
    appointment = await book(dr_okafor, mara, 14)
    await amend(ada, appointment.id, AppointmentChange(reason="Cough"))
    with pytest.raises(Forbidden):
        await amend(ada, appointment.id, AppointmentChange(room="Room 7"))
    await amend(ruth, appointment.id, AppointmentChange(room="Room 7"))
    await ruth.db.refresh(appointment)
    assert (appointment.reason, appointment.room) == ("Cough", "Room 7")
