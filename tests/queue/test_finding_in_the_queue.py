"""The queue's page at a crowded hour: by words, doctor, room and state; how many of how many; sorted by any column."""

import re

import pytest

from galen import queue
from galen.patients import PatientDraft, register
from galen.queue import CallDraft
from galen.queue.desk import ROOM, SHARED
from galen.queue.desk import queue as queue_page
from galen.scheduling import AppointmentDraft, book


@pytest.fixture
async def crowd(ruth, ada, comes, mara, tom, lea, dr_okafor, at):
    """Mara booked for a cough and Tom walks in, for Ada; Lea and a long name for whoever is free; Tom was called."""
    draft = AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=mara.id, starts=at(14), reason="Dry cough")
    await queue.check_in(ruth, queue.CheckInDraft(appointment_id=(await book(ruth, draft)).id))
    await comes(tom, dr_okafor)
    await comes(lea)
    long = await register(ruth, PatientDraft(family="Ó Súilleabháin-Featherstone", given="Íde", anyway=True))
    await comes(long)
    await queue.call_chosen(ada, (await queue.today(ruth))[0].id, CallDraft(room="Bay 2"))
    await ada.flush()
    ruth.db.expire_all()
    return ruth


def shown(page) -> list[str]:
    return [row.token.label for row in page.called + page.waiting]


@pytest.mark.parametrize(
    "q, labels",
    [
        ("", ["002", "001", "003", "004"]),
        ("quill", ["001"]),
        ("QUILL, mara", ["001"]),
        ("3", ["003"]),
        ("003", ["003"]),
        ("03", ["003"]),
        ("cough", ["001"]),
        ("featherstone", ["004"]),
        ("o sui", ["004"]),
        ("suilleabhain-feather", ["004"]),
        ("ide", ["004"]),
        ("nobody", []),
        ("%", ["002", "001", "003", "004"]),
        ("5", []),
    ],
)
async def test_people_are_found_by_any_part_of_a_name_by_number_or_reason(crowd, q, labels):
    page = await queue_page(crowd, q=q)
    assert (shown(page), page.count) == (labels, 4)


async def test_of_one_doctor_of_nobody_in_particular_or_in_a_room(crowd):
    lists = {name: who for who, name in (await queue_page(crowd)).lists}
    assert lists["whoever is free"] == SHARED and lists["Bay 2"] == ROOM + "Bay 2"
    for name, labels in (("Dr Ada Okafor", ["002", "001"]), ("whoever is free", ["003", "004"]), ("Bay 2", ["002"])):
        page = await queue_page(crowd, who=lists[name])
        assert (shown(page), page.shown, page.count) == (labels, len(labels), 4)


@pytest.mark.parametrize("state, labels", [("waiting", ["001", "003", "004"]), ("called", ["002"]), ("in_room", [])])
async def test_of_one_state(crowd, state, labels):
    assert shown(await queue_page(crowd, state=state)) == labels


async def test_why_somebody_comes_and_when_they_were_to_come_stand_beside_them(crowd, at):
    row = next(row for row in (await queue_page(crowd)).waiting if row.token.label == "001")
    assert (row.reason, row.booked_at) == ("Dry cough", at(14))


async def test_a_colleagues_booking_says_nothing_to_a_doctor_who_may_not_open_it(crowd, eve):
    row = next(row for row in (await queue_page(eve)).waiting if row.token.label == "001")
    assert (row.reason, row.booked_at, row.callable) == ("", None, False)


async def test_the_page_counts_sorts_and_keeps_what_is_asked(client, mara, tom):
    desk = await client("ruth", page=True)
    for patient in (tom, mara):
        assert (await desk.post("/queue/walk-in", data={"patient_id": str(patient.id)})).status_code == 303

    def names(page: str) -> list[str]:
        return re.findall(r"<bdi>(BRIGHT|QUILL), ", page)

    page = (await desk.get("/queue")).text
    assert "2 people are here" in page and names(page) == ["BRIGHT", "QUILL"]
    up = (await desk.get("/queue?sort=token.patient.name&who=shared")).text
    down = (await desk.get("/queue?sort=-token.patient.name")).text
    assert (names(up), names(down)) == (["BRIGHT", "QUILL"], ["QUILL", "BRIGHT"])
    assert 'aria-sort="ascending"' in up and 'aria-sort="descending"' in down
    assert "?who=shared&amp;sort=-token.patient.name" in up
    assert "2 of 2" in up
    typed = (await desk.get("/queue", headers={"x-typed": "quill"})).text
    assert names(typed) == ["QUILL"] and "1 of 2" in typed
    assert "q=quill" not in typed  # what is typed is often a name: no address holds it
    assert "Nobody here fits the filter" in (await desk.get("/queue", headers={"x-typed": "zzz"})).text
