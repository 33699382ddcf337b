"""At the desk a slip is taken back: a check-in, a call, somebody marked as gone."""

import re

import pytest
from sqlalchemy import select

from galen import queue, scheduling
from galen.core.finish import finish
from galen.core.undo import TooLateToUndo, UndoDraft
from galen.queue import CallDraft, CheckInDraft, Token, TokenStatus, WalkInDraft
from galen.queue.service import Gone
from galen.queue.undoing import place_of, undo, undo_check_in
from galen.scheduling import AppointmentDraft, AppointmentStatus

Status = TokenStatus


@pytest.fixture
def come(ruth, dr_okafor, at):
    """Booked for two o'clock, and checked in."""

    async def checked_in(patient):
        draft = AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=patient.id, starts=at(14))
        appointment = await scheduling.book(ruth, draft)
        await finish(ruth)
        token = await queue.check_in(ruth, CheckInDraft(appointment_id=appointment.id))
        await finish(ruth)
        return await ruth.get(Token, token.id), appointment

    return checked_in


def back(ctx) -> UndoDraft:
    return UndoDraft(before=ctx.flashed.before)


async def test_an_undone_check_in_leaves_no_token_and_the_appointment_booked(ruth, mara, come):
    token, appointment = await come(mara)
    assert (ruth.flashed.text, ruth.flashed.undo) == ("Number 001: waiting.", "queue.undo_check_in")
    await undo_check_in(ruth, token.id, back(ruth))
    await finish(ruth)
    assert (appointment.status, appointment.arrived_at) == (AppointmentStatus.BOOKED, None)
    assert await ruth.db.scalar(select(Token).where(Token.id == token.id)) is None
    again = await queue.check_in(ruth, CheckInDraft(appointment_id=appointment.id))
    assert again.number == 2  # a number is given to nobody else


async def test_who_left_by_a_slip_stands_where_they_stood(ruth, ada, mara, come):
    token, appointment = await come(mara)
    token_id, appointment_id = token.id, appointment.id
    called_id = (await queue.call_next(ada, CallDraft())).id
    await finish(ada)
    ruth.db.expire_all()
    token = await ruth.get(Token, token_id, lock=True)
    appointment = await scheduling.held(ruth, appointment_id)
    before, stood = place_of(token), scheduling.standing(appointment)
    await queue.leave(ruth, token.id)
    await finish(ruth)
    assert (token.status, called_id) == (Status.LEFT, token.id)
    await undo(ruth, token.id, back(ruth))
    await finish(ruth)
    assert place_of(token) == before
    assert scheduling.standing(await scheduling.held(ruth, appointment.id)) == stood


async def test_an_undone_call_from_the_shared_list_is_shared_again(ruth, ada, mara, dr_okafor):
    await queue.walk_in(ruth, WalkInDraft(patient_id=mara.id))
    await finish(ruth)
    called = await queue.call_next(ada, CallDraft(room="Room 9"))
    await finish(ada)
    assert (called.practitioner_id, called.calls) == (dr_okafor.id, 1)
    await undo(ada, called.id, back(ada))
    await finish(ada)
    assert (called.status, called.practitioner_id, called.room, called.calls) == (Status.WAITING, None, "", 0)


async def test_who_is_gone_is_neither_called_nor_skipped(ruth, ada, mara):
    token = await queue.walk_in(ruth, WalkInDraft(patient_id=mara.id))
    await finish(ruth)
    await queue.leave(ruth, token.id)
    await finish(ruth)
    for verb in (queue.recall, queue.skip):
        with pytest.raises(Gone):
            await verb(ada, token.id)


async def test_nothing_is_undone_twice(ruth, mara):
    token = await queue.walk_in(ruth, WalkInDraft(patient_id=mara.id))
    await finish(ruth)
    await queue.leave(ruth, token.id)
    await finish(ruth)
    draft = back(ruth)
    await undo(ruth, token.id, draft)
    await finish(ruth)
    with pytest.raises(TooLateToUndo):
        await undo(ruth, token.id, draft)


async def test_left_on_the_page_speaks_and_is_undone_on_the_page(client, mara):
    desk = await client("ruth", page=True)
    await desk.post("/queue/walk-in", data={"patient_id": str(mara.id)})
    page = (await desk.get("/queue")).text
    path = re.search(r'hx-put="(/queue/[^"]+)/departure"', page)[1]
    htmx = {"hx-request": "true", "hx-target": "queue"}
    left = await desk.put(f"{path}/departure", headers=htmx)
    assert "<span>Number 001: left.</span>" in left.text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', left.text))
    undone = await desk.post(f"{path}/reversal", data=fields, headers=htmx)
    assert (undone.status_code, undone.headers.get("hx-refresh")) == (200, "true")
    assert "Undone: number 001 is waiting again." in (await desk.get("/queue")).text
