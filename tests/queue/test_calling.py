"""Calling: one's own list first, then the shared one; and everything that can come of a call."""

from datetime import timedelta

import pytest

from galen import queue, scheduling
from galen.core.errors import Forbidden
from galen.core.state import CannotBecome
from galen.queue import CallDraft, TokenStatus
from galen.queue.schemas import StatusDraft
from galen.queue.service import NobodyWaits, set_status, today, waiting
from galen.scheduling import Appointment, AppointmentStatus

Status = TokenStatus
NEXT = CallDraft()


async def test_the_next_patient_is_called_into_the_doctors_room(ada, comes, mara, dr_okafor):
    await comes(mara, dr_okafor, 14)
    token = await queue.call_next(ada, NEXT)
    assert (token.patient_id, token.status, token.room, token.called_at) == (mara.id, Status.CALLED, "Room 1", ada.now)


async def test_the_own_list_comes_before_the_shared_one(ada, comes, mara, tom, dr_okafor):
    await comes(tom)
    await comes(mara, dr_okafor, 14)
    assert [(await queue.call_next(ada, NEXT)).patient_id for _ in range(2)] == [mara.id, tom.id]


async def test_who_is_called_from_the_shared_list_is_then_that_doctors_patient(ada, comes, tom, dr_okafor):
    await comes(tom)
    assert (await queue.call_next(ada, NEXT)).practitioner_id == dr_okafor.id


async def test_nobody_is_called_from_a_colleagues_list(eve, comes, mara, dr_okafor):
    token = await comes(mara, dr_okafor, 14)
    with pytest.raises(NobodyWaits, match="Nobody is waiting"):
        await queue.call_next(eve, NEXT)
    assert token.status is Status.WAITING


async def test_booked_patients_come_at_their_time_and_walk_ins_between_them(
    ruth, ada, comes, mara, tom, lea, dr_okafor
):
    await comes(mara, dr_okafor, 14)
    ruth.now = ada.now = ruth.now + timedelta(hours=1)  # 12:30
    await comes(tom, dr_okafor)
    await comes(lea, dr_okafor, 13)
    assert [(await queue.call_next(ada, NEXT)).patient_id for _ in range(3)] == [tom.id, lea.id, mara.id]


async def test_who_comes_late_waits_from_their_arrival(ruth, ada, at, comes, mara, tom, dr_okafor):
    ruth.now = ada.now = at(14)
    await comes(tom, dr_okafor)
    draft = scheduling.AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=mara.id, starts=at(14))
    booked = await scheduling.book(ruth, draft)
    ruth.now = at(14, 20)
    late = await queue.check_in(ruth, queue.CheckInDraft(appointment_id=booked.id))
    assert late.due == at(14, 20)
    assert (await queue.call_next(ada, NEXT)).patient_id == tom.id


async def test_a_nurse_calls_for_a_doctor_into_a_room_she_names(nora, comes, mara, dr_okafor):
    await comes(mara, dr_okafor, 14)
    token = await queue.call_next(nora, CallDraft(practitioner_id=dr_okafor.id, room="Treatment"))
    assert (token.patient_id, token.room) == (mara.id, "Treatment")


async def test_a_nurse_who_names_nobody_calls_from_the_shared_list(nora, comes, mara, tom, dr_okafor):
    await comes(mara, dr_okafor, 14)
    await comes(tom)
    assert (await queue.call_next(nora, NEXT)).patient_id == tom.id
    with pytest.raises(NobodyWaits):
        await queue.call_next(nora, NEXT)


async def test_yesterdays_queue_is_over(ada, comes, mara):
    await comes(mara)
    ada.now += timedelta(days=1)
    with pytest.raises(NobodyWaits):
        await queue.call_next(ada, NEXT)


async def test_the_desk_does_not_call(ruth, comes, mara):
    token = await comes(mara)
    with pytest.raises(Forbidden):
        await queue.call_next(ruth, NEXT)
    assert token.status is Status.WAITING


async def test_a_call_is_repeated_and_counted(ada, comes, mara):
    token = await comes(mara)
    await queue.call_next(ada, NEXT)
    again = await queue.recall(ada, token.id)
    assert (again.status, again.calls) == (Status.CALLED, 2)


async def test_an_undone_call_keeps_the_place(ada, comes, mara, tom):
    first = await comes(mara)
    await comes(tom)
    await queue.call_next(ada, NEXT)
    undone = await queue.undo_call(ada, first.id)
    assert (undone.status, undone.room) == (Status.WAITING, "")
    assert (await queue.call_next(ada, NEXT)).id == first.id


async def test_who_is_skipped_is_called_again_later(ada, comes, mara, tom):
    first = await comes(mara)
    await comes(tom)
    await queue.call_next(ada, NEXT)
    await queue.skip(ada, first.id)
    assert (await queue.call_next(ada, NEXT)).patient_id == tom.id
    assert (await queue.recall(ada, first.id)).status is Status.CALLED


async def test_only_someone_who_was_called_can_be_skipped(ada, comes, mara):
    token = await comes(mara)
    with pytest.raises(CannotBecome):
        await queue.skip(ada, token.id)
    assert token.status is Status.WAITING


async def test_who_does_not_answer_has_missed_the_appointment(ada, comes, mara, dr_okafor):
    token = await comes(mara, dr_okafor, 14)
    await queue.call_next(ada, NEXT)
    gone = await queue.no_show(ada, token.id)
    appointment = await ada.get(Appointment, token.appointment_id)
    assert (gone.status, gone.ended_at, appointment.status) == (Status.NO_SHOW, ada.now, AppointmentStatus.NO_SHOW)


async def test_who_leaves_before_being_seen_has_left(ruth, comes, mara, dr_okafor):
    token = await comes(mara, dr_okafor, 14)
    await queue.leave(ruth, token.id)
    appointment = await ruth.get(Appointment, token.appointment_id)
    assert (token.status, appointment.status) == (Status.LEFT, AppointmentStatus.LEFT)


async def test_who_was_called_gone_and_is_back_waits_again(ada, comes, mara, dr_okafor):
    token = await comes(mara, dr_okafor, 14)
    await queue.call_next(ada, NEXT)
    await queue.no_show(ada, token.id)
    await queue.undo_call(ada, token.id)
    appointment = await ada.get(Appointment, token.appointment_id)
    assert (token.status, appointment.status) == (Status.WAITING, AppointmentStatus.ARRIVED)


async def test_a_patient_in_the_room_is_seen_and_done(ada, comes, mara, dr_okafor):
    token = await comes(mara, dr_okafor, 14)
    await queue.call_next(ada, NEXT)
    entered = await queue.enter_room(ada, token.id)
    assert (entered.status, entered.entered_at) == (Status.IN_ROOM, ada.now)
    done = await queue.finish(ada, token.id)
    appointment = await ada.get(Appointment, token.appointment_id)
    assert (done.status, done.ended_at, appointment.status) == (Status.DONE, ada.now, AppointmentStatus.COMPLETED)


async def test_what_is_done_stays_done(ada, comes, mara):
    token = await queue.finish(ada, (await comes(mara)).id)
    for verb in (queue.recall, queue.undo_call, queue.skip):
        with pytest.raises(CannotBecome):
            await verb(ada, token.id)
    assert token.status is Status.DONE


@pytest.mark.parametrize("word, status", [("called", Status.CALLED), ("left", Status.LEFT), ("done", Status.DONE)])
async def test_clients_say_what_happened_in_one_word(nora, comes, mara, word, status):
    token = await comes(mara)
    assert (await set_status(nora, token.id, StatusDraft(status=word))).status is status


async def test_a_word_needs_the_permission_of_its_verb(ruth, comes, mara):
    token = await comes(mara)
    with pytest.raises(Forbidden):
        await set_status(ruth, token.id, StatusDraft(status="called"))
    assert token.status is Status.WAITING


async def test_the_queue_is_read_in_the_order_of_turns(ruth, comes, mara, tom, lea, dr_okafor):
    for patient, hour in ((mara, 15), (tom, 14)):
        await comes(patient, dr_okafor, hour)
    await comes(lea)
    assert [token.patient_id for token in await today(ruth)] == [tom.id, mara.id, lea.id]


async def test_the_count_is_of_those_one_may_call(ruth, ada, eve, comes, mara, tom, dr_okafor):
    await comes(mara, dr_okafor, 14)
    await comes(tom)
    assert [await waiting(ctx) for ctx in (ruth, ada, eve)] == [2, 2, 1]
