"""Booking: a free slot becomes an appointment; what is taken, past or not offered is refused, and nothing changes."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from galen import scheduling
from galen.core.audit import AuditEntry
from galen.core.errors import Forbidden, Invalid, NotFound
from galen.patients import Patient
from galen.scheduling import Appointment, AppointmentDraft, AppointmentStatus, Availability, FeesDraft
from galen.scheduling.booking import (
    CannotBook,
    NoSuchVisits,
    NotOffered,
    NotYours,
    PatientBusy,
    RoomTaken,
    SlotPast,
    SlotTaken,
)
from galen.scheduling.models import Kind


def asked(doctor, patient, starts, **more):
    return AppointmentDraft(practitioner_id=doctor.id, patient_id=patient and patient.id, starts=starts, **more)


async def how_many(ctx):
    return await ctx.db.scalar(select(func.count(Appointment.id)))


async def test_a_free_slot_becomes_an_appointment(ruth, mara, dr_okafor, at):
    made = await scheduling.book(ruth, asked(dr_okafor, mara, at(14), reason="Blood pressure"))
    ruth.db.expunge_all()
    kept = await ruth.get(Appointment, made.id)
    assert (kept.starts, kept.ends) == (at(14), at(14, 15))
    assert (kept.patient_id, kept.practitioner_id, kept.room) == (mara.id, dr_okafor.id, "Room 1")
    assert kept.status is AppointmentStatus.BOOKED
    assert (kept.reason, kept.overbooked, kept.version) == ("Blood pressure", False, 1)


async def test_a_booking_leaves_one_audit_row(ruth, mara, dr_okafor, at):
    made = await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    rows = await ruth.db.scalars(
        select(AuditEntry).where(AuditEntry.subject_id == made.id).execution_options(bypass_visibility=True)
    )
    (row,) = rows
    assert (row.action, row.subject, row.verb, row.patient_id) == ("created", "appointment", "scheduling.book", mara.id)
    assert row.changes["status"] == [None, "booked"]


async def test_a_new_booking_can_be_changed_in_the_same_breath(ruth, mara, dr_okafor, at):
    made = await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    moved = await scheduling.reschedule(ruth, made.id, scheduling.MoveDraft(starts=at(15)))
    assert (moved.starts, moved.version) == (at(15), 2)


async def test_the_same_slot_is_not_given_twice(ruth, mara, tom, dr_okafor, at):
    await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    before = await how_many(ruth)
    with pytest.raises(SlotTaken, match=r"This time has just been taken\. Choose another one\."):
        await scheduling.book(ruth, asked(dr_okafor, tom, at(14)))
    assert await how_many(ruth) == before


async def test_a_patient_cannot_be_with_two_doctors_at_once(ruth, mara, dr_okafor, dr_lindqvist, at):
    await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    before = await how_many(ruth)
    with pytest.raises(PatientBusy):
        await scheduling.book(ruth, asked(dr_lindqvist, mara, at(14)))
    assert await how_many(ruth) == before


async def test_neighbouring_slots_do_not_touch(ruth, mara, tom, dr_okafor, at):
    await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    await scheduling.book(ruth, asked(dr_okafor, tom, at(14, 15)))
    assert await how_many(ruth) == 2


async def test_the_past_cannot_be_booked(ruth, mara, dr_okafor, at):
    with pytest.raises(SlotPast):
        await scheduling.book(ruth, asked(dr_okafor, mara, at(9)))
    assert await how_many(ruth) == 0


async def test_not_even_with_a_reason_is_the_past_booked(ruth, mara, dr_okafor, at):
    with pytest.raises(SlotPast):
        await scheduling.book(ruth, asked(dr_okafor, mara, at(9), overbook_reason="Forgotten"))
    assert await how_many(ruth) == 0


async def test_the_slot_that_begins_this_moment_is_still_free(ruth, mara, dr_okafor, at):
    made = await scheduling.book(ruth, asked(dr_okafor, mara, at(11, 30)))
    assert made.starts == ruth.now


@pytest.mark.parametrize("hour, minute, day", [(14, 7, 20), (8, 45, 23), (17, 0, 20), (10, 0, 21)])
async def test_a_time_that_is_not_offered_is_refused(ruth, mara, dr_okafor, at, hour, minute, day):
    with pytest.raises(NotOffered, match="Dr Ada Okafor offers no such slot"):
        await scheduling.book(ruth, asked(dr_okafor, mara, at(hour, minute, day=day)))
    assert await how_many(ruth) == 0


async def test_first_and_last_slot_of_the_day_are_offered(ruth, mara, dr_okafor, at):
    for moment in (at(9, day=23), at(16, 45, day=23)):
        await scheduling.book(ruth, asked(dr_okafor, mara, moment))
    assert await how_many(ruth) == 2


async def test_overbooking_needs_a_reason_and_stands_beside_the_first(ruth, mara, tom, dr_okafor, at):
    await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    second = await scheduling.book(ruth, asked(dr_okafor, tom, at(14), overbook_reason="Chest pain"))
    assert (second.overbooked, second.overbook_reason) == (True, "Chest pain")
    assert await how_many(ruth) == 2


async def test_a_reason_where_nothing_is_in_the_way_is_no_overbooking(ruth, mara, dr_okafor, at):
    made = await scheduling.book(ruth, asked(dr_okafor, mara, at(18), minutes=20, overbook_reason="Evening"))
    assert (made.overbooked, made.ends - made.starts) == (False, timedelta(minutes=20))


async def test_overbooking_never_puts_one_patient_in_two_places(ruth, mara, dr_okafor, dr_lindqvist, at):
    await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    with pytest.raises(PatientBusy):
        await scheduling.book(ruth, asked(dr_lindqvist, mara, at(14), overbook_reason="Both"))
    assert await how_many(ruth) == 1


async def test_a_doctor_may_not_overbook(ada, mara, dr_okafor, at):
    with pytest.raises(Forbidden):
        await scheduling.book(ada, asked(dr_okafor, mara, at(14), overbook_reason="Urgent"))
    assert await how_many(ada) == 0


async def test_a_doctor_books_only_for_herself(eve, mara, dr_okafor, dr_lindqvist, at):
    with pytest.raises(NotYours):
        await scheduling.book(eve, asked(dr_okafor, mara, at(14)))
    made = await scheduling.book(eve, asked(dr_lindqvist, mara, at(14)))
    assert made.practitioner_id == dr_lindqvist.id


async def test_a_booking_needs_a_patient(ruth, dr_okafor, at):
    with pytest.raises(Invalid, match="Choose the patient"):
        await scheduling.book(ruth, asked(dr_okafor, None, at(14)))


async def test_a_patient_nobody_knows_cannot_be_booked(ruth, dr_okafor, at):
    draft = AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=uuid4(), starts=at(14))
    with pytest.raises(NotFound, match="There is no such patient here"):
        await scheduling.book(ruth, draft)
    assert await how_many(ruth) == 0


async def test_nobody_books_for_a_closed_record(ruth, mara, dr_okafor, at):
    known = await ruth.get(Patient, mara.id)
    known.archived_at = ruth.now
    with pytest.raises(CannotBook, match="archived"):
        await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    assert await how_many(ruth) == 0


async def test_a_new_patient_pays_80_and_a_returning_one_50(ruth, mara, dr_okafor, at):
    first = await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    assert first.price == Decimal("80")
    await scheduling.begin(ruth, first.id)
    await scheduling.complete(ruth, first.id)
    await ruth.flush()
    assert (await scheduling.book(ruth, asked(dr_okafor, mara, at(15)))).price == Decimal("50")


async def test_a_cancelled_appointment_makes_nobody_a_returning_patient(ruth, mara, dr_okafor, at):
    first = await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    await scheduling.cancel(ruth, first.id, scheduling.AppointmentCancelDraft(reason="Better now"))
    assert (await scheduling.book(ruth, asked(dr_okafor, mara, at(15)))).price == Decimal("80")


async def test_the_organisations_fees_and_the_doctors_own(ruth, max, mara, dr_okafor, dr_lindqvist, at):
    await scheduling.set_fees(max, FeesDraft(fee_new=Decimal("95.50"), fee_returning=Decimal("60")))
    by_house = await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    by_doctor = await scheduling.book(ruth, asked(dr_lindqvist, mara, at(15)))
    assert (by_house.price, by_doctor.price) == (Decimal("95.50"), Decimal("120"))


async def test_the_database_itself_refuses_a_second_booking(ruth, mara, tom, dr_okafor, at):
    """The constraint is the backstop, whatever the code above it does."""
    first = await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    nested = await ruth.db.begin_nested()
    ruth.add(
        Appointment(
            patient_id=tom.id,
            practitioner_id=dr_okafor.id,
            site_id=first.site_id,
            during=Range(at(14, 10), at(14, 20)),
            price=Decimal(80),
            booked_at=ruth.now,
        )
    )
    with pytest.raises(IntegrityError, match="appointment_practitioner_excl"):
        await ruth.flush()
    await nested.rollback()
    assert await how_many(ruth) == 1


async def test_two_doctors_are_not_in_one_room_at_once(ruth, mara, tom, dr_okafor, dr_lindqvist, at):
    await scheduling.book(ruth, asked(dr_okafor, mara, at(14)))
    hours = await ruth.db.scalars(select(Availability).where(Availability.practitioner_id == dr_lindqvist.id))
    for hour in hours:
        hour.room = "Room 1"
    with pytest.raises(RoomTaken, match="The room is taken"):
        await scheduling.book(ruth, asked(dr_lindqvist, tom, at(14)))
    assert await how_many(ruth) == 1


async def test_a_teleconsultation_is_not_booked_before_it_can_be_held(ruth, mara, client):
    free = (await scheduling.free_slots(ruth))[0]
    draft = AppointmentDraft(
        practitioner_id=free.practitioner_id, patient_id=mara.id, starts=free.starts, kind=Kind.TELE
    )
    with pytest.raises(NoSuchVisits, match=r"cannot be held with Galen yet\. Book a visit in person"):
        await scheduling.book(ruth, draft)
    assert not await ruth.db.scalar(select(Appointment.id).where(Appointment.patient_id == mara.id))
    page = (await (await client("ruth", page=True)).get("/appointments/new")).text
    assert "Teleconsultation" not in page
