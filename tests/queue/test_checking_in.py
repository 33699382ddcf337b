"""Checking in: a number for everyone who comes, counted per site and local day."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from galen import organizations, queue, scheduling
from galen.core.errors import Forbidden, NotFound
from galen.core.state import CannotBecome
from galen.patients import Patient
from galen.queue import CheckInDraft, Token, TokenStatus, WalkInDraft
from galen.queue.service import AlreadyCheckedIn, NotToday, OtherSite, RecordClosed
from galen.scheduling import AppointmentCancelDraft, AppointmentDraft, AppointmentStatus


async def how_many(ctx):
    return await ctx.db.scalar(select(func.count(Token.id)))


async def booked(ruth, doctor, patient, starts):
    draft = AppointmentDraft(practitioner_id=doctor.id, patient_id=patient.id, starts=starts)
    return await scheduling.book(ruth, draft)


async def test_an_appointment_is_checked_in_with_number_one(ruth, mara, dr_okafor, at):
    appointment = await booked(ruth, dr_okafor, mara, at(14))
    token = await queue.check_in(ruth, CheckInDraft(appointment_id=appointment.id))
    assert (token.number, token.label, token.day) == (1, "001", date(2026, 11, 20))
    assert (token.patient_id, token.practitioner_id, token.status) == (mara.id, dr_okafor.id, TokenStatus.WAITING)
    assert (appointment.status, appointment.arrived_at) == (AppointmentStatus.ARRIVED, ruth.now)


async def test_numbers_follow_each_other_whoever_comes(comes, mara, tom, dr_okafor):
    assert [(await comes(mara)).number, (await comes(tom, dr_okafor, 14)).number] == [1, 2]


async def test_a_number_is_not_given_again_after_its_patient_has_left(ruth, comes, mara, tom):
    first = await comes(mara)
    await queue.leave(ruth, first.id)
    assert (await comes(tom)).number == 2


async def test_numbers_begin_again_the_next_local_day_not_at_midnight_in_greenwich(ruth, comes, mara, tom, lea):
    await comes(mara)
    ruth.now = datetime(2026, 11, 20, 12, 59, tzinfo=UTC)  # 23:59 in Sydney
    assert (await comes(tom)).number == 2
    ruth.now = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)  # midnight there
    token = await comes(lea)
    assert (token.number, token.day) == (1, date(2026, 11, 21))


async def test_each_site_counts_for_itself(ruth, system, comes, mara, tom):
    await comes(mara)
    pharmacy = next(site for site in await organizations.sites(system) if site.name == "Harbour Pharmacy")
    ruth.site = pharmacy.info
    assert (await comes(tom)).number == 1


async def test_the_same_appointment_is_not_checked_in_twice(ruth, comes, mara, dr_okafor):
    token = await comes(mara, dr_okafor, 14)
    with pytest.raises(AlreadyCheckedIn):
        await queue.check_in(ruth, CheckInDraft(appointment_id=token.appointment_id))
    assert await how_many(ruth) == 1


async def test_an_appointment_of_another_day_is_not_checked_in(ruth, mara, dr_okafor, at):
    appointment = await booked(ruth, dr_okafor, mara, at(14, day=23))
    with pytest.raises(NotToday, match="This appointment is on 23 Nov 2026, not today"):
        await queue.check_in(ruth, CheckInDraft(appointment_id=appointment.id))
    assert await how_many(ruth) == 0


async def test_an_appointment_at_another_site_is_not_checked_in_here(ruth, system, mara, dr_okafor, at):
    appointment = await booked(ruth, dr_okafor, mara, at(14))
    pharmacy = next(site for site in await organizations.sites(system) if site.name == "Harbour Pharmacy")
    ruth.site = pharmacy.info
    with pytest.raises(OtherSite, match="This appointment is at Harbour Clinic"):
        await queue.check_in(ruth, CheckInDraft(appointment_id=appointment.id))
    assert await how_many(ruth) == 0


async def test_a_cancelled_appointment_is_not_checked_in(ruth, mara, dr_okafor, at):
    appointment = await booked(ruth, dr_okafor, mara, at(14))
    await scheduling.cancel(ruth, appointment.id, AppointmentCancelDraft(reason="Better now"))
    with pytest.raises(CannotBecome):
        await queue.check_in(ruth, CheckInDraft(appointment_id=appointment.id))
    assert (await how_many(ruth), appointment.status) == (0, AppointmentStatus.CANCELLED)


async def test_who_comes_back_keeps_the_number(ruth, comes, mara, dr_okafor):
    token = await comes(mara, dr_okafor, 14)
    await queue.leave(ruth, token.id)
    back = await queue.check_in(ruth, CheckInDraft(appointment_id=token.appointment_id))
    assert (back.id, back.number, back.status) == (token.id, 1, TokenStatus.WAITING)


async def test_a_walk_in_waits_for_whoever_is_free_or_for_one_doctor(comes, mara, tom, dr_okafor):
    assert (await comes(mara)).practitioner_id is None
    assert (await comes(tom, dr_okafor)).practitioner_id == dr_okafor.id


async def test_a_walk_in_nobody_knows_is_refused(ruth):
    with pytest.raises(NotFound, match="There is no such patient here"):
        await queue.walk_in(ruth, WalkInDraft(patient_id=uuid4()))
    assert await how_many(ruth) == 0


async def test_a_closed_record_is_not_checked_in(ruth, mara):
    (await ruth.get(Patient, mara.id)).archived_at = ruth.now
    with pytest.raises(RecordClosed):
        await queue.walk_in(ruth, WalkInDraft(patient_id=mara.id))
    assert await how_many(ruth) == 0


async def test_a_doctor_does_not_do_the_desks_work(ada, mara):
    with pytest.raises(Forbidden):
        await queue.walk_in(ada, WalkInDraft(patient_id=mara.id))
    assert await how_many(ada) == 0
