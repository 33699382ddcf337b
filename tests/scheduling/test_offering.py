"""Free slots: what patterns offer, less leave, bookings and the past, on the clock of the site."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from pydantic import ValidationError

from galen import organizations, scheduling
from galen.core.errors import Forbidden, Invalid, NotFound
from galen.scheduling import AppointmentDraft, Kind, LeaveDraft, SlotsDraft
from galen.scheduling.roster import (
    add_leave,
    availabilities,
    edit_practitioner,
    leaves,
    practitioner,
    remove_availability,
)
from galen.scheduling.schemas import PractitionerChange

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


def walls(ctx, slots):
    return [f"{slot.starts.astimezone(ctx.zone):%H:%M}" for slot in slots]


async def test_a_whole_day_of_one_doctor(ruth, dr_okafor):
    found = walls(ruth, await scheduling.free_slots(ruth, MONDAY, dr_okafor.id))
    assert (len(found), found[0], found[1], found[-1]) == (32, "09:00", "09:15", "16:45")


async def test_the_pause_after_a_slot_is_not_offered(ruth, dr_lindqvist):
    found = await scheduling.free_slots(ruth, MONDAY, dr_lindqvist.id)
    assert walls(ruth, found)[:3] == ["09:00", "09:30", "10:00"]
    assert {slot.span.length for slot in found} == {timedelta(minutes=25)}


async def test_today_only_what_is_still_to_come(ruth, dr_okafor):
    assert walls(ruth, await scheduling.free_slots(ruth, FRIDAY, dr_okafor.id))[0] == "11:30"


async def test_the_past_offers_nothing(ruth, dr_okafor):
    assert await scheduling.free_slots(ruth, date(2026, 11, 19), dr_okafor.id) == []


async def test_what_is_booked_is_not_free_for_anybody(ruth, eve, mara, dr_okafor, at):
    draft = AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=mara.id, starts=at(9, day=23))
    await scheduling.book(ruth, draft)
    for ctx in (ruth, eve):  # eve may not see the appointment, and must not be offered its time
        assert walls(ctx, await scheduling.free_slots(ctx, MONDAY, dr_okafor.id))[0] == "09:15"


async def test_free_slots_by_specialty_kind_and_number_of_days(ruth, max, dr_okafor, dr_lindqvist):
    children = await scheduling.free_slots(ruth, MONDAY, specialty="paediatrics", days=2)
    assert {(slot.practitioner_id, slot.starts.astimezone(ruth.zone).day) for slot in children} == {
        (dr_lindqvist.id, 23),
        (dr_lindqvist.id, 24),
    }
    only_here = SlotsDraft(
        practitioner_id=dr_okafor.id, site_id=ruth.here.id, days=[date(2026, 11, 22)], start=time(9), end=time(10),
        kinds=[Kind.IN_PERSON],
    )  # fmt: skip
    await scheduling.add_slots(max, only_here)
    assert len(await scheduling.free_slots(ruth, date(2026, 11, 22), kind=Kind.IN_PERSON)) == 4
    assert await scheduling.free_slots(ruth, date(2026, 11, 22), kind=Kind.TELE) == []


async def test_slots_at_one_site_only(ruth, system, dr_okafor):
    pharmacy = next(site for site in await organizations.sites(system) if site.name == "Harbour Pharmacy")
    assert await scheduling.free_slots(ruth, MONDAY, dr_okafor.id, site_id=pharmacy.id) == []


async def test_too_many_days_at_once_are_refused(ruth):
    with pytest.raises(Invalid, match="1 to 62 days"):
        await scheduling.free_slots(ruth, MONDAY, days=400)


async def test_hours_for_weekdays_and_for_single_days_in_one_go(max, ruth, dr_okafor):
    sunday, saturday = date(2026, 11, 22), date(2026, 11, 28)
    made = await scheduling.add_slots(
        max,
        SlotsDraft(
            practitioner_id=dr_okafor.id,
            site_id=max.here.id,
            weekdays=[5],
            days=[sunday],
            start=time(9),
            end=time(9, 30),
        ),
    )
    assert [(hours.weekday, hours.day) for hours in made] == [(5, None), (None, sunday)]
    for day, count in ((sunday, 2), (saturday, 2), (date(2026, 11, 29), 0)):
        assert len(await scheduling.free_slots(ruth, day, dr_okafor.id)) == count


async def test_hours_that_overlap_offer_no_time_twice(max, ruth, dr_okafor):
    again = SlotsDraft(
        practitioner_id=dr_okafor.id, site_id=max.here.id, weekdays=[0], start=time(9), end=time(12), minutes=20
    )
    await scheduling.add_slots(max, again)
    found = await scheduling.free_slots(ruth, MONDAY, dr_okafor.id)
    assert all(not one.span.meets(other.span) for one, other in pairwise(found))


async def test_hours_without_a_day_are_refused(dr_okafor, max):
    with pytest.raises(ValidationError, match="on which weekdays"):
        SlotsDraft(practitioner_id=dr_okafor.id, site_id=max.here.id, start=time(9), end=time(10))


async def test_removed_hours_offer_nothing_and_keep_what_is_booked(max, ruth, mara, dr_okafor, at):
    draft = AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=mara.id, starts=at(9, day=23))
    booked = await scheduling.book(ruth, draft)
    monday = next(hours for hours in await availabilities(max, dr_okafor.id) if hours.weekday == 0)
    await remove_availability(max, monday.id)
    assert await scheduling.free_slots(ruth, MONDAY, dr_okafor.id) == []
    assert (await ruth.get(scheduling.Appointment, booked.id)).status is scheduling.AppointmentStatus.BOOKED


async def test_leave_takes_slots_away_and_lists_who_must_be_moved(max, ruth, mara, tom, dr_okafor, at):
    for patient, hour in ((mara, 10), (tom, 15)):
        draft = AppointmentDraft(practitioner_id=dr_okafor.id, patient_id=patient.id, starts=at(hour, day=23))
        await scheduling.book(ruth, draft)
    leave = await add_leave(max, dr_okafor.id, LeaveDraft(starts=at(9, day=23), ends=at(12, day=23), reason="Course"))
    assert [appointment.patient_id for appointment in leave.affected] == [mara.id]
    assert walls(ruth, await scheduling.free_slots(ruth, MONDAY, dr_okafor.id))[0] == "12:00"
    assert [absence.id for absence in await leaves(max, dr_okafor.id)] == [leave.id]


async def test_leave_written_without_a_zone_is_on_the_clock_of_the_site(max, dr_okafor, at):
    naive = LeaveDraft(starts=datetime(2026, 11, 23, 9), ends=datetime(2026, 11, 23, 12))
    assert (await add_leave(max, dr_okafor.id, naive)).starts == at(9, day=23)


async def test_an_inactive_practitioner_offers_nothing(max, ruth, dr_okafor):
    await edit_practitioner(max, dr_okafor.id, PractitionerChange(active=False))
    assert await scheduling.free_slots(ruth, MONDAY, dr_okafor.id) == []
    assert dr_okafor.id not in [doctor.id for doctor in await scheduling.practitioners(ruth)]


async def test_only_those_who_may_change_profiles(ruth, dr_okafor):
    with pytest.raises(Forbidden):
        await edit_practitioner(ruth, dr_okafor.id, PractitionerChange(specialty="Surgery"))
    assert dr_okafor.specialty == "General practice"


async def test_a_profile_stays_with_its_account(dr_okafor):
    with pytest.raises(ValidationError, match="A profile stays with its account"):
        PractitionerChange(account_id=dr_okafor.account_id)


async def test_a_profile_change_touches_only_what_was_said(max, dr_okafor):
    changed = await edit_practitioner(max, dr_okafor.id, PractitionerChange(specialty="Dermatology"))
    assert (changed.name, changed.specialty, changed.active) == ("Dr Ada Okafor", "Dermatology", True)


async def test_a_patient_sees_no_registration_numbers(ruth, dr_okafor, mara):
    ruth.actor = type(ruth.actor)(mara.id, "Mara", "patient", ruth.actor.permissions, (), mara.id)
    with pytest.raises(NotFound):
        await practitioner(ruth, dr_okafor.id)


@pytest.mark.parametrize("day, hours, count", [(date(2027, 4, 4), 25, 100), (date(2026, 10, 4), 23, 92)])
async def test_a_day_on_which_the_clocks_change_has_no_ghost_slot(max, ruth, dr_okafor, day, hours, count):
    """Sydney: clocks go back on 4 April 2027 and forward on 4 October 2026, each a Sunday."""
    ruth.now = datetime(2026, 9, 1, tzinfo=UTC)
    draft = SlotsDraft(practitioner_id=dr_okafor.id, site_id=max.here.id, days=[day], start=time(0), end=time(0))
    await scheduling.add_slots(max, draft)
    found = await scheduling.free_slots(ruth, day, dr_okafor.id)
    assert len(found) == count == hours * 4
    assert len({slot.starts for slot in found}) == count
    assert {slot.starts.astimezone(ruth.zone).date() for slot in found} == {day}
    if hours == 23:
        assert not [wall for wall in walls(ruth, found) if wall.startswith("02")]
    else:
        assert [wall for wall in walls(ruth, found) if wall.startswith("02")] == [
            "02:00",
            "02:15",
            "02:30",
            "02:45",
        ] * 2


async def test_a_second_profile_for_one_account_is_refused(client, dr_okafor):
    iris = await client("iris")
    draft = {"account_id": str(dr_okafor.account_id), "name": "Dr Ada Okafor"}
    answer = await iris.post("/api/v1/practitioners", json=draft)
    assert (answer.status_code, answer.json()["code"]) == (409, "profile_taken")


async def test_the_actors_own_profile(ada, nora, dr_okafor):
    assert (await scheduling.practitioner_of_actor(ada)).id == dr_okafor.id
    with pytest.raises(scheduling.roster.NotAPractitioner):
        await scheduling.practitioner_of_actor(nora)


@pytest.mark.parametrize(
    "field, wrong, right",
    [
        ("hpi_i", "8003619900015718", "8003619900015717"),
        ("npi", "1245319598", "1245319599"),
        ("dea", "BH1234564", "BH1234563"),
        ("provider_number", "2429581A", "2429581T"),
    ],
)
def test_a_practitioners_number_must_pass_its_check(field, wrong, right):
    assert getattr(PractitionerChange(**{field: right}), field) == right
    with pytest.raises(ValidationError, match="check"):
        PractitionerChange(**{field: wrong})


async def test_of_very_many_free_times_the_first_thousand_are_told(ruth, max, dr_okafor):
    hours = {"site_id": ruth.site.id, "start": "00:00", "end": "23:55", "minutes": 5, "weekdays": range(7)}
    await scheduling.add_slots(max, scheduling.SlotsDraft(practitioner_id=dr_okafor.id, **hours))
    found = await scheduling.free_slots(ruth, MONDAY, dr_okafor.id, days=30)
    assert len(found) == 1000 and found == sorted(found, key=lambda slot: (slot.starts, slot.practitioner))
    onward = await scheduling.free_slots(ruth, found[-1].day, dr_okafor.id, days=30)
    assert found[-1] in onward and onward[-1].starts > found[-1].starts
