"""Calling this one: whoever's turn it is, under the rules, the places and the way back of calling the next."""

import pytest
from sqlalchemy import select

from galen import queue
from galen.core.errors import Forbidden, NotFound
from galen.core.finish import finish
from galen.core.undo import UndoDraft
from galen.queue import CallDraft, TokenStatus
from galen.queue.service import CalledAlready, WaitsForAnother, own_place
from galen.queue.undoing import undo
from galen.scheduling import Availability

ANY = CallDraft()


@pytest.fixture
def without_rooms(ruth):
    """Nobody's hours name a room."""

    async def cleared():
        for hours in await ruth.db.scalars(select(Availability)):
            hours.room = ""
        await ruth.flush()

    return cleared


async def test_who_came_last_is_called_before_the_others(ada, comes, mara, tom, lea):
    await comes(mara)
    await comes(tom)
    last = await comes(lea)
    called = await queue.call_chosen(ada, last.id, ANY)
    assert (called.patient_id, called.status, called.room, called.calls) == (lea.id, TokenStatus.CALLED, "Room 1", 1)


async def test_who_is_chosen_from_the_shared_list_is_then_that_doctors_patient(ada, comes, tom, dr_okafor):
    token = await comes(tom)
    assert (await queue.call_chosen(ada, token.id, ANY)).practitioner_id == dr_okafor.id


async def test_a_doctor_chooses_nobody_of_a_colleagues_list(eve, comes, mara, dr_okafor):
    token = await comes(mara, dr_okafor)
    with pytest.raises(WaitsForAnother, match="Number 001 waits for Dr Ada Okafor"):
        await queue.call_chosen(eve, token.id, ANY)
    assert (token.status, token.calls) == (TokenStatus.WAITING, 0)


async def test_a_doctor_who_names_the_colleague_calls_for_them(eve, comes, mara, dr_okafor):
    token = await comes(mara, dr_okafor)
    called = await queue.call_chosen(eve, token.id, CallDraft(practitioner_id=dr_okafor.id))
    assert (called.practitioner_id, called.room) == (dr_okafor.id, "Room 1")


async def test_a_nurse_chooses_from_every_list(nora, comes, mara, tom, dr_okafor):
    for token in (await comes(mara, dr_okafor), await comes(tom)):
        assert (await queue.call_chosen(nora, token.id, ANY)).status is TokenStatus.CALLED


@pytest.mark.parametrize("then", ["call_chosen", "leave", "finish"])
async def test_who_is_not_waiting_any_more_is_not_called(ada, nora, comes, mara, then):
    token = await comes(mara)
    await (
        queue.call_chosen(nora, token.id, CallDraft(room="Bay 2"))
        if then == "call_chosen"
        else getattr(queue, then)(nora, token.id)
    )
    stood = (token.status, token.room, token.calls)
    with pytest.raises(CalledAlready, match=r"Number 001 is not waiting any more: .*Nobody was called"):
        await queue.call_chosen(ada, token.id, ANY)
    assert (token.status, token.room, token.calls) == stood


async def test_the_refusal_says_where_they_were_called_to(ada, nora, comes, mara):
    token = await comes(mara)
    await queue.call_chosen(nora, token.id, CallDraft(room="Bay 2"))
    with pytest.raises(CalledAlready, match="not waiting any more: called, Bay 2"):
        await queue.call_chosen(ada, token.id, ANY)


async def test_the_desk_chooses_nobody(ruth, comes, mara):
    token = await comes(mara)
    with pytest.raises(Forbidden):
        await queue.call_chosen(ruth, token.id, ANY)
    assert token.status is TokenStatus.WAITING


async def test_yesterdays_numbers_are_not_called(ada, comes, mara):
    token = await comes(mara)
    ada.now = ada.now.replace(day=21)
    with pytest.raises(NotFound):
        await queue.call_chosen(ada, token.id, ANY)


async def test_a_chosen_call_that_was_a_slip_is_undone(ada, comes, mara):
    token = await comes(mara)
    await finish(ada)
    await queue.call_chosen(ada, token.id, ANY)
    assert (ada.flashed.text, ada.flashed.undo) == ("Number 001: called, Room 1.", "queue.undo")
    before = ada.flashed.before
    await finish(ada)
    undone = await undo(ada, token.id, UndoDraft(before=before))
    assert (undone.status, undone.room, undone.calls, undone.practitioner_id, undone.called_by) == (
        TokenStatus.WAITING, "", 0, None, None,
    )  # fmt: skip


async def test_calling_again_somebody_who_still_waits_is_a_first_call(nora, comes, mara):
    token = await comes(mara)
    assert (await queue.recall(nora, token.id)).calls == 1


async def test_everybody_is_called_to_some_place(nora, eve, comes, mara, tom, without_rooms):
    await without_rooms()
    first, second = await comes(mara), await comes(tom)
    assert (await queue.call_chosen(nora, first.id, ANY)).room == "Nurse"
    assert (await queue.call_chosen(eve, second.id, ANY)).room == "Doctor"


async def test_a_nurse_calls_to_where_she_called_before(nora, comes, mara, tom, lea, without_rooms):
    await without_rooms()
    assert await own_place(nora) == ""
    for patient, room in ((mara, "Bay 2"), (tom, "")):
        called = await queue.call_chosen(nora, (await comes(patient)).id, CallDraft(room=room))
        assert called.room == "Bay 2"
    assert await own_place(nora) == "Bay 2"
    await comes(lea)
    assert (await queue.call_next(nora, ANY)).room == "Bay 2"


async def test_the_page_of_whoever_was_slower_says_so(client, mara):
    desk = await client("ruth")
    token = (await desk.post("/api/v1/queue/walk-in", json={"patient_id": str(mara.id)})).json()
    ada, nora = [await client(name, page=True) for name in ("ada", "nora")]
    first = await ada.post(f"/queue/{token['id']}/call", data={"room": "Bay 2"}, headers={"hx-request": "true"})
    assert (first.status_code, first.headers["hx-trigger"]) == (200, "token-called")
    second = await nora.post(f"/queue/{token['id']}/call", headers={"hx-request": "true"})
    assert second.status_code == 409
    assert "Number 001 is not waiting any more: called, Bay 2. Nobody was called; choose somebody else." in second.text
