"""The queue's pages: live for staff, without a name in the waiting room."""

from sqlalchemy import text

from galen import queue
from galen.queue import CallDraft
from galen.queue.desk import arrivals, next_up, of_appointment, ticket
from galen.queue.desk import queue as queue_page
from galen.queue.display import display


async def walked_in(client, patient):
    desk = await client("ruth")
    answer = await desk.post("/api/v1/queue/walk-in", json={"patient_id": str(patient.id)})
    assert answer.status_code == 201, answer.text
    return desk, answer.json()


async def test_the_display_shows_numbers_and_rooms_to_anybody_and_no_name(client, mara, tom, ada):
    await walked_in(client, mara)
    await walked_in(client, tom)
    doctor = await client("ada")
    called = await doctor.post("/api/v1/queue/next", json={"room": "Room 9"})
    assert called.json()["status"] == "called"
    nobody = await client("", page=True)
    shown = await nobody.get(f"/display/north/{ada.here.id}")
    assert shown.status_code == 200
    assert "001" in shown.text and "Room 9" in shown.text and "002" in shown.text
    for name in ("Quill", "QUILL", "Mara", "Bright", "BRIGHT", "Tom", "M. Q."):
        assert name not in shown.text
    assert "/live?organization=north" in shown.text


async def test_the_display_says_only_two_things_of_each_number(client, mara, ada):
    await walked_in(client, mara)
    await (await client("ada")).post("/api/v1/queue/next", json={"room": "Room 9"})
    answer = await (await client()).get(f"/api/v1/display/north/{ada.here.id}")
    assert answer.json() == {"site": "Harbour Clinic", "called": [{"label": "001", "room": "Room 9"}], "waiting": []}


async def test_the_display_of_another_organisation_is_not_here(client, ada):
    answer = await (await client()).get(f"/api/v1/display/south/{ada.here.id}")
    assert answer.status_code == 404


async def test_nobody_reads_the_queue_itself_without_signing_in(client):
    assert (await (await client()).get("/api/v1/queue/today")).status_code == 401


async def test_nobody_stands_in_the_queue_twice(client, mara):
    desk, first = await walked_in(client, mara)
    again = await desk.post("/api/v1/queue/walk-in", json={"patient_id": str(mara.id)})
    assert (again.status_code, again.json()["code"]) == (409, "already_here")
    assert [token["id"] for token in (await desk.get("/api/v1/queue/today")).json()] == [first["id"]]


async def test_a_status_is_said_over_the_api(client, mara):
    _, token = await walked_in(client, mara)
    nurse = await client("nora")
    answer = await nurse.patch(f"/api/v1/queue/{token['id']}/status", json={"status": "left"})
    assert (answer.status_code, answer.json()["status"]) == (200, "left")
    assert (await nurse.patch(f"/api/v1/queue/{token['id']}/status", json={"status": "away"})).status_code == 422


async def test_checking_in_leads_to_the_slip_with_the_number_and_no_name(client, mara):
    desk = await client("ruth", page=True)
    answer = await desk.post("/queue/walk-in", data={"patient_id": str(mara.id)})
    assert answer.status_code == 303, answer.text
    slip = (await desk.get(answer.headers["location"])).text
    assert "001" in slip and "Harbour Clinic" in slip
    on_screen, _, paper = slip.partition('<article class="ticket">')
    assert "QUILL, Mara" in on_screen[on_screen.index('class="lead-in on-screen"') :]
    assert "QUILL" not in paper[: paper.index("</article>")]


async def test_calling_from_the_page_announces_it_to_every_screen(client, mara):
    await walked_in(client, mara)
    doctor = await client("ada", page=True)
    answer = await doctor.post("/queue/next", headers={"hx-request": "true", "hx-target": "div#queue"})
    assert (answer.status_code, answer.headers["hx-trigger"]) == (200, "token-called")
    assert "QUILL, Mara" in (await doctor.get("/queue")).text


async def test_the_page_sorts_people_by_what_is_to_be_done(ruth, ada, comes, mara, tom, lea):
    for patient in (mara, tom, lea):
        await comes(patient)
    await queue.call_next(ada, CallDraft())
    second = await queue.call_next(ada, CallDraft())
    await queue.enter_room(ada, second.id)
    await ada.flush()
    ruth.db.expire_all()
    shown = await queue_page(ruth)
    assert [len(part) for part in (shown.called, shown.in_room, shown.waiting, shown.skipped, shown.over)] == [
        1,
        1,
        1,
        0,
        0,
    ]


async def test_the_desk_sees_who_is_expected_and_how_late(ruth, at, comes, mara, tom, dr_okafor):
    from galen import scheduling

    draft = scheduling.AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=tom.id, starts=at(12))
    expected = await scheduling.book(ruth, draft)
    await comes(mara, dr_okafor, 14)
    ruth.now = at(12, 20)
    assert [(arrival.appointment.id, arrival.late) for arrival in await arrivals(ruth)] == [(expected.id, 20)]


async def test_the_doctor_sees_who_was_called_then_the_own_list_then_the_shared_one(
    ada, comes, mara, tom, lea, dr_okafor
):
    await comes(lea)
    await comes(tom, dr_okafor, 15)
    await comes(mara, dr_okafor, 14)
    await queue.call_next(ada, CallDraft())
    assert [line.token.patient_id for line in await next_up(ada)] == [mara.id, tom.id, lea.id]


async def test_the_slip_says_how_many_are_before(ruth, comes, mara, tom, lea, dr_okafor, dr_lindqvist):
    shared = await comes(mara)
    await comes(lea, dr_lindqvist, 13)
    booked = await comes(tom, dr_okafor, 14)
    assert (await ticket(ruth, booked.id)).ahead == 0  # the own list first; who waits for somebody else is not before
    assert (await ticket(ruth, shared.id)).ahead == 1  # each doctor has one of their own to call


async def test_the_slip_agrees_with_the_order_of_calls(ruth, ada, comes, mara, tom, lea, dr_okafor):
    slips = [await comes(mara), await comes(tom, dr_okafor, 15), await comes(lea, dr_okafor)]
    said = {slip.id: (await ticket(ruth, slip.id)).ahead for slip in slips}
    called = [(await queue.call_next(ada, CallDraft())).id for _ in slips]
    assert called == sorted(said, key=said.__getitem__)
    assert sorted(said.values()) == [0, 1, 2]


async def test_the_appointments_page_offers_the_check_in_on_its_day_only(ruth, mara, dr_okafor, at):
    from galen import scheduling

    made = []
    for day in (20, 23):
        draft = scheduling.AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=mara.id, starts=at(14, day=day))
        made.append(await scheduling.book(ruth, draft))
    assert [(await of_appointment(ruth, appointment.id)).today for appointment in made] == [True, False]


async def test_an_anonymous_context_sees_no_token_but_the_board(ada, comes, mara):
    from galen.core.actor import NOBODY
    from galen.queue.service import at_work

    await comes(mara)
    ada.actor = NOBODY
    assert list(await ada.db.scalars(at_work(ada))) == []
    assert (await display(ada, "north", ada.here.id)).waiting == ["001"]
    assert await ada.db.scalar(text("SELECT count(*) FROM token")) == 1
