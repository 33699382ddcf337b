"""Hours that go on past midnight, and visits that take several slots."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from galen import scheduling
from galen.core.finish import finish
from galen.core.undo import UndoDraft
from galen.scheduling import AppointmentDraft, MoveDraft, SlotsDraft
from galen.scheduling.booking import NotOffered, SlotTaken, TooLongHere
from galen.scheduling.booking_form import new_appointment
from galen.scheduling.calendar import calendar
from galen.scheduling.schemas import LeaveDraft
from galen.scheduling.undoing import undo

SATURDAY = date(2026, 11, 28)  # on which Ada has no other hours, nor on the Sunday after
SUNDAY = SATURDAY + timedelta(days=1)
SYDNEY = ZoneInfo("Australia/Sydney")


@pytest.fixture
def hours(max, dr_okafor):
    async def offered(start, end, minutes=30, days=(SATURDAY,)):
        draft = SlotsDraft(
            practitioner_id=dr_okafor.id,
            site_id=max.here.id,
            days=list(days),
            start=start,
            end=end,
            minutes=minutes,
        )
        await scheduling.add_slots(max, draft)
        await max.flush()

    return offered


async def times(ctx, doctor, day) -> list[str]:
    found = await scheduling.free_slots(ctx, day, doctor.id)
    assert {slot.day for slot in found} <= {day}
    return [f"{slot.starts.astimezone(SYDNEY):%H:%M}" for slot in found]


@pytest.mark.parametrize(
    "start, end, first_day, second_day",
    [
        (time(22), time(2), ["22:00", "22:30", "23:00", "23:30"], ["00:00", "00:30", "01:00", "01:30"]),
        (time(22), time(0), ["22:00", "22:30", "23:00", "23:30"], []),
        (time(23, 45), time(0, 45), ["23:45"], ["00:15"]),
        (time(23), time(0, 30), ["23:00", "23:30"], ["00:00"]),
    ],
)
async def test_what_comes_after_midnight_is_offered_on_its_own_day(
    ruth, dr_okafor, hours, start, end, first_day, second_day
):
    await hours(start, end)
    assert (await times(ruth, dr_okafor, SATURDAY), await times(ruth, dr_okafor, SUNDAY)) == (first_day, second_day)
    both = await scheduling.free_slots(ruth, SATURDAY, dr_okafor.id, days=2)
    assert len(both) == len({slot.starts for slot in both}) == len(first_day) + len(second_day)


async def test_a_place_that_never_closes_offers_every_hour_once(ruth, dr_okafor, hours):
    await hours(time(8), time(8), minutes=60, days=(SATURDAY, SUNDAY))
    assert [len(await times(ruth, dr_okafor, SATURDAY + timedelta(days=n))) for n in range(3)][:2] == [16, 24]


async def test_the_calendar_and_the_booking_page_agree_with_the_slots(ruth, dr_okafor, hours):
    await hours(time(22), time(2))
    for day in (SATURDAY, SUNDAY):
        wanted = await times(ruth, dr_okafor, day)
        shown = await calendar(ruth, day, practitioner_id=dr_okafor.id)
        free = sorted(block.starts for block in shown.slots.values() if block.free)
        assert [f"{at.astimezone(SYDNEY):%H:%M}" for at in free] == wanted
        form = await new_appointment(ruth, dr_okafor.id, day=day)
        assert [f"{offer.slot.starts.astimezone(SYDNEY):%H:%M}" for offer in form.offers] == wanted


async def test_hours_after_midnight_that_meet_those_of_the_next_day_offer_no_time_twice(ruth, dr_okafor, hours):
    await hours(time(22), time(2))
    await hours(time(0, 15), time(3), days=(SUNDAY,))
    assert await times(ruth, dr_okafor, SUNDAY) == ["00:00", "00:30", "01:00", "01:30", "02:15"]


async def test_a_slot_after_midnight_is_booked(ruth, mara, dr_okafor, hours):
    await hours(time(22), time(2))
    at = datetime(2026, 11, 29, 0, 30, tzinfo=SYDNEY)
    made = await scheduling.book(ruth, AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=mara.id, starts=at))
    assert made.starts == at
    assert "00:30" not in await times(ruth, dr_okafor, SUNDAY)


def asked(doctor, patient, at, **more):
    return AppointmentDraft(practitioner_id=doctor.id, patient_id=patient.id, starts=at, **more)


@pytest.mark.parametrize("minutes", [10, 30, 45, 60, 480])
async def test_a_visit_may_take_several_free_slots(ruth, mara, tom, dr_okafor, at, minutes):
    """On the grid of a quarter of an hour, from nine to five."""
    made = await scheduling.book(ruth, asked(dr_okafor, mara, at(9, day=23), minutes=minutes))
    await finish(ruth)
    assert (made.ends - made.starts, made.overbooked, made.room) == (timedelta(minutes=minutes), False, "Room 1")
    with pytest.raises(SlotTaken):
        await scheduling.book(ruth, asked(dr_okafor, tom, at(9, day=23)))
    free = await scheduling.free_slots(ruth, date(2026, 11, 23), dr_okafor.id)
    assert not any(slot.span.meets(made.span) for slot in free)


@pytest.mark.parametrize("start, minutes", [(9, 15), (9, 30), (8, 45)])
async def test_the_second_that_overlaps_is_refused(ruth, mara, tom, dr_okafor, at, start, minutes):
    await scheduling.book(ruth, asked(dr_okafor, mara, at(9, day=23), minutes=45))
    await finish(ruth)
    with pytest.raises((SlotTaken, NotOffered)):
        await scheduling.book(ruth, asked(dr_okafor, tom, at(start, minutes, day=23), minutes=30))


async def test_a_long_visit_ends_with_the_hours_and_before_leave(ruth, max, mara, tom, dr_okafor, at):
    with pytest.raises(TooLongHere, match="is not free for 45 minutes from then on"):
        await scheduling.book(ruth, asked(dr_okafor, mara, at(16, 30, day=23), minutes=45))
    leave = LeaveDraft(starts=at(11, day=23), ends=at(12, day=23))
    await scheduling.add_leave(max, dr_okafor.id, leave)
    await max.flush()
    with pytest.raises(TooLongHere):
        await scheduling.book(ruth, asked(dr_okafor, mara, at(10, 45, day=23), minutes=30))
    assert (await scheduling.book(ruth, asked(dr_okafor, mara, at(10, 30, day=23), minutes=30))).ends == at(11, day=23)


async def test_a_long_visit_goes_on_from_one_stretch_of_hours_into_the_next(ruth, mara, dr_okafor, hours):
    await hours(time(9), time(12))
    await hours(time(12), time(14), minutes=20)
    at = datetime(2026, 11, 28, 11, 30, tzinfo=SYDNEY)
    assert (await scheduling.book(ruth, asked(dr_okafor, mara, at, minutes=60))).ends == at + timedelta(hours=1)


async def test_a_moved_long_visit_keeps_its_length_and_comes_back_by_undo(ruth, mara, dr_okafor, at):
    made = await scheduling.book(ruth, asked(dr_okafor, mara, at(9, day=23), minutes=45))
    await finish(ruth)
    moved = await scheduling.reschedule(ruth, made.id, MoveDraft(starts=at(11, day=23)))
    assert (moved.starts, moved.ends) == (at(11, day=23), at(11, 45, day=23))
    await finish(ruth)
    back = await undo(ruth, made.id, UndoDraft(before=ruth.flashed.before))
    assert (back.starts, back.ends) == (at(9, day=23), at(9, 45, day=23))


async def test_the_booking_page_opens_on_the_next_free_time(ruth, mara, dr_okafor, dr_lindqvist, at):
    form = await new_appointment(ruth)
    assert (form.starts, form.offers[0].next, form.beside) == (form.offers[0].slot.starts, True, False)
    first = min(slot.starts for slot in await scheduling.free_slots(ruth, days=7, site_id=ruth.here.id))
    assert form.starts == first
    full = await new_appointment(ruth, dr_okafor.id, day=SATURDAY)
    assert (full.asked, full.day) == (SATURDAY, date(2026, 11, 30))
    assert full.offers[0].words.startswith("Next free: Mon, 30 Nov")


async def test_rows_are_as_tall_as_their_time_is_long(ruth, mara, dr_okafor, hours):
    await hours(time(9), time(9, 30), minutes=5)
    await hours(time(10), time(11), minutes=15)
    shown = await calendar(ruth, SATURDAY, practitioner_id=dr_okafor.id)
    tall = {row.label: row.fives for row in shown.times}
    assert (tall["09:00"], tall["09:30"], tall["10:00"]) == (1, 6, 3)


async def test_the_calendar_marks_the_row_of_now(ruth, dr_okafor, at):
    shown = await calendar(ruth)
    assert [row.label for row in shown.times if row.now] == ["11:30"]
    assert not any(row.now for row in (await calendar(ruth, SATURDAY)).times)
